"""What the pane below is in the book, then dataset, device, engine and run, in one line."""

from __future__ import annotations

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from engine.contract.wire import Event
from tui.app.status import READY, dataset_words, device_words, engine_words, run_words
from tui.drawing.plain import plain
from tui.pane.engine_link import EngineLink
from tui.pane.exercises import pane_label
from tui.pane.live_run import LiveRun

_LEAST_NAME = 12  # cells


class StatusLine(Widget):
    """Left: the exercise that the pane answers, data, device and what the engine does; right: the run.

    The exercise leads to the page of all; it is left out where the rest has no room beside it.
    """

    DEFAULT_CSS = """
    StatusLine { height: 1; color: $foreground 80%; background: $surface; padding: 0 1; }
    StatusLine { link-style: none; link-style-hover: underline; link-color: $foreground; }
    """

    pane: reactive[str] = reactive("")

    dataset: reactive[str] = reactive("")
    device: reactive[str] = reactive("")
    engine: reactive[str] = reactive("engine: starting")
    run: reactive[str] = reactive("")

    def show(self, engine: EngineLink, live: LiveRun, silence: str, memory_bytes: int, event: Event | None) -> None:
        """What is known once the engine has said `event`; `memory_bytes` of its device are taken."""
        run, ready = live.state, engine.ready
        self.engine = silence or engine_words(ready, engine.gone, live.warming, event)
        self.run = run_words(run, live.held, silence)
        self.dataset = dataset_words(run.dataset.name) if run.dataset is not None else ""
        if silence:
            self.device = ""  # room for the words; its memory is not known now
        elif ready is not None:
            self.device = device_words(run.device or ready.devices[0], memory_bytes)

    def render(self) -> Text:
        room = max(0, self.size.width - cell_len(self.run) - 1)
        label = pane_label(self.pane)
        said = self._said(room, cell_len(f"E {label} · ") if label else 0)
        text = Text(no_wrap=True, overflow="ellipsis")
        if label and cell_len(f"E {label} · {said}") <= room:
            click = {"@click": "app.exercises"}
            text.append("E", Style(bold=True, meta=click)).append(f" {label}", Style(meta=click)).append(" · ")
        text.append(said)
        text.truncate(room, overflow="ellipsis", pad=True)
        text.append(f" {self.run}")
        return text

    def _said(self, room: int, named: int) -> str:
        """Data, device and engine. The exercise, of `named` cells, goes before that the engine is ready, and before
        the memory that is held; what the engine does goes before the exercise and a long name of the data.
        """
        cells = cell_len(plain(self.dataset))
        name = (cells if cells <= 2 * _LEAST_NAME else _LEAST_NAME) + 3 if cells else 0
        busy = "" if self.engine == READY else self.engine
        device = self.device.partition(",")[0]
        whole = _joined(self.device, self.engine)
        tried = (whole, _joined(self.device, busy), _joined(device, busy))
        fitting = next((one for one in tried if named + name + cell_len(one) <= room), "")
        said = fitting or whole
        dataset = plain(self.dataset, max(_LEAST_NAME, room - cell_len(said) - 3 - (named if fitting else 0)))
        return f"{dataset} · {said}" if dataset else said


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
