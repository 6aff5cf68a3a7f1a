"""The panes that were looked at by now, one of which is in front."""

from __future__ import annotations

import gc
from importlib import import_module

from textual import events
from textual.containers import Container
from textual.widget import Widget

from engine.contract.wire import Event
from tui.pane.base import DisplayOptions, Pane
from tui.pane.engine_link import EngineLink
from tui.pane.live_run import LiveRun
from tui.pane.tour import Tour


def keep() -> None:
    """What there is by now stays: to look all of it through for garbage would hold up the keys for 100 ms each time."""
    gc.freeze()


class Panes(Container):
    """Each is imported and made when it is first looked at."""

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun, tour: Tour) -> None:
        super().__init__(id="panes")
        self._engine, self._options, self._live = engine, options, live
        self._tour = tour
        self._wanted = ""  # the pane that was asked for last

    @property
    def asked_for(self) -> bool:
        """Whether anybody has asked for a pane."""
        return bool(self._wanted)

    @property
    def made(self) -> list[Pane]:
        """Those that were looked at, in that order."""
        return [pane for pane in self.children if isinstance(pane, Pane)]

    def tell(self, event: Event) -> bool:
        """What the engine said; whether a pane that is in sight shows the failure itself."""
        shown = [pane.on_engine_event(event) for pane in self.made]  # each of them is told
        return any(shown)

    def redraw(self) -> None:
        """Something has changed without a word of the engine."""
        for pane in self.made:
            pane.redraw()

    async def bring(self, pane_id: str) -> Pane | None:
        """Brings a pane to the front; None where another was asked for while this one was being made."""
        self._wanted = pane_id
        with self.app.batch_update():  # while a pane is being made, two of them would share the room
            pane = next((pane for pane in self.made if pane.id == pane_id), None)
            if pane is None:
                pane = self._make(pane_id)
                await self.mount(pane)
                pane.redraw()
                self.call_after_refresh(_laid_out, pane)
            if self._wanted != pane_id:
                pane.display = False
                return None
            for other in self.made:
                other.display = other is pane
        self._tour.panes.add(pane_id)
        return pane

    def _make(self, pane_id: str) -> Pane:
        """A new pane, by the id it has in `tui.pane.commands.PANES`: `TrainPane` of `tui.train.pane` for `train`."""
        kind = getattr(import_module(f"tui.{pane_id}.pane"), f"{pane_id.capitalize()}Pane")
        pane: Pane = kind(self._engine, self._options, self._live)
        pane.tour = self._tour
        return pane


def _laid_out(pane: Pane) -> None:
    """After its first layout. Textual loses the `Resize` of that where a size was asked for before it was sent."""
    for widget in pane.walk_children(Widget, with_self=True):
        widget.post_message(events.Resize(widget.outer_size, widget.virtual_size, widget.container_size))
    keep()
