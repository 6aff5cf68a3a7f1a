"""The Monitor of judged models: against probabilities computed anew, of one model, of several, and of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.analysis.changes import ImageChange
from engine.analysis.evidence import Evidence
from engine.analysis.mistakes import Parameters, Predictions
from engine.analysis.monitoring import order
from engine.contract.commands import ShowDecision, ShowMonitor
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from engine.contract.monitoring import CHANGES, ChangeName, MonitorQuestion, MonitorView
from engine.jobs.judged_model import Judged
from engine.jobs.monitored import Monitoring
from engine.jobs.recorded_run import Places, Session
from engine.worker.answers import Answers

SIZE, SIDE, CLASSES = 1500, 6, 3
SCALE = 1 / 255


def model(seed: int = 0, pictures: bool = True, certain: float = 4.0) -> Judged:
    """A model that is right about most of 1,500 images: it looks where their class is bright."""
    random = np.random.default_rng(5)
    labels = random.integers(0, CLASSES, SIZE)
    pixels = random.integers(0, 120, (SIZE, SIDE * SIDE), dtype=np.uint8)
    places = np.arange(SIDE * SIDE) % CLASSES
    pixels[places == labels[:, None]] += 60
    weight = certain * (places == np.arange(CLASSES)[:, None]) + np.random.default_rng(seed).normal(
        0, 0.5, (CLASSES, SIDE * SIDE)
    )
    images, weights = torch.from_numpy(pixels), torch.from_numpy(weight.astype(np.float32))
    logits = images.float() @ weights.T * SCALE
    probabilities = logits.softmax(1)
    truth = torch.from_numpy(labels)
    info = DatasetInfo(
        name="small",
        train_size=SIZE,
        validation_size=SIZE,
        num_features=SIDE * SIDE,
        num_classes=CLASSES,
        image_height=SIDE if pictures else 0,
        image_width=SIDE if pictures else 0,
        label_names=("a", "b", "plague"),
        checksum="",
    )
    losses = -probabilities[torch.arange(SIZE), truth].log()
    predictions = Predictions(logits, probabilities, losses, truth, logits.argmax(1))
    return Judged("r0001", info, 1, 0, predictions, images, Parameters(weights, torch.zeros(CLASSES), SCALE))


def watched(*members: Judged, **question: Any) -> MonitorView:
    return monitoring(*members).view(MonitorQuestion(positive=2, **question))


def monitoring(*members: Judged) -> Monitoring:
    evidences = [member.evidence for member in members]
    return Monitoring(members, Evidence.of_ensemble(evidences) if len(members) > 1 else evidences[0])


def by_hand(judged: Judged, name: ChangeName, strength: float) -> Any:
    """Probabilities (n, classes) of the changed images, in float64."""
    assert judged.images is not None
    assert judged.parameters is not None
    change = ImageChange(judged.images, (SIDE, SIDE, 1), name, strength, 0)
    pixels = torch.cat([change.block(0), change.block(1000)]).numpy().astype(np.float64)
    logits = pixels @ judged.parameters.weight.numpy().astype(np.float64).T * SCALE
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def test_the_first_changed_image_is_told_with_what_the_model_says_before_and_after() -> None:
    judged, told = model(), set[tuple[int, int]]()
    before, after = judged.evidence.probabilities, by_hand(judged, "noise", 0.9)
    for moment in range(500, 520):
        image = watched(judged, change="noise", strength=0.9, moment=moment).image
        assert image is not None
        assert image.predicted == (before[image.index].argmax(), after[image.index].argmax())
        assert image.confidence == pytest.approx((before[image.index].max(), after[image.index].max()), abs=1e-5)
        told.add(image.predicted)
    assert any(first != then for first, then in told)


@pytest.mark.parametrize("name", ["noise", "brightness", "rotation", "occlusion"])
@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_changed_images_are_judged_by_the_models_themselves(name: ChangeName, seeds: tuple[int, ...]) -> None:
    members = [model(seed) for seed in seeds]
    view = watched(*members, change=name, strength=0.4, moment=500)
    labels = members[0].predictions.labels.numpy()
    later = order(SIZE, 0)[500:]
    mean = np.mean([by_hand(member, name, 0.4) for member in members], axis=0)[later]
    assert view.after.size == 1000
    assert view.after.accuracy == pytest.approx((mean.argmax(axis=1) == labels[later]).mean(), abs=0.002)
    assert view.after.confidence == pytest.approx(mean.max(axis=1).mean(), abs=1e-5)
    earlier = order(SIZE, 0)[:500]
    unchanged = np.mean([member.predictions.probabilities.numpy() for member in members], axis=0)[earlier]
    assert view.before.confidence == pytest.approx(unchanged.max(axis=1).mean(), abs=1e-5)


def test_what_comes_before_the_moment_knows_nothing_of_the_change() -> None:
    noise, rotation = (watched(model(), change=name, moment=700, strength=1.0) for name in ("noise", "rotation"))
    assert noise.before == rotation.before
    for one, other in ((noise.labelled, rotation.labelled), (noise.unlabelled, rotation.unlabelled)):
        known = [place for place, end in enumerate(one.ends) if end <= 700]
        assert [one.ends[place] for place in known] == [end for end in other.ends if end <= 700]
        assert [one.log10[place] for place in known] == pytest.approx([other.log10[place] for place in known])
    assert noise.windows.accuracy != rotation.windows.accuracy


def test_the_alarms_come_after_a_change_that_matters() -> None:
    view = watched(model(), change="rotation", strength=1.0, moment=800)
    assert view.before.accuracy > 0.95
    assert view.after.accuracy < 0.6
    for alarm in (view.labelled, view.unlabelled):
        assert alarm.at is not None
        assert 800 < alarm.at < 1000
    nothing = watched(model(), moment=SIZE)
    assert (nothing.labelled.at, nothing.unlabelled.at, nothing.after.size, nothing.image) == (None, None, 0, None)


def test_a_moved_moment_judges_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    block = ImageChange.block
    monkeypatch.setattr(ImageChange, "block", lambda self, start: calls.append(start) or block(self, start))
    one = monitoring(model())
    one.view(MonitorQuestion(positive=2, change="noise"))
    assert len(calls) == 3  # two blocks, and the image that is shown
    moved = one.view(MonitorQuestion(positive=2, change="noise", moment=600, alpha=0.1))
    assert len(calls) == 4
    one.view(MonitorQuestion(positive=2, change="noise", strength=0.5))
    assert len(calls) == 7
    assert moved == watched(model(), change="noise", moment=600, alpha=0.1)
    assert one.view(MonitorQuestion(positive=2, change="noise")) == watched(model(), change="noise")


def test_the_image_is_the_first_one_after_the_change() -> None:
    judged = model()
    view = watched(judged, change="brightness", strength=0.2, moment=333)
    image = view.image
    assert image is not None
    assert judged.images is not None
    pixels = judged.images[image.index]
    assert image.index == order(SIZE, 0)[333]
    assert image.before == pixels.numpy().tobytes()
    assert image.after == (pixels + 51).numpy().tobytes()  # none is near 255
    assert image.predicted[0] == judged.predictions.predicted[image.index]
    assert image.confidence[0] == pytest.approx(float(judged.predictions.probabilities[image.index].max()), abs=1e-6)


def test_inputs_that_are_no_pictures_are_not_turned() -> None:
    table = model(pictures=False)
    view = watched(table, change="noise")
    assert view.possible == ("brightness", "noise", "prevalence")
    assert view.image is None
    with pytest.raises(InputError, match=r"change: found rotation, expected .*: its inputs are no pictures"):
        watched(table, change="rotation")


def test_another_seed_is_another_stream_and_the_same_seed_the_same() -> None:
    for name in CHANGES:
        one, same, other = (watched(model(), change=name, seed=seed) for seed in (1, 1, 2))
        assert one == same
        assert one.labelled.log10 != other.labelled.log10


def test_floats_that_have_run_away_are_refused_in_one_line() -> None:
    judged = model()
    assert judged.parameters is not None
    judged.parameters.weight[0, 0] = torch.inf
    with pytest.raises(InputError, match="run r0001, images changed by noise: found"):
        Monitoring([judged], model().evidence).view(MonitorQuestion(positive=2, change="noise"))


def test_the_worker_answers_about_what_was_decided_last(tmp_path: Path) -> None:
    answers = Answers(Session(Places(tmp_path / "data", tmp_path / "store")))
    with pytest.raises(InputError, match="no model has been decided about yet"):
        list(answers.to(ShowMonitor(question=MonitorQuestion(positive=0)), None))
    random = np.random.default_rng(1)
    np.savez(tmp_path / "p.npz", logits=random.normal(size=(300, 3)), labels=random.integers(0, 3, 300))
    list(answers.to(ShowDecision(source=str(tmp_path / "p.npz")), None))
    *_, shown = answers.to(ShowMonitor(question=MonitorQuestion(positive=1, strength=0.9), request=4), None)
    assert (shown.request, shown.view.possible, shown.view.positive) == (4, ("prevalence",), 1)  # type: ignore[union-attr]
    with pytest.raises(InputError, match="positive: found class 3, expected 0 to 2"):
        list(answers.to(ShowMonitor(question=MonitorQuestion(positive=3)), None))
