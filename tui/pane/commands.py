"""One table of what can be done: bindings, footer, `?` help and the palette are made from it."""

from __future__ import annotations

from dataclasses import dataclass

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
    Command("command_palette", ("ctrl+p",), "find", "Find a command by its words", in_footer=True, always=True),
    Command("help", ("question_mark",), "keys", "Show every key of this pane", in_footer=True),
    Command("follow", ("g",), "follow hint", "Do what the line says that begins with Next", also="tour next hint"),
    Command(
        "exercises",
        ("E",),
        "exercises",
        "The five exercises of the book: which answers were seen",
        also="exercise exercises book questions",
    ),
    Command("next_theme", ("ctrl+t",), "theme", "Next theme: dark, light, mono", always=True),
    Command("copy_command", ("c",), "copy command", "Copy the headless command that gives the same"),
    Command("dismiss_notice", ("x",), "dismiss notice", "Put away the notice above"),
    Command("show_notice", ("X",), "notice", "Show the notice above in full", also="message warning"),
    Command("restart_engine", ("ctrl+r",), "restart engine", "Start the engine again", always=True),
    Command(
        "quit", ("ctrl+q",), "quit", "Leave; a run that is going on is saved first", EVERYWHERE, True, True, "exit"
    ),
    # Train
    Command("toggle_run", ("space",), "start/pause", "Start the run, pause it, let it go on", "train", True),
    Command("step_minibatch", ("full_stop",), "step", "One minibatch, then hold", "train", True),
    Command("step_epoch", ("e",), "epoch", "To the end of the epoch, then hold", "train", True),
    Command("full_speed", ("f",), "full speed", "As fast as the engine goes, and back to the pace", "train", True),
    Command("stop_run", ("s",), "stop", "End the run with a checkpoint", "train", True),
    Command("reset", ("r",), "reset", "Stop, clear the charts and begin anew", "train"),
    Command("toggle_form", ("h",), "form", "The cursor into the settings; from there: hide them", "train", True),
    Command("toggle_log", ("y",), "log y", "Logarithmic or linear y axis", "train"),
    Command("toggle_recent", ("w",), "whole/recent", "The whole run, or its last part", "train"),
    Command("smoother", ("m",), "smoothing", "None, some, strong smoothing of the minibatch loss", "train"),
    Command("toggle_accuracy", ("a",), "accuracy", "Show or hide the chart of the accuracy", "train"),
    Command("toggle_templates", ("t",), "templates", "Show or hide the weights as pictures", "train"),
    Command(
        "focus_templates", ("tab",), "to the weights", "To the weights: left and right choose, enter enlarges", "train"
    ),
    Command("slower", ("left_square_bracket",), "slower", "Half the pace", "train"),
    Command("faster", ("right_square_bracket",), "faster", "Twice the pace", "train"),
    Command("overlay", ("o",), "overlay", "Choose earlier runs to lay over the chart", "train", also="compare runs"),
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
    # Loss
    Command("go", ("space",), "measure/stop", "Measure, or train, what is in front; again to stop", "loss", True),
    Command("next_preset", ("p",), "example", "Next example in which a loss breaks", "loss", True),
    Command("next_dtype", ("d",), "dtype", "Next number type", "loss", True),
    Command("soften", ("s",), "soft labels", "Label smoothing 0.1, and none", "loss", True),
    Command("toggle_form", ("h",), "form", "The cursor into the settings; from there: hide them", "loss", True),
    Command("next_view", ("v",), "view", "Table, time, classes, training, −log p", "loss", True),
    Command("next_answer", ("a",), "answer", "The next question with its answer", "loss", True),
    Command("show_table", ("t",), "table", "Value, gradient, time and memory of each loss", "loss"),
    Command("show_time", ("b",), "time", "Bars of the times, and where the definition's goes", "loss"),
    Command("show_classes", ("n",), "classes", "Time against the number of classes", "loss"),
    Command("show_training", ("r",), "training", "A whole run with each loss, side by side", "loss"),
    Command(
        "show_slider",
        ("l",),
        "−log p",
        "p on its way to 0, its loss, its gradient, and clipping",
        "loss",
        also="log p -log p slider",
    ),
    Command("toggle_gradient", ("w",), "gradient", "The value alone, or with its gradient", "loss"),
    Command("toggle_accuracy", ("y",), "accuracy/loss", "In training: draw the accuracy or the loss", "loss"),
    Command("slide(1)", ("right",), "towards 0", "In −log p: p towards 0", "loss"),
    Command("slide(-1)", ("left",), "towards 1", "In −log p: p towards 1", "loss"),
    Command("slide_to_end(-1)", ("end",), "p = 0", "In −log p: to p = 0", "loss"),
    Command("slide_to_end(0)", ("home",), "p = 1", "In −log p: to p = 1", "loss"),
    Command("clip(1)", ("up",), "clip higher", "In −log p: clip at ten times as much", "loss"),
    Command("clip(-1)", ("down",), "clip lower", "In −log p: clip at a tenth of it", "loss"),
    Command("back", ("escape",), "back", "Out of the form, then to the table", "loss"),
    # Mistakes
    Command("enlarge", ("enter",), "enlarge", "Enlarge the image; in the matrix: filter by the cell", "mistakes", True),
    Command("back", ("escape",), "back", "Out of the large view, the matrix, the filter", "mistakes", True),
    Command("choose_run", ("o",), "run", "Choose the run to look at", "mistakes", True, also="picker list runs"),
    Command("next_style", ("i",), "style", "ASCII ramp, half blocks, braille", "mistakes", True),
    Command("next_sort", ("s",), "sort", "By loss, confidence, margin, index", "mistakes", True),
    Command(
        "toggle_matrix", ("v", "m"), "view", "Gallery or confusion matrix", "mistakes", True, also="confusion heatmap"
    ),
    Command("next_pair", ("n",), "next pair", "Filter by the next most confused pair", "mistakes", True),
    Command("clear_filter", ("a",), "all", "Clear the filter", "mistakes", True),
    Command("freeze", ("f",), "freeze", "Hold the pictures still while the run goes on", "mistakes", True),
    Command("suspects", ("l",), "label errors", "The surest mistakes: the label may be wrong", "mistakes", True),
    Command("reverse", ("b",), "reverse", "Turn the order around", "mistakes"),
    Command("filter_side(1)", ("t",), "this label", "Filter by the true class under the cursor", "mistakes"),
    Command("filter_side(0)", ("p",), "this answer", "Filter by the predicted class under the cursor", "mistakes"),
    Command("next_side", ("e",), "evidence", "In the large view: evidence for another class", "mistakes"),
    # Decide
    Command("next_view(1)", ("v",), "view", "Threshold, Costs, Trust", "decide", True),
    Command("next_positive(1)", ("p",), "class", "The next class is the one to find", "decide", True),
    Command("edit", ("e",), "edit", "Type the number of the view", "decide", True),
    Command("next_preset", ("d",), "preset", "Other costs: two prices, symmetrical, lethal, ordinal", "decide", True),
    Command("toggle_pictures", ("m",), "pictures", "From the cost matrix to the images that flip", "decide", True),
    Command("choose_run", ("o",), "run", "Choose the run to look at", "decide", True, also="picker list runs"),
    Command("together", ("s",), "seeds", "Ask the seeds of a sweep together, as an ensemble", "decide", True),
    Command("freeze", ("f",), "freeze", "Hold the figures still while the run goes on", "decide", True),
    Command("move(-1)", ("left",), "less", "Lower the threshold, or what a referral costs", "decide"),
    Command("move(1)", ("right",), "more", "Raise the threshold, or what a referral costs", "decide"),
    Command("move(-1, True)", ("shift+left", "pagedown"), "much less", "Lower it to the next tenth", "decide"),
    Command("move(1, True)", ("shift+right", "pageup"), "much more", "Raise it to the next tenth", "decide"),
    Command("cheapest_threshold", ("a",), "cheapest", "The threshold that is cheapest at the two prices", "decide"),
    Command("read_costs", ("r",), "read costs", "Read the cost matrix from a CSV file", "decide"),
    Command("undo", ("z",), "undo", "Take the last change of the costs back", "decide"),
    Command("next_style", ("i",), "style", "ASCII ramp, half blocks, braille", "decide"),
    Command("next_positive(-1)", ("P",), "class before", "The class before is the one to find", "decide"),
    Command("show_view('threshold')", ("t",), "threshold", "The threshold, and what it finds and misses", "decide"),
    Command("show_view('costs')", ("k",), "costs", "What each mistake costs, and the decisions that flip", "decide"),
    Command("show_view('trust')", ("u",), "trust", "Whether the probabilities can be trusted", "decide"),
    Command("next_view(-1)", ("V",), "view before", "Trust, Costs, Threshold", "decide"),
    Command("back", ("escape",), "back", "Out of a field, out of the pictures", "decide"),
    # Sweep
    Command("toggle_sweep", ("space",), "start/stop", "Start or stop the sweep; what has ended stays", "sweep", True),
    Command("predict", ("p",), "predict", "Sketch the curve before it is seen; enter reveals", "sweep", True),
    Command("next_preset", ("b",), "exercise", "Learning rates, batch sizes: the book's values", "sweep", True),
    Command("enter", ("enter",), "open", "Open the row's run in Mistakes; in a sketch: reveal", "sweep", True),
    Command("next_view", ("v",), "view", "Curves, final losses, table", "sweep", True),
    Command("toggle_form", ("h",), "form", "The cursor into the settings; from there: hide them", "sweep", True),
    Command("resume_sweep", ("u",), "resume", "Go on with the last sweep that was stopped", "sweep", True),
    Command("next_question", ("q",), "question", "At equal images, equal steps, or the rate scaled", "sweep", True),
    Command("other_sweep(1)", ("o",), "earlier", "Look at the sweep before this one", "sweep", True),
    Command("other_sweep(-1)", ("O",), "later", "Look at the sweep after this one", "sweep"),
    Command("write", ("w",), "write", "Write the results to a csv, json, Markdown or text file", "sweep", True),
    Command("open_in_decide", ("d",), "decide", "Open the row's run in Decide", "sweep"),
    Command("toggle_log", ("y",), "log y", "Logarithmic or linear losses in the curves", "sweep"),
    Command("move(-1, 0)", ("up",), "up", "Row above; in a sketch: a higher loss", "sweep"),
    Command("move(1, 0)", ("down",), "down", "Row below; in a sketch: a lower loss", "sweep"),
    Command("move(0, -1)", ("left",), "left", "Pair on the left; in a sketch: the value before", "sweep"),
    Command("move(0, 1)", ("right",), "right", "Pair on the right; in a sketch: the next value", "sweep"),
    Command("back", ("escape",), "back", "Out of the sketch, the settings, the earlier sweep", "sweep"),
    # Vocabulary
    Command("go", ("space",), "measure/stop", "Measure, or train, what is in front; again to stop", "vocabulary", True),
    Command("slide(1)", ("right",), "more words", "V further: memory is predicted at once", "vocabulary", True),
    Command("slide(-1)", ("left",), "fewer words", "V back", "vocabulary", True),
    Command("next_view", ("v",), "view", "Table, memory, time, training", "vocabulary", True),
    Command("toggle_form", ("h",), "form", "The cursor into the settings; from there: hide them", "vocabulary", True),
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
        Command(f"toggle_method({index})", (key,), name, f"{name} off, or on again", "vocabulary")
        for index, (key, name) in enumerate(
            zip("fkabsn", ("full", "chunked", "adaptive", "class-based", "sampled", "negative"), strict=True)
        )
    ),
    Command("slide_to_end(-1)", ("end",), "V = 1M", "V to 1,000,000 words", "vocabulary"),
    Command("slide_to_end(0)", ("home",), "V = 1k", "V to 1,000 words", "vocabulary"),
    Command("back", ("escape",), "back", "Out of the form, then to the table", "vocabulary"),
)


def commands_of(where: str) -> tuple[Command, ...]:
    """The commands of a pane, or those that work everywhere."""
    return tuple(command for command in COMMANDS if command.where == where)


def key_of(where: str, action: str) -> str:
    """The key, as people write it, of a command of a pane or of every pane. Raises KeyError where there is none."""
    for command in COMMANDS:
        if command.action == action and command.where in (where, EVERYWHERE):
            return shown_key(command.keys[0])
    raise KeyError(f"{where}: no command {action}")


def bindings_of(where: str) -> list[BindingType]:
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
