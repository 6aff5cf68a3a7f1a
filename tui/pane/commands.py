"""One table of what can be done: bindings, footer, `?` help and the palette are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType

EVERYWHERE = "app"


@dataclass(frozen=True)
class Command:
    """Something that a key, the palette and a click on the footer do alike.

    `where` is the id of the pane that has the action, or `EVERYWHERE`. The first of `keys` is the one shown. A command
    with `always` works while something is typed; `in_footer` ones are shown at the foot of their pane. `also` has
    other words under which the palette finds it.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: str = EVERYWHERE
    in_footer: bool = False
    always: bool = False
    also: str = ""


@dataclass(frozen=True)
class PaneEntry:
    """A pane of the tab bar; its number is fixed from the first version on."""

    number: int
    id: str
    title: str


PANES = (
    PaneEntry(1, "train", "Train"),
    PaneEntry(2, "softmax", "Softmax"),
    PaneEntry(3, "loss", "Loss"),
    PaneEntry(4, "mistakes", "Mistakes"),
    PaneEntry(5, "decide", "Decide"),
    PaneEntry(6, "sweep", "Sweep"),
    PaneEntry(7, "vocabulary", "Vocab"),
)


def _to_charts(where: str) -> tuple[Command, ...]:
    help_ = "To the charts: ← and → read values off, + and - zoom"
    return (Command("to_figures", ("tab",), "charts", help_, where, True, also="read crosshair zoom"),)


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
            f"Go to the pane {pane.title}, also while something is typed",
            always=True,
        )
        for pane in PANES
    ),
    Command(
        "command_palette", ("ctrl+p",), "find", "Find a command or a setting by its name", in_footer=True, always=True
    ),
    Command("help", ("question_mark",), "keys", "Show every key of this pane", in_footer=True),
    Command(
        "words",
        ("W",),
        "words",
        "What the words on the screen mean",
        also="glossary dictionary terms definition help",
    ),
    Command("follow", ("g",), "follow hint", "Follow the line that begins with Next: the tour", also="tour next hint"),
    Command(
        "exercises",
        ("E",),
        "exercises",
        "The five exercises of the book, and the answers seen",
        also="exercise exercises book questions",
    ),
    Command("next_theme", ("ctrl+t",), "theme", "Next theme: dark, light, mono", always=True),
    Command("copy_command", ("c",), "copy command", "Copy the command that does the same without the app"),
    Command("dismiss_notice", ("x",), "dismiss notice", "Close the notice above"),
    Command("show_notice", ("N",), "notice", "Show the notice above in full", also="message warning"),
    Command("restart_engine", ("ctrl+r",), "restart engine", "Start the engine again", always=True),
    Command(
        "detach",
        ("D",),
        "detach",
        "Leave the run or the sweep running when the app ends",
        also="background leave disconnect logout",
    ),
    Command("quit", ("ctrl+q",), "quit", "Quit; a live run is saved first", EVERYWHERE, True, True, "exit"),
    # Train
    Command("toggle_run", ("space",), "start/pause", "Start, pause or continue the run", "train", True),
    Command("step_minibatch", ("full_stop",), "step", "Train one minibatch, then pause", "train", True),
    Command("step_epoch", ("e",), "epoch", "Train to the end of the epoch, then pause", "train", True),
    Command("full_speed", ("f",), "full speed", "Full speed, or back to the chosen pace", "train", True),
    Command("stop_run", ("s",), "stop", "Stop the run and save a checkpoint", "train", True),
    Command("reset", ("r",), "reset", "Stop, clear the charts and start over", "train"),
    Command("toggle_form", ("h",), "form", "Edit the settings; in the form: hide the form", "train", True),
    Command("toggle_log", ("y",), "log y", "Logarithmic or linear y axis", "train"),
    Command("toggle_recent", ("w",), "whole/recent", "Show the whole run, or its last part", "train"),
    Command("smoother", ("m",), "smoothing", "None, some, strong smoothing of the minibatch loss", "train"),
    Command("toggle_accuracy", ("a",), "accuracy", "Show or hide the chart of the accuracy", "train"),
    Command("toggle_templates", ("t",), "templates", "Show or hide the weights as pictures", "train"),
    Command(
        "to_figures",
        ("tab",),
        "charts",
        "To the charts: ← and → read values off, + and - zoom; then to the weights",
        "train",
        True,
        also="read crosshair zoom weights",
    ),
    Command("other_axis", ("X",), "axis", "Draw the charts over epochs, or over seconds of computing", "train"),
    Command("slower", ("left_square_bracket",), "slower", "Half the pace", "train"),
    Command("faster", ("right_square_bracket",), "faster", "Twice the pace", "train"),
    Command("overlay", ("o",), "overlay", "Choose earlier runs to draw over the chart", "train", also="compare runs"),
    Command("resume_run", ("u",), "resume", "Continue the last stopped run from its checkpoint", "train"),
    Command("toggle_autopsy", ("n",), "autopsy", "Show or hide the autopsy of a loss that is nan or inf", "train"),
    Command("back", ("escape",), "back", "Close the settings or the autopsy", "train"),
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
        "Subtract 1 from the logit under the cursor",
        "softmax",
        True,
    ),
    Command("next_implementation", ("i",), "explain", "Explain the next implementation", "softmax", True),
    Command("undo", ("z",), "undo", "Undo the last change", "softmax", True),
    Command("step(10)", ("pageup",), "+10", "Add 10 to the logit under the cursor", "softmax"),
    Command("step(-10)", ("pagedown",), "−10", "Subtract 10 from the logit under the cursor", "softmax"),
    Command("edit_negative", ("minus",), "type −", "Begin to type a negative logit", "softmax"),
    Command("move(0, -1)", ("left",), "left", "Move the cursor to the class on the left", "softmax"),
    Command("move(0, 1)", ("right",), "right", "Move the cursor to the class on the right", "softmax"),
    Command("move(-1, 0)", ("up",), "up", "Move the cursor to the row above", "softmax"),
    Command("move(1, 0)", ("down",), "down", "Move the cursor to the row below", "softmax"),
    Command("add_row", ("r",), "add row", "Add a copy of the row under the cursor (4 rows at most)", "softmax"),
    Command("delete_row", ("R",), "delete row", "Delete the row under the cursor", "softmax"),
    Command("add_class", ("k",), "add class", "Add a class after the cursor (10 classes at most)", "softmax"),
    Command(
        "delete_class", ("K",), "delete class", "Delete the class under the cursor (2 classes at least)", "softmax"
    ),
    # Loss
    Command("go", ("space",), "measure/stop", "Measure or train, as this view shows; again: stop", "loss", True),
    Command("next_preset", ("p",), "example", "Next example in which a loss breaks", "loss", True),
    Command("next_dtype", ("d",), "dtype", "Next number type", "loss", True),
    Command("soften", ("s",), "soft labels", "Label smoothing 0.1, or none", "loss", True),
    Command("toggle_form", ("h",), "form", "Edit the settings; in the form: hide the form", "loss", True),
    Command("next_view", ("v",), "view", "Table, time, classes, training, −log p", "loss", True),
    Command("next_answer", ("a",), "answer", "Show the next question and its answer", "loss", True),
    Command("show_table", ("t",), "table", "Value, gradient, time and memory of each loss", "loss"),
    Command("show_time", ("b",), "time", "Bars of the times, and what costs the definition time", "loss"),
    Command("show_classes", ("n",), "classes", "Time against the number of classes", "loss"),
    Command("show_training", ("r",), "training", "Whole runs with each loss, side by side", "loss"),
    Command(
        "show_slider",
        ("l",),
        "−log p",
        "Move p towards 0: loss, gradient and clipping",
        "loss",
        also="log p -log p slider",
    ),
    *_to_charts("loss"),
    Command("toggle_gradient", ("w",), "gradient", "Measure the value alone, or with its gradient", "loss"),
    Command("toggle_accuracy", ("y",), "accuracy/loss", "In training: draw the accuracy or the loss", "loss"),
    Command("slide(1)", ("right",), "towards 0", "In −log p: p towards 0", "loss"),
    Command("slide(-1)", ("left",), "towards 1", "In −log p: p towards 1", "loss"),
    Command("slide_to_end(-1)", ("end",), "p = 0", "In −log p: to p = 0", "loss"),
    Command("slide_to_end(0)", ("home",), "p = 1", "In −log p: to p = 1", "loss"),
    Command("clip(1)", ("up",), "clip higher", "In −log p: clip at 10 times the probability", "loss"),
    Command("clip(-1)", ("down",), "clip lower", "In −log p: clip at a tenth of the probability", "loss"),
    Command("back", ("escape",), "back", "Leave the form, then go to the table", "loss"),
    # Mistakes
    Command("enlarge", ("enter",), "enlarge", "Enlarge the image; in the matrix: filter by the cell", "mistakes", True),
    Command("back", ("escape",), "back", "Leave the large view, the matrix or the filter", "mistakes", True),
    Command("choose_run", ("o",), "run", "Choose the run to look at", "mistakes", True, also="picker list runs"),
    Command("next_style", ("i",), "style", "ASCII ramp, half blocks, braille", "mistakes", True),
    Command("next_sort", ("s",), "sort", "By loss, confidence, margin, index", "mistakes", True),
    Command(
        "toggle_matrix", ("v", "m"), "view", "Gallery or confusion matrix", "mistakes", True, also="confusion heatmap"
    ),
    Command("next_pair", ("n",), "next pair", "Filter by the next most confused pair", "mistakes", True),
    Command("clear_filter", ("a",), "all", "Clear the filter", "mistakes", True),
    Command("freeze", ("f",), "freeze", "Freeze the pictures while the run continues", "mistakes", True),
    Command("suspects", ("l",), "label errors", "Only the mistakes whose label may be wrong", "mistakes", True),
    Command("reverse", ("b",), "reverse", "Reverse the order", "mistakes"),
    Command("filter_side(1)", ("t",), "this label", "Filter by the true class under the cursor", "mistakes"),
    Command("filter_side(0)", ("p",), "this answer", "Filter by the predicted class under the cursor", "mistakes"),
    Command("other_part", ("w",), "part", "Judge on the validation or the test part", "mistakes", also="test held out"),
    Command(
        "next_side",
        ("e",),
        "evidence",
        "In the large view: other evidence, smallest change to another class",
        "mistakes",
    ),
    # Decide
    Command("next_view(1)", ("v",), "view", "Threshold, Costs, Trust, Sets, Monitor", "decide", True),
    Command("next_positive(1)", ("p",), "class", "Find the next class", "decide", True),
    Command("edit", ("e",), "edit", "Edit the number of this view", "decide", True),
    Command(
        "next_preset",
        ("d",),
        "preset",
        "Other costs: two prices, symmetrical, lethal, ordinal, squared",
        "decide",
        True,
    ),
    Command("toggle_pictures", ("m",), "pictures", "Show the images of this view, or its figures", "decide", True),
    Command(
        "next_front",
        ("h",),
        "benefit, groups",
        "Other figures of the threshold: rates, net benefit, groups",
        "decide",
        True,
        also="decision curve treat all none interventions",
    ),
    Command(
        "next_groups",
        ("l",),
        "groups by",
        "Groups as the file names them, by brightness, by size, or none",
        "decide",
        also="fairness subgroups sites hospitals gaps",
    ),
    Command("choose_run", ("o",), "run", "Choose the run to look at", "decide", True, also="picker list runs"),
    Command("together", ("s",), "seeds", "Judge the seeds of a sweep together, as an ensemble", "decide", True),
    Command("freeze", ("f",), "freeze", "Freeze the figures while the run continues", "decide", True),
    Command("move(-1)", ("left",), "less", "Lower the number of the view; in Monitor: earlier", "decide"),
    Command("move(1)", ("right",), "more", "Raise the number of the view; in Monitor: later", "decide"),
    Command("move(-1, True)", ("shift+left", "pagedown"), "much less", "Lower that number to the next tenth", "decide"),
    Command("move(1, True)", ("shift+right", "pageup"), "much more", "Raise that number to the next tenth", "decide"),
    Command("other_part", ("w",), "part", "Judge on the validation or the test part", "decide", also="test held out"),
    Command("cheapest_threshold", ("a",), "cheapest", "Set the cheapest threshold for the two costs", "decide"),
    Command("read_costs", ("r",), "read costs", "Read the cost matrix from a CSV file", "decide"),
    Command("undo", ("z",), "undo", "Undo the last change of the costs", "decide"),
    Command("next_style", ("i",), "style", "ASCII ramp, half blocks, braille", "decide"),
    Command("next_positive(-1)", ("P",), "class before", "Find the class before", "decide"),
    *_to_charts("decide"),
    Command("show_view('threshold')", ("t",), "threshold", "The threshold: the images found and missed", "decide"),
    Command("show_view('costs')", ("k",), "costs", "The cost of each mistake, and the decisions that flip", "decide"),
    Command(
        "show_view('trust')",
        ("u",),
        "trust",
        "Whether the probabilities can be trusted",
        "decide",
        also="calibration reliability temperature ensemble",
    ),
    Command(
        "show_view('sets')",
        ("n",),
        "sets",
        "Sets of labels that hold the true class at a level",
        "decide",
        also="conformal prediction coverage level uncertainty",
    ),
    Command("next_size(-1)", ("up",), "smaller sets", "In Sets: smaller sets; in Monitor: a stronger change", "decide"),
    Command("next_size(1)", ("down",), "larger sets", "In Sets: larger sets; in Monitor: a weaker change", "decide"),
    Command("next_method", ("b",), "method", "How sets are made; in Monitor: how images change", "decide"),
    Command(
        "show_view('monitor')",
        ("y",),
        "monitor",
        "Who notices when the images change",
        "decide",
        also="drift stream martingale alarm conformal noise brightness rotation occlusion prevalence",
    ),
    Command("next_stream", ("j",), "order", "In Monitor: the images in another order", "decide"),
    Command("next_view(-1)", ("V",), "view before", "Monitor, Sets, Trust, Costs, Threshold", "decide"),
    Command("back", ("escape",), "back", "Leave the field or the pictures", "decide"),
    # Sweep
    Command("toggle_sweep", ("space",), "start/stop", "Start or stop the sweep; finished runs stay", "sweep", True),
    Command("predict", ("p",), "predict", "Sketch the curve you expect; enter shows the result", "sweep", True),
    Command("next_preset", ("b",), "exercise", "The book's learning rates or batch sizes", "sweep", True),
    Command("enter", ("enter",), "open", "Open the row's run in Mistakes; in a sketch: show the result", "sweep", True),
    Command("next_view", ("v",), "view", "Curves, final losses, table", "sweep", True),
    Command("toggle_form", ("h",), "form", "Edit the settings; in the form: hide the form", "sweep", True),
    Command("resume_sweep", ("u",), "resume", "Continue the last sweep that was stopped", "sweep", True),
    Command("next_question", ("q",), "question", "Compare at equal images, equal steps or scaled rates", "sweep", True),
    Command("other_sweep(1)", ("o",), "earlier", "Look at the sweep before this one", "sweep", True),
    Command("other_sweep(-1)", ("O",), "later", "Look at the sweep after this one", "sweep"),
    Command("write", ("w",), "write", "Write the results to a csv, json, Markdown or text file", "sweep", True),
    Command("open_in_decide", ("d",), "decide", "Open the row's run in Decide", "sweep"),
    Command("toggle_log", ("y",), "log y", "Logarithmic or linear losses in the curves", "sweep"),
    *_to_charts("sweep"),
    Command("other_axis", ("X",), "axis", "Draw the curves over epochs, or over seconds of computing", "sweep"),
    Command("move(-1, 0)", ("up",), "up", "Row above; in a sketch: a higher loss", "sweep"),
    Command("move(1, 0)", ("down",), "down", "Row below; in a sketch: a lower loss", "sweep"),
    Command("move(0, -1)", ("left",), "left", "Pair on the left; in a sketch: the value before", "sweep"),
    Command("move(0, 1)", ("right",), "right", "Pair on the right; in a sketch: the next value", "sweep"),
    Command("back", ("escape",), "back", "Leave the sketch, the settings or the earlier sweep", "sweep"),
    # Vocabulary
    Command("go", ("space",), "measure/stop", "Measure or train, as this view shows; again: stop", "vocabulary", True),
    Command("slide(1)", ("right",), "more words", "More words (V); memory is predicted at once", "vocabulary", True),
    Command("slide(-1)", ("left",), "fewer words", "Fewer words (V)", "vocabulary", True),
    Command("next_view", ("v",), "view", "Table, memory, time, training", "vocabulary", True),
    Command("toggle_form", ("h",), "form", "Edit the settings; in the form: hide the form", "vocabulary", True),
    Command("show_table", ("t",), "table", "Every method at this V: predicted and measured", "vocabulary"),
    Command("show_memory", ("m",), "memory", "Memory against V: predicted lines, measured letters", "vocabulary"),
    Command("show_time", ("i",), "time", "Time forward and backward against V", "vocabulary"),
    Command(
        "show_training",
        ("r",),
        "training",
        "Perplexity against seconds; again: curves or table",
        "vocabulary",
    ),
    *(
        Command(f"toggle_method({index})", (key,), name, f"Switch {name} off or on", "vocabulary")
        for index, (key, name) in enumerate(
            zip("fkabsn", ("full", "chunked", "adaptive", "class-based", "sampled", "negative"), strict=True)
        )
    ),
    *_to_charts("vocabulary"),
    Command("slide_to_end(-1)", ("end",), "V = 1M", "Set V to 1,000,000 words", "vocabulary"),
    Command("slide_to_end(0)", ("home",), "V = 1k", "Set V to 1,000 words", "vocabulary"),
    Command("back", ("escape",), "back", "Leave the form, then go to the table", "vocabulary"),
)


