"""What the worker answers Decide and Mistakes, of runs and of predictions files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.conformal import sets_of
from engine.analysis.decisions import decide
from engine.analysis.foreign import evidence_of
from engine.analysis.grouping import grouping_of
from engine.contract.answers import DecisionShown, ExampleShown, ImagesShown, MistakesShown, SetsShown
from engine.contract.codec import encode
from engine.contract.commands import (
    ListRuns,
    MoveThreshold,
    ShowDecision,
    ShowExample,
    ShowImages,
    ShowMistakes,
    ShowSets,
    StartTraining,
)
from engine.contract.config import TrainConfig
from engine.contract.cost_matrix import CostMatrix, preset
from engine.contract.decisions import DecideQuestion
from engine.contract.errors import InputError
from engine.contract.events import Finished
from engine.data.brought.predictions_file import read_predictions
from engine.jobs.recorded_run import Places, Session
from engine.worker.answers import Answers, AnswersOfViewers
from tests.worker.conftest import Start

NAMES = ("healthy", "cold", "plague")


def saved(path: Path, seed: int = 0, images: Any = None, **others: Any) -> Path:
    """300 images of three classes; every seed has the same labels."""
    labels = np.random.default_rng(99).integers(0, 3, 300)
    logits = np.random.default_rng(seed).normal(0, 1.5, (300, 3))
    logits[np.arange(300), labels] += 1.5
    arrays = {"logits": logits, "labels": labels, "label_names": np.array(NAMES), **others}
    np.savez(path, **arrays, **({} if images is None else {"images": images}))
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(Session(Places(tmp_path / "data", tmp_path / "store")))


def last(replies: Iterator[Any]) -> Any:
    return list(replies)[-1]


def test_a_page_of_mistakes_begins_where_the_one_before_ended(answers: Answers, tmp_path: Path) -> None:
    file = str(saved(tmp_path / "p.npz"))
    whole = last(answers.to(ShowMistakes(run_id=file, limit=20), None))
    assert len(whole.mistakes) == 20
    pages = [last(answers.to(ShowMistakes(fresh=False, offset=at, limit=5), None)) for at in (0, 5, 10, 15)]
    assert tuple(one for page in pages for one in page.mistakes) == whole.mistakes


def test_of_too_many_viewers_the_one_that_has_asked_least_lately_begins_anew(tmp_path: Path) -> None:
    viewers = AnswersOfViewers(Session(Places(tmp_path / "data", tmp_path / "store")))
    first, second, *_ = [viewers.of(number) for number in range(8)]
    assert viewers.of(0) is first
    viewers.of(8)
    assert viewers.of(0) is first
    assert viewers.of(1) is not second


def wanted(file: Path, **question: Any) -> Any:
    """What the analysis itself says."""
    foreign = read_predictions(file)
    costs = question.pop("costs", None) or CostMatrix(
        title="plague: a miss costs 50, a false alarm 1",
        rows=((0, 0, 1), (0, 0, 1), (50, 50, 0)),
        threshold=1 / 51,
    )
    pictures = None if foreign.images is None else foreign.images.reshape(len(foreign.labels), -1)
    grouping = grouping_of(None, foreign.groups, pictures)
    return decide(evidence_of(foreign), DecideQuestion(**{"positive": 2, **question}, costs=costs), (), grouping)


def test_a_file_is_decided_about_as_the_analysis_says(answers: Answers, tmp_path: Path) -> None:
    file = saved(tmp_path / "p.npz")
    shown = last(answers.to(ShowDecision(source=str(file), request=7), None))
    assert isinstance(shown, DecisionShown)
    assert (shown.request, shown.sources, shown.epoch) == (7, (str(file),), 0)
    assert shown.decision == wanted(file)
    assert (shown.dataset.name, shown.dataset.validation_size, shown.dataset.image_height) == ("p.npz", 300, 0)
    assert shown.dataset.label_names == NAMES


questions = st.fixed_dictionaries(
    {
        "positive": st.integers(0, 2),
        "threshold": st.floats(0, 1),
        "prevalence": st.floats(0, 1),
        "referral": st.sampled_from((0.0, 0.2, 0.5, 1.0)),
        "costs": st.sampled_from((None, preset("ordinal", 3, 2, "plague"), preset("lethal", 3, 1, "cold"))),
    }
)


@settings(max_examples=20)
@given(st.lists(questions, min_size=2, max_size=6))
def test_what_is_kept_from_question_to_question_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory, asked: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    file = saved(folder / "p.npz")
    answers = Answers(Session(Places(folder / "data", folder / "store")))
    for question in asked:
        shown = last(answers.to(ShowDecision(source=str(file), fresh=False, **question), None))
        costs = question["costs"] or shown.decision.costs.costs
        # As text: what has no denominator is nan, which equals nothing.
        assert repr(shown.decision) == repr(wanted(file, **{**question, "costs": costs}))


def test_a_question_that_is_not_fresh_holds_still_while_the_file_changes(answers: Answers, tmp_path: Path) -> None:
    file = saved(tmp_path / "p.npz")
    before = last(answers.to(ShowDecision(source=str(file)), None)).decision
    saved(file, seed=1)
    assert last(answers.to(ShowDecision(source=str(file), fresh=False), None)).decision == before
    after = last(answers.to(ShowDecision(source=str(file)), None)).decision
    assert after == wanted(file) != before
    other = saved(tmp_path / "q.npz", seed=2)
    assert last(answers.to(ShowDecision(source=str(other), fresh=False), None)).decision == wanted(other)


def test_several_files_are_judged_as_their_mean_and_their_images_too(answers: Answers, tmp_path: Path) -> None:
    files = [saved(tmp_path / f"{seed}.npz", seed) for seed in range(3)]
    shown = last(answers.to(ShowDecision(source=str(files[0]), members=tuple(map(str, files[1:]))), None))
    assert shown.sources == tuple(map(str, files))
    mean = np.mean([evidence_of(read_predictions(file)).probabilities for file in files], axis=0)
    gain = shown.decision.trust.ensemble
    assert gain is not None
    assert (gain.members, shown.decision.num_examples) == (3, 300)
    images = last(answers.to(ShowImages(indices=(4, 250)), None)).images
    for image in images:
        assert image.probabilities == pytest.approx(mean[image.index])
        assert image.loss == pytest.approx(-np.log(mean[image.index, image.true]))


def test_members_that_judged_other_images_are_refused_in_one_line(answers: Answers, tmp_path: Path) -> None:
    one = saved(tmp_path / "one.npz")
    other = saved(tmp_path / "other.npz", labels=np.zeros(300, dtype=int))
    with pytest.raises(InputError, match="found member 2 on 300 images of 3 classes with labels of its own"):
        last(answers.to(ShowDecision(source=str(one), members=(str(other),)), None))


def test_images_come_in_the_order_asked_for_with_their_pixels(answers: Answers, tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (300, 5, 4), dtype=np.uint8)
    file = saved(tmp_path / "p.npz", images=pixels)
    last(answers.to(ShowDecision(source=str(file)), None))
    shown = last(answers.to(ShowImages(indices=(7, 0, 299), request=3), None))
    assert isinstance(shown, ImagesShown)
    assert [image.index for image in shown.images] == [7, 0, 299]
    assert [image.pixels for image in shown.images] == [pixels[index].tobytes() for index in (7, 0, 299)]
    assert (shown.request, shown.dataset.image_height, shown.dataset.image_width) == (3, 5, 4)


def test_a_moved_threshold_is_answered_as_the_whole_decision_would_be_without_the_flips(
    answers: Answers, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no model has been decided about yet"):
        last(answers.to(MoveThreshold(threshold=0.3, prevalence=0.01, referral=0.1), None))
    file = str(saved(tmp_path / "p.npz"))
    for positive in (0, 1):
        last(answers.to(ShowDecision(source=file, positive=positive), None))
        moved = last(answers.to(MoveThreshold(threshold=0.3, prevalence=0.01, referral=0.1), None))
        numbers = {"threshold": 0.3, "prevalence": 0.01, "referral": 0.1}
        whole = last(answers.to(ShowDecision(source=file, positive=positive, fresh=False, **numbers), None)).decision
        assert moved.threshold == whole.threshold
        assert moved.abstention == whole.trust.abstention
        assert whole.costs.flipped
        assert b"flipped" not in encode(moved)


def test_images_before_a_decision_or_beyond_the_last_are_refused(answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model has been decided about yet"):
        last(answers.to(ShowImages(indices=(0,)), None))
    last(answers.to(ShowDecision(source=str(saved(tmp_path / "p.npz"))), None))
    for index in (-1, 300):
        with pytest.raises(InputError, match=f"image: found {index}, expected 0 to 299"):
            last(answers.to(ShowImages(indices=(0, index)), None))


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ({"positive": 3}, "positive: found class 3, expected 0 to 2"),
        ({"positive": -1}, "positive: found class -1, expected 0 to 2"),
        ({"costs": CostMatrix(title="", rows=((0.0, 1.0), (1.0, 0.0)))}, "costs: found 2 rows of 2 numbers"),
        ({"source": "nowhere.npz"}, "nowhere.npz: no such file; expected an .npz file of predictions"),
        ({"source": "nobody"}, "run: found 'nobody', expected one of `softmax-tui runs list`: no run is stored yet"),
        ({"source": "s0001/3 learning-rate 0.1 seed 0"}, "run: found 's0001/3 learning-rate 0.1 seed 0'"),
        ({"source": ""}, "found no runs"),
    ],
)
def test_what_cannot_be_answered_is_one_line(
    answers: Answers, tmp_path: Path, question: dict[str, Any], line: str
) -> None:
    file = saved(tmp_path / "p.npz")
    with pytest.raises(InputError) as refused:
        last(answers.to(ShowDecision(**{"source": str(file), **question}), None))
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("shape", [None, (300, 5, 4), (300, 20)], ids=["no images", "pictures", "features"])
def test_mistakes_of_a_file_have_no_evidence_and_pictures_where_it_holds_some(
    answers: Answers, tmp_path: Path, shape: tuple[int, ...] | None
) -> None:
    pixels = None if shape is None else np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    file = saved(tmp_path / "p.npz", images=pixels)
    page = last(answers.to(ShowMistakes(run_id=str(file), limit=5), None))
    assert isinstance(page, MistakesShown)
    assert page.run_id == str(file)
    assert sum(map(sum, page.confusion)) == 300
    pictures = shape is not None and len(shape) == 3
    assert all(len(one.pixels) == (20 if pictures else 0) for one in page.mistakes)
    whole = last(answers.to(ShowExample(index=page.mistakes[0].index), None))
    assert isinstance(whole, ExampleShown)
    assert (whole.evidence, whole.bias) == (b"", ())
    assert sum(whole.gradient) == pytest.approx(0)
    assert whole.gradient[whole.example.true] == pytest.approx(whole.example.probabilities[whole.example.true] - 1)


async def test_a_live_run_and_a_stored_one_are_decided_about(start: Start, config: TrainConfig) -> None:
    watched = await start()
    await watched.client.ask(StartTraining(config=config))
    await watched.event(Finished)
    live = cast(DecisionShown, await watched.client.ask(ShowDecision()))
    assert live.epoch == 3
    assert live.decision.num_examples == live.dataset.validation_size == 300
    matrix = preset("symmetrical", live.dataset.num_classes, 0, "")
    costs = cast(DecisionShown, await watched.client.ask(ShowDecision(costs=matrix, fresh=False))).decision.costs
    page = cast(MistakesShown, await watched.client.ask(ShowMistakes()))
    assert costs.argmax_cost == pytest.approx(page.matching / 300)
    assert not costs.flipped

    again = await start()
    stored = cast(DecisionShown, await again.client.ask(ShowDecision(source=live.sources[0])))
    assert repr(stored.decision.trust) == repr(live.decision.trust)  # empty bins are nan
    runs = await again.client.ask(ListRuns())
    name = runs.runs[0].name  # type: ignore[union-attr]
    assert cast(DecisionShown, await again.client.ask(ShowDecision(source=name))).sources == live.sources
    with pytest.raises(InputError, match="positive: found class 99"):
        await again.client.ask(ShowDecision(positive=99))


def test_a_run_whose_name_has_a_slash_is_no_file(answers: Answers, tmp_path: Path) -> None:
    session = Session(Places(tmp_path / "data", tmp_path / "store"))
    config = TrainConfig(dataset="silhouettes", train_size=100, validation_size=60, epochs=1)
    training = last(session.start(config))
    list(training.events)
    session.store.rename(training.run_id, "s0001/0 learning-rate 0.1 seed 0")
    shown = last(answers.to(ShowDecision(source="s0001/0 learning-rate 0.1 seed 0"), None))
    assert shown.sources == (training.run_id,)
    assert shown.decision.num_examples == 60


def test_sets_are_those_of_the_analysis_however_the_level_and_the_method_move(answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model has been decided about yet"):
        last(answers.to(ShowSets(), None))
    for seed in (0, 1):
        file = saved(tmp_path / f"{seed}.npz", seed)
        last(answers.to(ShowDecision(source=str(file)), None))
        evidence = evidence_of(read_predictions(file))
        for level, method in ((0.9, "lac"), (0.5, "aps"), (0.8, "lac"), (0.8, "class-conditional"), (0.9, "aps")):
            shown = last(answers.to(ShowSets(level=level, method=method, request=4), None))  # type: ignore[arg-type]
            assert isinstance(shown, SetsShown)
            assert shown.request == 4
            assert repr(shown.sets) == repr(sets_of(evidence, method, level))  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_level_that_is_none_is_refused(answers: Answers, tmp_path: Path, level: float) -> None:
    last(answers.to(ShowDecision(source=str(saved(tmp_path / "p.npz"))), None))
    with pytest.raises(InputError, match=r"level: found .*, expected 0 to 1"):
        last(answers.to(ShowSets(level=level), None))
