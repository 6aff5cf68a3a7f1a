"""Stored sweeps told again: all of them in a line each, or one as the events that it has come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.contract.answers import RunSummary, SweepReplayed, SweepsListed, SweepSummary
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, MinibatchesDone
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import (
    MOST_SEEDS,
    SweepConfig,
    SweepEvent,
    SweepFinished,
    SweepResult,
    SweepStarted,
    trials,
)
from engine.jobs.recorded_run import Places
from engine.jobs.sources import Sources
from engine.jobs.sweep.stored_runs import ENDED, SweepRuns
from engine.store.runs import RunStore
from engine.store.sweeps import StoredSweep, SweepFiles
from engine.verdicts.sweep_sentence import verdict

# With another value of these a run has other data, whose description is not the sweep's.
_OF_THE_DATA = {"train_size", "validation_size", "noise", "jitter", "occlusion", "label_noise"}


def listed(places: Places, store: RunStore, request: int) -> Iterator[Notice | SweepsListed]:
    """Every stored sweep, newest first; a damaged one is named in a notice and hides no other."""
    known = {run.run_id: run for run in store.summaries()}
    files, summaries = SweepFiles(places.store), []
    for sweep_id in files.ids():
        try:
            summaries.append(_summary(files.load(sweep_id), known))
        except InputError as error:
            yield Notice(str(error))
    yield SweepsListed(request, tuple(summaries))


def replayed(
    places: Places, store: RunStore, sweep_id: str, request: int
) -> Iterator[Progress | Notice | SweepReplayed]:
    """A stored sweep, after the progress of loading where its figures need the data.

    Raises:
        InputError: there is none of that name, its file is damaged, or its data cannot be had.
    """
    stored = SweepFiles(places.store).load(sweep_id)
    known = {run.run_id: run for run in store.summaries()}
    run_ids = {place: run_id for place, run_id in stored.run_ids.items() if run_id in known}
    own = [known[run_id] for run_id in run_ids.values()]
    sources = Sources(places.data_dir, MOST_SEEDS)
    info = _described(stored.config, own)
    if info is None:
        _, info = yield from sources.of(stored.config.base)
    planned = trials(stored.config, info.train_size)
    events: list[SweepEvent] = [
        SweepStarted(
            sweep_id=stored.sweep_id,
            config=stored.config,
            device=stored.config.base.device if not own else own[0].device,
            dataset=info,
            runs=len(planned),
        )
    ]
    runs, results = SweepRuns(store, SweepFiles(places.store), stored, sources), []
    for place in sorted(run_ids):
        said = runs.history(place, planned[place])
        events += [one for one in said if not isinstance(one.event, MinibatchesDone)]
        if known[run_ids[place]].status in ENDED:
            result = yield from runs.result(place, planned[place], stored.config)
            results.append(result)
            events.append(result)
    if (end := _end(stored, own, results, len(planned))) is not None:
        events.append(end)
    yield SweepReplayed(request, tuple(events))


def _summary(stored: StoredSweep, known: dict[str, RunSummary]) -> SweepSummary:
    runs = [known[run_id] for run_id in stored.run_ids.values() if run_id in known]
    return SweepSummary(
        sweep_id=stored.sweep_id,
        config=stored.config,
        created=stored.created or min((run.created for run in runs), default=""),
        runs=len(stored.config.points) * stored.config.seeds,
        ended=sum(run.status in ENDED for run in runs),
    )


def _described(config: SweepConfig, runs: Sequence[RunSummary]) -> DatasetInfo | None:
    """The sweep's data as one of its runs had them; None where they have to be looked at."""
    return runs[0].dataset if runs and not _OF_THE_DATA & set(config.parameters) else None


def _end(
    stored: StoredSweep, runs: Sequence[RunSummary], results: Sequence[SweepResult], planned: int
) -> SweepFinished | None:
    """The last event, or what it would have said; None for a sweep that is going on, here or elsewhere."""
    statuses = {run.status for run in runs}
    if len(results) == planned:
        status = "finished"
    elif "running" in statuses:
        return None
    else:
        status = next((one for one in ("failed", "interrupted") if one in statuses), "stopped")
    return SweepFinished(
        sweep_id=stored.sweep_id,
        status=status,  # type: ignore[arg-type]
        seconds=sum(run.seconds for run in runs),
        verdict=verdict(stored.config, results),
        reason="" if status == "finished" else f"{len(results)} of {planned} runs have ended",
    )
