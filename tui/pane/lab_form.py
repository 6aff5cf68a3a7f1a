"""The settings of a lab as rows with a cursor, edited as the table of logits is, with what is wrong under each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget

from engine.contract.settings import Setting
from tui.drawing.edits import from_the_next_start
from tui.drawing.form_text import DATASETS, DEVICES, FormText, at_field
from tui.pane.hints import Offer
from tui.widgets.field import LEAST_LABEL, WHILE_TYPING, Field
from tui.widgets.focused import StyledAlone
from tui.widgets.row import Row

TextT = TypeVar("TextT", bound=FormText)


class LabForm(StyledAlone, VerticalScroll, Generic[TextT], can_focus=True):
    """Keeps whatever was typed; `form_text` says what it stands for. The cursor begins at the field `first`.

    No printable key is its own while it is merely open: digits, `?`, space and the pane's letters do what they do
    everywhere. Only while a row is edited does typing go to that row.
    """

    DEFAULT_CSS = "LabForm { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Row above", show=False),
        Binding("down", "move(1)", "Row below", show=False),
        Binding("pageup", "move(-8)", "Eight rows up", show=False),
        Binding("pagedown", "move(8)", "Eight rows down", show=False),
        Binding("home", "move(-1000)", "First row", show=False),
        Binding("end", "move(1000)", "Last row", show=False),
        Binding("right", "turn(True)", "Next value", show=False),
        Binding("left", "turn(False)", "Value before", show=False),
        Binding("enter", "press", "Edit", show=False),
        Binding("escape", "leave", "Leave the form", show=False),
    ]
    keys_hint = "↑↓ row  enter edit  ←→ change  esc leave"
    keys_taken = frozenset(binding.key for binding in BINDINGS if isinstance(binding, Binding))

    class Changed(Message):
        """A text has changed, to something right or wrong."""

    class Left(Message):
        """The focus is to go back to the owner of the form."""

    def __init__(self, form_text: TextT, first: str) -> None:
        super().__init__()
        self.form_text = form_text
        self._blamed: tuple[str, str] | None = None  # a field and the line of a refusal, until it is edited
        self._suggestions: dict[str, tuple[str, ...]] = {"dataset": DATASETS, "device": DEVICES}
        self._fields: dict[str, Field] = {}
        self._cursor = f"field-{first}"  # the id of a row

    def compose(self) -> ComposeResult:
        label = max(LEAST_LABEL, *(len(setting.label) for setting in self.form_text.settings))
        yield from self.made(self.form_text.settings, label)

    def made(self, settings: Iterable[Setting], label: int = LEAST_LABEL) -> list[Field]:
        """The fields of these settings, with `label` cells for what each is called."""
        fields = [
            Field(setting, self.form_text.texts[setting.name], self._suggestions.get(setting.name, ()), label)
            for setting in settings
        ]
        self._fields.update((field.setting.name, field) for field in fields)
        return fields

    def on_mount(self) -> None:
        self.draw()

    # The cursor

    @property
    def rows(self) -> list[Row]:
        """Those in sight, from the top."""
        return [row for row in self.query(Row) if _in_sight(row, self)]

    @property
    def row(self) -> Row | None:
        """The one under the cursor; the first where that one is hidden. None once the app takes its widgets apart."""
        rows = self.rows
        return next((row for row in rows if row.id == self._cursor), rows[0] if rows else None)

    def take_focus(self, name: str = "") -> None:
        """The cursor goes to the field of that name, or stays, and the keys go to the form."""
        row = self._fields[name] if name else self.row
        if row is not None:
            self._point_to(row)
        self.screen.set_focus(self, scroll_visible=False)

    def _point_to(self, row: Row) -> None:
        self._cursor = row.id or ""
        self._show_cursor()
        self.scroll_to_widget(row, animate=False)

    def _show_cursor(self) -> None:
        """Where nothing goes to the form, none is shown."""
        here = self.row
        for row in self.query(Row):
            row.point(row is here and self.has_focus_within)

    def on_focus(self) -> None:
        self._show_cursor()

    def on_blur(self) -> None:
        self._show_cursor()

    def on_descendant_blur(self) -> None:
        self._show_cursor()

    def action_move(self, rows: int) -> None:
        there, here = self.rows, self.row
        if here is not None:
            self._point_to(there[max(0, min(there.index(here) + rows, len(there) - 1))])

    # Editing

    def on_row_pressed(self, event: Row.Pressed) -> None:
        """One click edits."""
        event.stop()
        self._point_to(event.widget)
        self.action_press()

    def action_press(self) -> None:
        row = self.row
        if isinstance(row, Field):
            row.edit()

    def action_turn(self, forward: bool) -> None:
        row = self.row
        if isinstance(row, Field):
            row.step(forward)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    @property
    def typing(self) -> bool:
        """Whether printable keys go to a row."""
        return any(field.editing for field in self._fields.values())

    def waiting(self, keys: str, of: str) -> str:
        """What cannot take effect before the next start, which these `keys` bring; "" for nothing."""
        return from_the_next_start(self.form_text.edits, "" if self.typing else keys, of)

    def seen_from_here(self, offer: Offer | None) -> str:
        """A hint as it can be followed from where the keys go: an arrow is the form's, and while something is typed
        `space` alone is a key, in a number.
        """
        if self.typing:
            number = any(field.editing and field.is_number for field in self._fields.values())
            starts = offer is not None and offer.keys(in_form=True) == "space"
            return f"{offer.words().partition('. ')[0].rstrip('.')}." if offer and number and starts else WHILE_TYPING
        if offer is None:
            return ""
        line = offer.line(in_form=self.has_focus_within)
        arrows = self.has_focus_within and any(arrow in line for arrow in "←→↑↓")
        return f"esc leaves the form. {line}" if arrows else line

    def keep(self) -> None:
        """Takes what is being typed, before its messages arrive."""
        for name, field in self._fields.items():
            if field.editing:
                field.end_edit()
                self._take(name, field.text)

    def on_field_done(self, event: Field.Done) -> None:
        """The keys are the form's again, unless they have gone elsewhere."""
        event.stop()
        if not event.aside and self.screen.focused is not self:
            self.take_focus()
        if event.rows:
            self.action_move(event.rows)

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        field, name = event.widget, event.widget.setting.name
        if field.text != self.form_text.texts[name]:
            self._take(name, field.text, typed=True)

    # Texts

    def write(self, name: str, text: str) -> None:
        """Puts a text into a field as if it had been typed."""
        self._take(name, text)

    def blame(self, line: str) -> str:
        """Shows a refusal at the field that it names; returns that field's name, "" where it names none."""
        name = self.form_text.named_in(line)
        if name:
            self._blamed = (name, line)
            self.draw()
        return name

    def stand_beside(self, texts: dict[str, str]) -> None:
        """What the run in front was started with, by name: other texts are the next run's, and are marked so."""
        if texts != self.form_text.in_front:
            self.form_text.in_front = texts
            self.draw()

    def draw(self) -> None:
        """Every field with what it is, and what is wrong with it."""
        faults = self.form_text.faults()
        if self._blamed is not None:
            faults.setdefault(*self._blamed)
        for name, field in self._fields.items():
            line = at_field(field.setting, faults.get(name, ""))
            field.show_message(line, self.form_text.is_default(name), self.form_text.before(name))
            field.display = name not in self.form_text.hidden

    def _take(self, name: str, text: str, *, typed: bool = False) -> None:
        """The text, and into the fields all that it changed; not into the one where it is `typed`, which goes on."""
        texts = self.form_text.write(name, text)
        for changed in texts:
            if not (typed and changed == name):
                self._fields[changed].write(texts[changed])
        if self._blamed is not None and self._blamed[0] in texts:
            self._blamed = None
        self.draw()
        self.post_message(self.Changed())


def _in_sight(row: Row, form: Widget) -> bool:
    for node in row.ancestors_with_self:
        if node is form:
            return True
        if isinstance(node, Widget) and not node.display:
            return False
    return False
