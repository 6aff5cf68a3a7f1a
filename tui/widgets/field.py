"""One setting in a line: its label, its value, and under it what is wrong with that."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from engine.contract.settings import Setting
from tui.drawing.form_text import choices_of, cycled, stepped
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import wrap
from tui.widgets.entry import Entry
from tui.widgets.messages import FromWidget
from tui.widgets.row import Row

LEAST_LABEL = 13  # columns, so that most values stand below each other
WHILE_TYPING = "enter keeps the edit, esc restores the old value."
_NEXT = "next: "


class Field(Row):
    """Posts `Edited` for every change, whether the text is right or wrong, and `Done` once an edit is over.

    `in_front`, where it is not None, is the value that the run in front has instead: both are shown.
    """

    DEFAULT_CSS = "Field { width: 1fr; } Field:hover { background: $surface; }"

    class Edited(FromWidget["Field"]):
        """`text` is another one, right or wrong. It is read from the field: more may have been typed since."""

    class Done(FromWidget["Field"]):
        """The edit is over, and the row so many on is wanted; `aside` where the focus has gone elsewhere already."""

        def __init__(self, field: Field, rows: int, aside: bool) -> None:
            super().__init__(field)
            self.rows, self.aside = rows, aside

    def __init__(
        self,
        setting: Setting,
        text: str,
        suggestions: Sequence[str] = (),
        least_label: int = LEAST_LABEL,
        *,
        words: bool = False,
    ) -> None:
        """`words` is whether blanks belong into its number, as in "1 in 1,000"."""
        super().__init__(id=f"field-{setting.name}")
        self.setting, self.suggestions = setting, tuple(suggestions)
        self.choices: Sequence[str] = choices_of(setting)  # an owner may have others in their place
        self.text, self.message = text, ""
        self.in_front: str | None = None
        self.editing = False
        self._default = True
        self._before = text  # what an edit began with
        self._label = max(least_label, len(setting.label))  # columns
        self.is_number = setting.kind in ("integer", "number") and not words
        self._entry = Entry(self.is_number, self.step, self.end_edit)
        self.tooltip = f"{setting.help}: {setting.expected}"

    # What it shows

    def write(self, text: str) -> None:
        """Another value, which somebody else has given."""
        self.text = text
        if self.editing and self._entry.value != text:
            self._entry.value = text
            self._entry.action_end()
        self.draw()

    def show_message(self, line: str, default: bool, in_front: str | None = None) -> None:
        """One line that says what is wrong, empty when nothing is."""
        if (line, default, in_front) != (self.message, self._default, self.in_front):
            self.message, self._default, self.in_front = line, default, in_front
            self.draw()

    def draw(self) -> None:
        role = "wrong" if self.message else "title" if self.here or self.editing else "muted"
        label = Run(f"{'>' if self.here else ' '}{padded(self.setting.label, self._label)} ", role)
        first, *below = self._typed() if self.editing else self._value()
        said = wrap(plain(self.message), max(8, self._width - 2)) if self.message else []
        self.show([(label, *first), *below, *((Run(f"  {line}", "wrong"),) for line in said)])
        if self.editing:
            self._entry.styles.offset, self._entry.styles.width = (self._label + 2, 0), max(1, self._room)

    @property
    def _width(self) -> int:
        return self.size.width or 40

    @property
    def _room(self) -> int:
        """Cells for the value."""
        return self._width - self._label - 2

    def _typed(self) -> list[Line]:
        """Under the entry, which lies over the value, what the run in front has instead."""
        below = [self._below("this run: ", "muted", self.in_front, "muted")] if self.in_front is not None else []
        return [(), *below]

    def _value(self) -> list[Line]:
        """In one line, or in two where the run in front has another value and there is no room for both."""
        room = self._room
        turns = bool(self.choices) and self.here and cell_len(self.text) + 4 <= room
        shown = f"< {self.text} >" if turns else plain(self.text, room) or (" " if self.here else "")
        role = "cursor" if self.here else "wrong" if self.message else "text" if self._default else "changed"
        if self.in_front is None:
            return [(Run(shown, role),)]
        now = plain(self.in_front, room)
        if cell_len(now) + 1 + len(_NEXT) + cell_len(shown) <= room:
            return [(Run(f"{now} ", "text"), Run(_NEXT, "accent"), Run(shown, role))]
        return [(Run(now, "text"),), self._below(_NEXT, "accent", shown, role)]

    def _below(self, name: str, name_role: str, text: str, role: str) -> Line:
        """Under the value, or from further left where it has no room there."""
        shown = plain(text, self._width - 2 - len(name))
        indent = max(2, min(self._label + 2, self._width - len(name) - cell_len(shown)))
        return Run(" " * indent, "text"), Run(name, name_role), Run(shown, role)

    # How it is changed

    def step(self, forward: bool) -> None:
        """The next value, or the one before; nothing where the setting has no order."""
        text = self._entry.value if self.editing else self.text
        if self.choices:
            text = cycled(self.choices, text, forward)
        else:
            text = stepped(self.setting, text, forward, self.suggestions)
        if text != self.text:
            self.write(text)
            self._edited()

    def edit(self) -> None:
        """Opens the entry over the value; a choice turns."""
        if self.choices:
            self.step(True)
        elif not self.editing:
            self.editing, self._before = True, self.text
            if not self._entry.is_attached:
                self.mount(self._entry)
            self.draw()
            self._entry.begin(self.text, over=self.text in self.suggestions)

    def end_edit(self, keep: bool = True, rows: int = 0, aside: bool = False) -> None:
        """Keeps what was typed, right or wrong, or restores what stood there."""
        if not self.editing:
            return
        text = self._entry.value if keep else self._before
        self.editing, self._entry.display = False, False
        if text != self.text:
            self.text = text
            self._edited()
        self.draw()
        self.post_message(self.Done(self, rows, aside))

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        if self.editing and self._entry.value != self.text:
            self.text = self._entry.value
            self._edited()

    def _edited(self) -> None:
        self.post_message(self.Edited(self))
