"""One table of what can be done: bindings, footer, `?` help and the palette are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

EVERYWHERE = "app"


@dataclass(frozen=True)
class Command:
    """Something that a key, the palette and a click on the footer do alike.

    `where` is the id of the pane that has the action, or `EVERYWHERE`. The first of `keys` is the one shown. A command
    with `always` works while a field has the focus; `in_footer` ones are shown at the foot of their pane.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: str = EVERYWHERE
    in_footer: bool = False
    always: bool = False


@dataclass(frozen=True)
class PaneEntry:
    """A pane of the tab bar; its number is fixed from the first version on."""

    number: int
    id: str
    title: str


PANES = (
    PaneEntry(1, "train", "Train"),
    PaneEntry(2, "softmax", "Softmax"),
    PaneEntry(4, "mistakes", "Mistakes"),
)

COMMANDS: tuple[Command, ...] = (
    *(
        Command(f"show_pane('{pane.id}')", (str(pane.number),), pane.title, f"Go to the pane {pane.title}")
        for pane in PANES
    ),
    *(
        Command(
            f"show_pane('{pane.id}')",
            (f"f{pane.number}",),
            pane.title,
            f"Go to the pane {pane.title}, also while a field has the focus",
            always=True,
        )
        for pane in PANES
    ),
    Command("help", ("question_mark",), "keys", "Show every key of this pane", in_footer=True),
    Command("next_theme", ("ctrl+t",), "theme", "Next theme: dark, light, mono", always=True),
    Command("copy_command", ("c",), "copy command", "Copy the headless command that gives the same"),
    Command("dismiss_notice", ("x",), "dismiss notice", "Put away the notice above"),
    Command("restart_engine", ("ctrl+r",), "restart engine", "Start the engine again", always=True),
    Command("quit", ("ctrl+q",), "quit", "Leave; a run that is going on is saved first", in_footer=True, always=True),
    # Train
    Command("toggle_run", ("space",), "start/pause", "Start the run, pause it, let it go on", "train", True),
    Command("step_minibatch", ("full_stop",), "step", "One minibatch, then hold", "train", True),
    Command("step_epoch", ("e",), "epoch", "To the end of the epoch, then hold", "train", True),
    Command("full_speed", ("f",), "full speed", "As fast as the engine goes, and back to the pace", "train", True),
    Command("stop_run", ("s",), "stop", "End the run with a checkpoint", "train", True),
    Command("reset", ("r",), "reset", "Stop, clear the charts and begin anew", "train"),
    Command("toggle_form", ("h",), "form", "Show or hide the settings", "train", True),
    Command("toggle_log", ("y",), "log y", "Logarithmic or linear y axis", "train"),
    Command("toggle_recent", ("w",), "whole/recent", "The whole run, or its last part", "train"),
    Command("smoother", ("m",), "smoothing", "None, some, strong smoothing of the minibatch loss", "train"),
    Command("toggle_accuracy", ("a",), "accuracy", "Show or hide the chart of the accuracy", "train"),
    Command("toggle_templates", ("t",), "templates", "Show or hide the weights as pictures", "train"),
    Command("slower", ("left_square_bracket",), "slower", "Half the pace", "train"),
    Command("faster", ("right_square_bracket",), "faster", "Twice the pace", "train"),
    Command("overlay", ("o",), "overlay", "Lay earlier runs over the chart", "train"),
    Command("resume_run", ("u",), "resume", "Go on with the last stopped run from its checkpoint", "train"),
    Command("toggle_autopsy", ("n",), "autopsy", "Show or fold what is known of a loss that is nan or inf", "train"),
    Command("back", ("escape",), "back", "Fold the settings or the autopsy away", "train"),
    # Softmax
    Command("next_preset", ("p",), "preset", "Next example of logits", "softmax", True),
    Command("next_dtype", ("d",), "dtype", "Next number type", "softmax", True),
    Command("edit", ("enter",), "edit", "Edit the logit under the cursor", "softmax", True),
    Command(
        "step(1)", ("shift+up", "right_square_bracket"), "+1", "Add 1 to the logit under the cursor", "softmax", True
    ),
    Command(
        "step(-1)",
        ("shift+down", "left_square_bracket"),
        "−1",
        "Take 1 from the logit under the cursor",
        "softmax",
        True,
    ),
    Command("next_implementation", ("i",), "explain", "Explain the next implementation", "softmax", True),
    Command("undo", ("z",), "undo", "Take back the last change", "softmax", True),
    Command("step(10)", ("pageup",), "+10", "Add 10 to the logit under the cursor", "softmax"),
    Command("step(-10)", ("pagedown",), "−10", "Take 10 from the logit under the cursor", "softmax"),
    Command("edit_negative", ("minus",), "type −", "Begin to type a negative logit", "softmax"),
    Command("move(0, -1)", ("left",), "left", "Cursor to the class on the left", "softmax"),
    Command("move(0, 1)", ("right",), "right", "Cursor to the class on the right", "softmax"),
    Command("move(-1, 0)", ("up",), "up", "Cursor to the row above", "softmax"),
    Command("move(1, 0)", ("down",), "down", "Cursor to the row below", "softmax"),
    Command("add_row", ("r",), "add row", "One more row, a copy of the one under the cursor (4 at most)", "softmax"),
    Command("delete_row", ("R",), "delete row", "Delete the row under the cursor", "softmax"),
    Command("add_class", ("k",), "add class", "One more class after the cursor (10 at most)", "softmax"),
    Command("delete_class", ("K",), "delete class", "Delete the class under the cursor (2 at least)", "softmax"),
    # Mistakes
    Command("enlarge", ("enter",), "enlarge", "Enlarge the image; in the matrix: filter by the cell", "mistakes", True),
    Command("back", ("escape",), "back", "Out of the large view, the matrix, the filter", "mistakes", True),
    Command("next_style", ("v",), "style", "ASCII ramp, half blocks, braille", "mistakes", True),
    Command("next_sort", ("s",), "sort", "By loss, confidence, margin, index", "mistakes", True),
    Command("toggle_matrix", ("m",), "matrix", "Walk in the confusion matrix, and back", "mistakes", True),
    Command("next_pair", ("n",), "next pair", "Filter by the next most confused pair", "mistakes", True),
    Command("clear_filter", ("a",), "all", "Clear the filter", "mistakes", True),
    Command("freeze", ("f",), "freeze", "Hold the pictures still while the run goes on", "mistakes", True),
    Command("suspects", ("l",), "label errors", "The surest mistakes: the label may be wrong", "mistakes", True),
    Command("other_run(1)", ("o",), "other run", "Look at the next stored run, or the live one", "mistakes", True),
    Command("other_run(-1)", ("O",), "run before", "Look at the run before that one", "mistakes"),
    Command("reverse", ("b",), "reverse", "Turn the order around", "mistakes"),
    Command("filter_side(1)", ("t",), "this label", "Filter by the true class under the cursor", "mistakes"),
    Command("filter_side(0)", ("p",), "this answer", "Filter by the predicted class under the cursor", "mistakes"),
    Command("next_side", ("e",), "evidence", "In the large view: evidence for another class", "mistakes"),
)


def commands_of(where: str) -> tuple[Command, ...]:
    """The commands of a pane, or those that work everywhere."""
    return tuple(command for command in COMMANDS if command.where == where)


def bindings_of(where: str) -> list[Binding]:
    """The bindings that a pane or the app declares."""
    return [
        Binding(",".join(command.keys), command.action, command.label, show=False, priority=command.always)
        for command in commands_of(where)
    ]


_SHOWN = {
    "space": "space",
    "full_stop": ".",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "escape": "esc",
}


def shown_key(key: str) -> str:
    """A key as people write it."""
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return _SHOWN.get(key, key)
