"""For every hint the state in which it is shown, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.contract.commands import (
    CompareLosses,
    MeasureLosses,
    MeasureVocabulary,
    ResumeRun,
    ResumeSweep,
    StartSweep,
    StartTraining,
    StepEpoch,
    StepMinibatch,
)
from engine.contract.config import TrainConfig
from engine.contract.events import Finished, InputRange, LabelsExamined, Started
from engine.contract.monitoring import CHANGES, STRENGTH
from engine.contract.sweeps import SweepConfig, SweepStarted
from engine.contract.wire import Event
from engine.numerics.presets import PRESETS
from tests.decide.test_pane import seeds
from tests.loss import scripted as losses
from tests.mistakes.scripted import dataset_of
from tests.pane.hint_stage import Case, Promise, Stage, State
from tests.sweep import scripted as sweeps
from tests.train.script import DATASET, a_divergence, epoch, minibatches, started
from tests.vocabulary import scripted as words
from tui.drawing.form_text import written
from tui.pane.run_picker import RunPicker
from tui.pane.tour import SHOWS
from tui.sweep.form import texts_of

# Train


def run_of(
    *ends: float, status: Any = "finished", accuracy: float = 0.83, inputs: Any = None, **settings: Any
) -> tuple[Event, ...]:
    """A run with these validation losses, which has ended unless its status is "running"."""
    config = TrainConfig(dataset="fashion-mnist", **settings)
    data = DATASET if inputs is None else replace(DATASET, train_inputs=inputs[0], validation_inputs=inputs[1])
    told: list[Event] = [replace(started(config=config), dataset=data), minibatches(0, [2.3])]
    told += [epoch(number, loss, accuracy) for number, loss in enumerate(ends, start=1)]
    if status == "running":
        return tuple(told)
    return (*told, Finished(run_id="r0001", status=status, seconds=1.0, images_per_second=1.0))


def after(*events: Event, answered: bool = True, **edits: str) -> State:
    """Train, after a run; `edits` are written into its form then."""

    async def state(stage: Stage) -> None:
        await stage.to("1")
        await stage.until(lambda: stage.lab.board.furnished)  # type: ignore[attr-defined]
        if answered:
            stage.answered()
        if events:
            assert isinstance(events[0], Started)
            usual = TrainConfig(dataset="fashion-mnist")
            changed = {name: getattr(events[0].config, name) for name in usual.__struct_fields__}
            stage.write(**{name: written(new) for name, new in changed.items() if new != getattr(usual, name)})
            await stage.press("space")
            await stage.until(lambda: stage.asked(StartTraining) is not None)
        await stage.say(*events)
        stage.write(**edits)

    return state


def trains(**settings: Any) -> Promise:
    """Another run is asked for, with these settings."""

    def promise(stage: Stage) -> bool:
        asked = stage.asked(StartTraining)
        return asked is not None and all(getattr(asked.config, name) == value for name, value in settings.items())

    return promise


def resumes(epochs: int | None = None) -> Promise:
    return lambda stage: (asked := stage.asked(ResumeRun)) is not None and asked.epochs == epochs


def asks(kind: type) -> Promise:
    return lambda stage: stage.asked(kind) is not None


def goes_to(pane_id: str) -> Promise:
    return lambda stage: stage.app.active_pane == pane_id


def _diverged(**settings: Any) -> tuple[Event, ...]:
    *told, end = run_of(status="diverged", **settings)
    return (*told, a_divergence(), end)


_LARGE, _SMALL = InputRange(low=0, high=255, typical=100), InputRange(low=0, high=1, typical=0.4)
_UNRELATED = LabelsExamined(
    images=1300, accuracy=0.1, low=0.08, high=0.12, chance=0.1, guessing_loss=2.3, verdict="unrelated"
)

TRAIN: Mapping[str, Case] = {
    "train.start": Case(after(), trains(learning_rate=0.1)),
    "train.start-rate": Case(after(learning_rate="0.5"), trains(learning_rate=0.5)),
    "train.start-other": Case(after(batch_size="64"), trains(batch_size=64)),
    "train.running": Case(after(*run_of(status="running")), asks(StepEpoch)),
    "train.changed": Case(after(*run_of(0.5), learning_rate="0.5"), trains(learning_rate=0.5)),
    "train.changed-stopped": Case(
        after(*run_of(0.5, status="stopped"), learning_rate="0.5"), trains(learning_rate=0.5)
    ),
    "train.more-epochs": Case(after(*run_of(0.5), epochs="20"), resumes(20)),
    "train.stopped": Case(after(*run_of(0.5, status="stopped")), resumes()),
    "train.failed": Case(after(*run_of(status="failed")), trains()),
    "train.other-softmax": Case(after(*_diverged(softmax="naive", loss="indexing")), trains(softmax="row-max")),
    "train.other-loss": Case(after(*_diverged(loss="definition")), trains(loss="from-logits")),
    "train.lower-rate": Case(after(*_diverged(loss="from-logits", learning_rate=1e6)), trains(learning_rate=100_000.0)),
    "train.worse-than-guessing": Case(after(*run_of(9.0, 12.0, learning_rate=10.0)), trains(learning_rate=1.0)),
    "train.hardly-moved": Case(
        after(*run_of(2.29, 2.28, accuracy=0.2, learning_rate=1e-4)), trains(learning_rate=0.001)
    ),
    "train.true-labels": Case(after(*run_of(2.4, label_noise=1.0)), trains(label_noise=0.0)),
    "train.same-order": Case(after(*run_of(2.31, 2.31, accuracy=0.1)[:-1], _UNRELATED, run_of()[-1]), trains()),
    "train.smaller-inputs": Case(after(*run_of(9000.0, 12000.0, inputs=(_LARGE, _LARGE))), trains()),
    "train.go-on": Case(after(*run_of(0.8, 0.6, 0.5, epochs=3)), resumes(6)),
    "train.mistakes": Case(after(*run_of(0.5, 0.48), answered=False), goes_to("mistakes")),
    "train.smaller-steps": Case(after(*run_of(0.5, 0.6, 0.5, 0.6, 0.5)), trains(learning_rate=0.02)),
    "train.overlay": Case(after(*run_of(0.5, 0.48, 0.48)), lambda stage: isinstance(stage.app.screen, RunPicker)),
}


async def _held(stage: Stage) -> None:
    await after(*run_of(status="running"))(stage)
    await stage.press("space")


def on_training_images_alone(inputs: Any = None) -> State:
    told = list(run_of(3.0, 3.0, 3.0, accuracy=0.1, inputs=inputs))
    told[2:-1] = [replace(one, train_loss=0.3, train_accuracy=0.9) for one in told[2:-1]]  # type: ignore[type-var]
    return after(*told)


TRAIN = {
    **TRAIN,
    "train.held": Case(_held, asks(StepMinibatch)),
    "train.like-training": Case(on_training_images_alone(), goes_to("mistakes")),
    "train.same-range": Case(on_training_images_alone((_SMALL, _LARGE)), trains()),
}

# Softmax


def example(index: int, *keys: str) -> State:
    async def state(stage: Stage) -> None:
        await stage.to("2")
        stage.pane.sheet = stage.pane.sheet.with_preset(index) if index >= 0 else stage.pane.sheet  # type: ignore[attr-defined]
        stage.pane.redraw()
        await stage.press(*keys)

    return state


def shows_example(index: int) -> Promise:
    return lambda stage: stage.pane.sheet.preset == index  # type: ignore[attr-defined]


SOFTMAX = {
    f"softmax.example-{preset.name}": Case(
        example(index - 1, "d") if index == 0 else example(index - 1), shows_example(index)
    )
    for index, preset in enumerate(PRESETS)
} | {
    "softmax.bfloat16": Case(
        example(len(PRESETS) - 1),
        lambda stage: stage.pane.sheet.dtype == "bfloat16",  # type: ignore[attr-defined]
    )
}

# Loss


def lab(*keys: str, measured: bool = True, then: tuple[str, ...] = (), still: tuple[str, ...] = ()) -> State:
    """Loss, measured after the first keys unless that is not wanted; `still` are the answers not seen yet."""

    async def state(stage: Stage) -> None:
        await stage.to("3")
        stage.answered()
        stage.app.pane.tour.answers.difference_update(still)
        await stage.until(lambda: stage.asked(MeasureLosses) is not None)
        await stage.press(*keys)
        if measured:
            await stage.say(losses.measured(stage.asked(MeasureLosses).question))
        await stage.press(*then)

    return state


def view_is(name: str) -> Promise:
    return lambda stage: stage.pane.view == name  # type: ignore[attr-defined]


def measures_losses(**settings: Any) -> Promise:
    def promise(stage: Stage) -> bool:
        asked = stage.asked(MeasureLosses)
        return asked is not None and all(getattr(asked.question, name) == new for name, new in settings.items())

    return promise


def compares(**settings: Any) -> Promise:
    def promise(stage: Stage) -> bool:
        asked = stage.asked(CompareLosses)
        return asked is not None and all(getattr(asked.question, name) == new for name, new in settings.items())

    return promise


async def _not_measured(stage: Stage) -> None:
    await after(*run_of(status="running"))(stage)  # nothing is measured by itself beside a run
    await stage.to("3")


async def _queued(stage: Stage) -> None:
    await lab()(stage)
    stage.engine.ready = None
    await stage.press("space")


async def _over_all_classes(stage: Stage) -> None:
    await lab(then=("n", "space"))(stage)
    for _ in range(4):
        await stage.say(losses.measured(stage.asked(MeasureLosses).question))
    await stage.until(lambda: len(stage.pane.control.scale) == 4)  # type: ignore[attr-defined]


async def _trained(stage: Stage) -> None:
    await lab(then=("r", "space"))(stage)
    await stage.say(*losses.training(), losses.trained())


async def _training(stage: Stage) -> None:
    await lab(then=("r", "space"))(stage)
    await stage.say(*losses.training(done=1))


async def _with_classes(stage: Stage) -> None:
    await _over_all_classes(stage)
    await stage.press("t")


LOSS = {
    "loss.queued": Case(_queued, view_is("slider")),
    "loss.measuring": Case(lab(measured=False), view_is("slider")),
    "loss.to-zero": Case(lab(then=("l",)), lambda stage: stage.text().count("p = 0") > 0),
    "loss.slope": Case(
        lab(then=("l", "end")),
        lambda stage: stage.pane._with_gradient and "w gradient" in stage.text(),  # type: ignore[attr-defined]
    ),
    "loss.while-training": Case(_training, lambda stage: not stage.pane._accuracy),  # type: ignore[attr-defined]
    "loss.train": Case(lab(then=("r",)), asks(CompareLosses)),
    "loss.train-soft": Case(_trained, compares(smoothing=0.1)),
    "loss.over-classes": Case(lab(then=("n",)), asks(MeasureLosses)),
    "loss.in-training": Case(_over_all_classes, view_is("training")),
    "loss.measure": Case(_not_measured, asks(MeasureLosses), first="train"),
    "loss.soft": Case(lab(still=("2c",)), measures_losses(smoothing=0.1)),
    "loss.slider": Case(lab(still=("2d",)), view_is("slider")),
    "loss.table": Case(lab(then=("l", "end"), still=("2c",)), view_is("table")),
    "loss.to-classes": Case(lab(), view_is("classes")),
    "loss.example": Case(_with_classes, measures_losses(preset="log-0")),
}

# Mistakes and Decide, of a predictions file


def model(digit: str, *keys: str) -> State:
    async def state(stage: Stage) -> None:
        await stage.to(digit)
        stage.answered()
        await stage.until(lambda: stage.pane.model_query.settled and "Next (g)" in stage.text())  # type: ignore[attr-defined]
        await stage.press(*keys)

    return state


def of_file(state: State, promise: Promise) -> Case:
    return Case(state, promise, opened=True)


def query(stage: Stage) -> Any:
    return stage.pane.model_query  # type: ignore[attr-defined]


async def _no_suspects(stage: Stage) -> None:
    """Each class has mistakes, and none of them is as sure as the images that are right."""
    await model("4")(stage)
    probabilities = np.tile([[0.9, 0.1], [0.1, 0.9], [0.45, 0.55]], (10, 1))
    labels = np.tile([0, 1, 0], 10)
    np.savez(stage.engine._file, probabilities=probabilities, labels=labels, label_names=["healthy", "ill"])
    query(stage).refresh()
    stage.pane._changed()  # type: ignore[attr-defined]
    await stage.until(lambda: query(stage).album.matching == 10)
    await stage.press("l")


MISTAKES = {
    "mistakes.pair": of_file(model("4"), lambda stage: query(stage).question.true is not None),
    "mistakes.suspects": of_file(
        model("4", "n"),
        lambda stage: query(stage).question.sort == "confidence" and query(stage).question.true is None,
    ),
    "mistakes.no-suspects": of_file(_no_suspects, lambda stage: query(stage).question.true is not None),
    "mistakes.judge": of_file(model("4", "l"), lambda stage: query(stage).large),
}


async def _with_seeds(stage: Stage) -> None:
    file = stage.engine._file
    stage.engine.files = {"r0001": file, "r0002": file}
    stage.engine.runs = seeds(replace(dataset_of(), checksum=""), "r0001", "r0002")
    await model("5", "u")(stage)


async def _together(stage: Stage) -> None:
    await _with_seeds(stage)
    await stage.press("s")
    await stage.until(lambda: bool(query(stage).question.members))


async def _hard_class(stage: Stage) -> None:
    """Class 0 is hardly ever taken for what it is."""
    await model("5")(stage)
    labels = np.repeat([0, 1, 2], [24, 138, 138])
    probabilities = np.eye(3)[labels] * 0.7 + 0.1
    probabilities[labels == 0] = [0.1, 0.5, 0.4]
    np.savez(stage.engine._file, probabilities=probabilities, labels=labels)
    query(stage).refresh()
    await stage.press("n")
    await stage.until(lambda: query(stage).settled and query(stage).sets.settled)


async def _with_weights(stage: Stage) -> None:
    """As if what is looked at were a run: its images can change in each way."""
    await model("5", "y")(stage)
    monitor = query(stage).monitor
    await stage.until(lambda: monitor.view is not None)
    monitor.shown = replace(monitor.shown, view=replace(monitor.view, possible=CHANGES))
    stage.pane.draw()  # type: ignore[attr-defined]


async def _strongest(stage: Stage) -> None:
    await model("5", "y")(stage)
    monitor = query(stage).monitor
    await stage.until(lambda: monitor.view is not None)
    stage.pane._ask_monitor(monitor.typed("strength", 1.0))  # type: ignore[attr-defined]


async def _costs_of_nothing(stage: Stage) -> None:
    await model("5", "k")(stage)
    costs = query(stage).question.costs.with_prices(1.0, 1.0)
    query(stage).change_costs(replace_costs(costs))
    stage.pane._changed()  # type: ignore[attr-defined]


def replace_costs(costs: Any) -> Any:
    """The symmetrical matrix, at which the most likely label costs least."""
    from dataclasses import replace as with_

    return with_(costs, preset="symmetrical")


def _view(name: str) -> Promise:
    return lambda stage: stage.pane._view == name  # type: ignore[attr-defined]


DECIDE = {
    "decide.cheapest": of_file(model("5"), lambda stage: abs(query(stage).question.threshold - 1 / 51) < 1e-6),
    "decide.costs": of_file(model("5", "a"), _view("costs")),
    "decide.groups": of_file(model("5", "h"), lambda stage: stage.pane.board.threshold.figures == "groups"),  # type: ignore[attr-defined]
    "decide.other-groups": of_file(model("5", "h", "h"), lambda stage: query(stage).question.groups == "size"),
    "decide.other-costs": of_file(_costs_of_nothing, lambda stage: query(stage).question.costs.preset != "symmetrical"),
    "decide.flipped": of_file(model("5", "k"), lambda stage: stage.pane.board.costs.shows_pictures),  # type: ignore[attr-defined]
    "decide.trust": of_file(model("5", "k", "m"), _view("trust")),
    "decide.referral": of_file(model("5", "u"), lambda stage: query(stage).question.referral > 0.2),
    "decide.change": of_file(_with_weights, lambda stage: query(stage).monitor.asked.change == CHANGES[0]),
    "decide.stronger": of_file(model("5", "y"), lambda stage: query(stage).monitor.asked.strength > STRENGTH),
    "decide.weaker": of_file(_strongest, lambda stage: 0.9 < query(stage).monitor.asked.strength < 1),
    "decide.seeds": Case(_with_seeds, lambda stage: bool(query(stage).question.members), first="train"),
    "decide.sets": of_file(model("5", "u", "right"), _view("sets")),
    "decide.sets-of-seeds": Case(_together, _view("sets"), first="train"),
    "decide.by-class": of_file(_hard_class, lambda stage: query(stage).sets.question.method == "class-conditional"),
    "decide.set-pictures": of_file(model("5", "n"), lambda stage: stage.pane.board.sets.in_pictures),  # type: ignore[attr-defined]
    "decide.level": of_file(model("5", "n", "m"), lambda stage: not stage.pane.board.sets.in_pictures),  # type: ignore[attr-defined]
}

# Sweep


def swept(*events: Event, keys: tuple[str, ...] = (), still: tuple[str, ...] = ()) -> State:
    async def state(stage: Stage) -> None:
        await stage.to("6")
        stage.answered()
        stage.app.pane.tour.answers.difference_update(still)
        if events:
            assert isinstance(events[0], SweepStarted)
            texts = texts_of(events[0].config, resolved=False)
            stage.write(**{name: text for name, text in texts.items() if name != "values"})
            stage.write(values=texts["values"])  # last: another setting brings values of its own
            await stage.press("space")
            await stage.until(lambda: stage.asked(StartSweep) is not None)
        await stage.press(*keys)
        await stage.say(*events)

    return state


def whole(config: SweepConfig) -> tuple[Event, ...]:
    return (sweeps.started(config), *sweeps.epochs(config), *sweeps.results(config), sweeps.finished(config))


def sweeps_again(**settings: Any) -> Promise:
    def promise(stage: Stage) -> bool:
        asked = stage.asked(StartSweep)
        return asked is not None and all(getattr(asked.config, name) == value for name, value in settings.items())

    return promise


_RATES, _SIZES = sweeps.RATES, replace(sweeps.RATES, parameter="batch_size", values=(1, 64, 256))
_ANOTHER_VIEW: Promise = lambda stage: stage.pane.board.fit.view_chosen is not None  # type: ignore[attr-defined]  # noqa: E731

SWEEP = {
    "sweep.start": Case(swept(), sweeps_again(parameter="learning_rate")),
    "sweep.running": Case(swept(sweeps.started()), _ANOTHER_VIEW),
    "sweep.running-grid": Case(swept(sweeps.started(sweeps.GRID)), _ANOTHER_VIEW),
    "sweep.reveal": Case(
        swept(sweeps.started()),
        lambda stage: stage.pane.prediction.open is None,  # type: ignore[attr-defined]
    ),
    "sweep.sketched": Case(swept(keys=("p",)), sweeps_again(parameter="learning_rate")),
    "sweep.resume": Case(swept(sweeps.started(), sweeps.finished(status="stopped")), asks(ResumeSweep)),
    "sweep.batch-sizes": Case(swept(*whole(_RATES), still=("5b",)), sweeps_again(parameter="batch_size")),
    "sweep.learning-rates": Case(swept(*whole(_SIZES), still=("5a",)), sweeps_again(parameter="learning_rate")),
    "sweep.equal-steps": Case(swept(*whole(_SIZES)), sweeps_again(question="steps")),
    "sweep.scaled-rate": Case(swept(*whole(replace(_SIZES, question="steps"))), sweeps_again(question="scaled")),
    "sweep.more-seeds": Case(swept(*whole(replace(_RATES, seeds=1))), sweeps_again(seeds=5)),
    "sweep.larger": Case(swept(*whole(replace(_RATES, values=(0.01, 0.1)))), sweeps_again(values=(0.1, 0.2, 0.5))),
    "sweep.smaller": Case(swept(*whole(replace(_RATES, values=(0.1, 1.0)))), sweeps_again(values=(0.02, 0.05, 0.1))),
    "sweep.open": Case(swept(*whole(_RATES)), goes_to("mistakes")),
}


async def _sketch_while_running(stage: Stage) -> None:
    await swept(sweeps.started())(stage)
    await stage.press("p")


SWEEP["sweep.reveal"] = Case(_sketch_while_running, SWEEP["sweep.reveal"].promise)

# Vocabulary


def vocabulary(*keys: str, measured: bool = False, free: int = 0, then: tuple[str, ...] = ()) -> State:
    async def state(stage: Stage) -> None:
        stage.engine.free = free or stage.engine.free
        await stage.to("7")
        stage.answered()
        await stage.press(*keys)
        if measured:
            await stage.press("space")
            await stage.until(lambda: stage.asked(MeasureVocabulary) is not None)
            plan = stage.asked(MeasureVocabulary).plan
            await stage.say(*words.measured(plan, stage.engine.free), words.finished())
            await stage.until(lambda: not stage.pane.control.doing().what)  # type: ignore[attr-defined]
        await stage.press(*then)

    return state


def measures_words(train: bool, sizes: tuple[int, ...]) -> Promise:
    def promise(stage: Stage) -> bool:
        asked = stage.asked(MeasureVocabulary)
        return asked is not None and asked.plan.train == train and asked.plan.sizes == sizes

    return promise


def race(*keys: str) -> State:
    """Trained at the V that these keys lead to."""

    async def state(stage: Stage) -> None:
        await vocabulary(*keys, "r", "space")(stage)
        await stage.until(lambda: stage.asked(MeasureVocabulary) is not None)
        plan = stage.asked(MeasureVocabulary).plan
        await stage.say(*words.race(plan), *words.trained(plan), words.finished())
        await stage.until(lambda: not stage.pane.control.doing().what)  # type: ignore[attr-defined]

    return state


async def _meanwhile(stage: Stage) -> None:
    await vocabulary("space")(stage)
    await stage.until(lambda: stage.asked(MeasureVocabulary) is not None)
    await stage.say(words.started(stage.asked(MeasureVocabulary).plan))


VOCABULARY = {
    "vocabulary.meanwhile": Case(_meanwhile, view_is("memory")),
    "vocabulary.switch-on": Case(
        vocabulary(*"fkabsn"),
        lambda stage: stage.pane.chosen == ("full",),  # type: ignore[attr-defined]
    ),
    "vocabulary.train": Case(vocabulary("r"), measures_words(True, (10_000,))),
    "vocabulary.train-further": Case(race(), measures_words(True, (20_000,))),
    "vocabulary.steps": Case(race("end"), lambda stage: stage.lab.board.form.has_focus_within),
    "vocabulary.measure": Case(vocabulary(), measures_words(False, (1_000, 10_000))),
    "vocabulary.leave-out": Case(
        vocabulary("end", measured=True),
        lambda stage: "full" not in stage.pane.chosen,  # type: ignore[attr-defined]
    ),
    "vocabulary.measure-here": Case(vocabulary(measured=True, then=("right",)), asks(MeasureVocabulary)),
    "vocabulary.further": Case(vocabulary(measured=True), asks(MeasureVocabulary)),
    "vocabulary.training": Case(
        vocabulary("end", measured=True, free=10**12),
        lambda stage: (asked := stage.asked(MeasureVocabulary)) is not None and asked.plan.train,
    ),
}

# From pane to pane


def on_tour(pane_id: str) -> State:
    """Train, with all exercises answered but that of one pane, while a run goes on."""

    async def state(stage: Stage) -> None:
        await after(*run_of(status="running"))(stage)
        stage.app.pane.tour.answers.difference_update(SHOWS[pane_id])
        stage.pane.redraw()

    return state


async def _no_model(stage: Stage) -> None:
    await stage.to("4")


ON_TOUR = {f"app.{pane_id}": Case(on_tour(pane_id), goes_to(pane_id), first="train") for pane_id in SHOWS} | {
    "app.to-train": Case(_no_model, goes_to("train"), first="mistakes"),
}

CASES: Mapping[str, Case] = {**TRAIN, **SOFTMAX, **LOSS, **MISTAKES, **DECIDE, **SWEEP, **VOCABULARY, **ON_TOUR}