_other_keys: dict[str, str] = {}  # of the terminal that the app is on


def use_other_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """From here on each of these keys has another beside it, which is shown first; returns Textual's keymap for that.

    The first key still works where the terminal lets it through.
    """
    _other_keys.clear()
    _other_keys.update(keys)
    return {_id_of(command): ",".join(_keys(command)) for command in COMMANDS if _keys(command) != command.keys}


def commands_of(where: str) -> tuple[Command, ...]:
    """The commands of a pane, or those that work everywhere, with the keys that they have on this terminal."""
    return tuple(_with_keys(command) for command in COMMANDS if command.where == where)


def command_of(where: str, action: str) -> Command:
    """The command of a pane, or of every pane, with that action. Raises KeyError where there is none."""
    for command in COMMANDS:
        if command.action == action and command.where in (where, EVERYWHERE):
            return _with_keys(command)
    raise KeyError(f"{where}: no command {action}")


def key_of(where: str, action: str) -> str:
    """The key, as people write it, of a command of a pane or of every pane. Raises KeyError where there is none."""
    return shown_key(command_of(where, action).keys[0])


def bindings_of(where: str) -> list[BindingType]:
    """The bindings that a pane or the app declares; their ids are those of the keymap."""
    return [
        Binding(
            ",".join(command.keys),
            command.action,
            command.label,
            show=False,
            priority=command.always,
            id=_id_of(command),
        )
        for command in COMMANDS
        if command.where == where
    ]


def _id_of(command: Command) -> str:
    return f"{command.where}.{command.keys[0]}"


def _with_keys(command: Command) -> Command:
    return replace(command, keys=_keys(command)) if _other_keys else command


def _keys(command: Command) -> tuple[str, ...]:
    others = [_other_keys[key] for key in command.keys if key in _other_keys]
    return (*others, *command.keys)


_SHOWN = {
    "space": "space",
    "full_stop": ".",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}


def shown_key(key: str) -> str:
    """A key as people write it."""
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return _SHOWN.get(key, key)


def key_name(shown: str) -> str:
    """A key by its name, as people or Textual write it: the opposite of `shown_key`."""
    if shown[:1] == "F" and shown[1:].isdigit():
        return shown.lower()
    return next((key for key, sign in _SHOWN.items() if sign == shown), shown)
