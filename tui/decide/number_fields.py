"""Numbers that keys and typing change alike, in the fields that show them."""

from __future__ import annotations

from tui.drawing.form_text import written
from tui.widgets.field import Field


class NumberFields:
    """A text that was refused stays in its field, with its line, until its number is another than before."""

    def __init__(self) -> None:
        self._before: dict[str, float] = {}

    def write(self, field: Field, value: float) -> None:
        """Puts a number into a field, with nothing wrong about it, unless somebody types there."""
        refused = bool(field.message) and self._before.get(field.setting.name) == value
        self._before[field.setting.name] = value
        if not field.editing and not refused:
            field.write(written(round(value, 9)))
            field.show_message("", default=value == field.setting.default)
