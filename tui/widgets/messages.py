"""Messages of widgets."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.message import Message
from textual.widget import Widget

WidgetT = TypeVar("WidgetT", bound=Widget)


class FromWidget(Message, Generic[WidgetT]):
    """A handler can be chosen by the id of its `widget`."""

    def __init__(self, widget: WidgetT) -> None:
        super().__init__()
        self.widget = widget

    @property
    def control(self) -> WidgetT:
        return self.widget
