"""What Mistakes and Decide share: they look at a model, of the live run, a stored one or a file, and follow it."""

from __future__ import annotations

from typing import ClassVar, Generic, Protocol, TypeVar

from engine.contract.answers import RunsListed
from engine.contract.commands import ListRuns
from engine.contract.engine_events import Ready
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, JudgedPart
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.drawing.pixels import PIXEL_STYLES, PixelStyle
from tui.drawing.run_list import RunList
from tui.pane.base import DisplayOptions, Pane
from tui.pane.engine_link import EngineLink, how_to_restart
from tui.pane.fetcher import Fetcher, Query
from tui.pane.live_run import LiveRun
from tui.pane.run_choice import RunChoice
from tui.pane.run_picker import Picked, RunPicker
from tui.widgets.strips import usual_style


class ModelQuery(Query, Protocol):
    """A query about the model of a source; `refusal` says why the engine will not answer it, "" where it will."""

    refusal: str

    def look_at(
        self,
        source: str,
        dataset: DatasetInfo | None,
        members: tuple[str, ...] = (),
        part: JudgedPart = "validation",
    ) -> None:
        """Another source, with others as an ensemble, judged on that part."""

    def refresh(self) -> None:
        """The model has moved on, or the engine is another one: what is shown has to be asked for again."""


SourceT = TypeVar("SourceT", bound=RunChoice)
QueryT = TypeVar("QueryT", bound=ModelQuery)


class SourcePane(Pane, Generic[SourceT, QueryT]):
    """A subclass has the views, and draws them in `draw`."""

    REFRESH_SECONDS: ClassVar[float]  # of a live run; thrice as long over a slow line
    NOTHING_TO_FREEZE: ClassVar[str]

    def __init__(
        self,
        pane_id: str,
        engine: EngineLink,
        options: DisplayOptions,
        live: LiveRun,
        source: SourceT,
        model_query: QueryT,
    ) -> None:
        super().__init__(pane_id, engine, options, live)
        self._source, self.model_query = source, model_query
        self._fetcher = Fetcher(engine, model_query)

    def on_mount(self) -> None:
        self.set_interval(self.REFRESH_SECONDS * (3 if self._options.slow else 1), self.follow)
        self.watch(self.app, "theme", self._restyle, init=False)
        self._look()

    # What the app tells

    def on_engine_event(self, event: Event) -> bool:
        if isinstance(event, Ready):
            self.model_query.refresh()
            self._list_runs()
        self.redraw()
        if isinstance(event, Ready):
            self._fetch()
        return False

    def redraw(self) -> None:
        if self._source.take(self.live.state):
            self._look()

    def shown(self) -> None:
        self._list_runs()
        self.follow()
        self.draw()

    def look_at(self, run_id: str) -> None:
        """A stored run, or a predictions file; "" for the live run."""
        self._source.look_at(run_id)
        self._look()

    @property
    def engine_loads(self) -> bool:
        """Whether there is no engine to answer yet, but there will be."""
        return self._engine.ready is None and self._engine.gone is None

    @property
    def refusal(self) -> str:
        """Why there is nothing to look at, where the engine refuses to answer or has ended; else ""."""
        gone = self._engine.gone
        return self.model_query.refusal or (how_to_restart(gone) if gone is not None else "")

    # Asking, and drawing what is answered

    def draw(self) -> None:
        """Everything, now."""
        raise NotImplementedError

    def draw_answer(self) -> None:
        """What has just been answered."""
        self.draw()

    def follow(self) -> None:
        """Asks again where the live run has moved on since, unless it is frozen or nobody looks."""
        if self.display and self._source.moved_on():
            self.model_query.refresh()
        self._fetch()

    def _look(self) -> None:
        """At what is chosen, from the start."""
        source = self._source
        source.begin()
        self.model_query.look_at(source.run_id, source.dataset, source.members, source.part)
        self.follow()
        self.draw()

    def _fetch(self) -> None:
        if self.display and self.is_mounted and not self._fetcher.under_way:
            self.run_worker(self._fetcher.go_on(lambda: bool(self.display), self.draw_answer), group="model")

    def _list_runs(self) -> None:
        if self._engine.ready is not None:
            self.run_worker(self._learn_runs(), exclusive=True, group="runs")

    async def _learn_runs(self) -> str:
        """Which runs are stored; returns why that could not be learned, else ""."""
        try:
            reply = await self._engine.ask(ListRuns())
        except (InputError, EngineGone) as refusal:
            return str(refusal)
        assert isinstance(reply, RunsListed)
        if self._source.learn(reply.runs):
            self._look()
        else:
            self.draw()
        return ""

    # Keys

    def action_choose_run(self) -> None:
        source = self._source
        runs = RunList(lambda run: run.run_id != source.live.run_id, source.offers())
        looked_at = "" if source.following else source.run_id
        self.app.push_screen(RunPicker(self._engine, "Which run is looked at?", runs, (looked_at,)), self._picked)

    def _picked(self, picked: Picked | None) -> None:
        if picked is not None:
            if picked.runs is not None:
                self._source.learn(picked.runs)
            self.look_at(picked.sources[0])

    def action_other_part(self) -> None:
        """Between the validation images and those that are kept for the final judgement."""
        refusal = self._source.other_part()
        if refusal:
            self.app.notify(refusal, markup=False, timeout=8)
            return
        self._look()

    def action_freeze(self) -> None:
        if not self._source.following:
            self.app.notify(self.NOTHING_TO_FREEZE, markup=False)
            return
        self._source.frozen = not self._source.frozen
        self.follow()
        self.draw()

    @property
    def style(self) -> PixelStyle:
        """How pictures are drawn: as was chosen in any pane, else as suits the terminal, the theme and the user."""
        remembered = self._options.remembered
        return remembered.pictures or usual_style(self.app, remembered.values.pictures)

    def action_next_style(self) -> None:
        chosen = PIXEL_STYLES[(PIXEL_STYLES.index(self.style) + 1) % len(PIXEL_STYLES)]
        self._options.remembered.pictures = chosen
        if trouble := self._options.remembered.keep("pictures", chosen):
            self.app.notify(trouble, severity="warning", markup=False)
        self.draw()

    def _restyle(self) -> None:
        self.draw()
