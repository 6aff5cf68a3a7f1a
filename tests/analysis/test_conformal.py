"""Sets of labels against MAPIE, against the plain definition, and at the ends of what can be asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier
from mapie.metrics.classification import classification_coverage_score, classification_mean_width_score
from sklearn.base import BaseEstimator, ClassifierMixin

from engine.analysis.conformal import parts, rank_of, sets_of
from engine.analysis.evidence import Evidence
from engine.contract.conformal import SetMethod, SetsView, size_bins

METHODS = get_args(SetMethod)


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def named(classes: int) -> tuple[str, ...]:
    return tuple(f"c{label}" for label in range(classes))


def drawn(images: int = 500, classes: int = 5, seed: int = 0, absent: int | None = None) -> Evidence:
    """Logits that know the true class somewhat."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, images)
    if absent is not None:
        labels = np.where(labels == absent, (absent + 1) % classes, labels)
    logits = random.normal(0, 1.3, (images, classes))
    logits[np.arange(images), labels] += 1.5
    return Evidence.of_logits(logits, labels, named(classes))


def votes() -> Evidence:
    """Ten trees each: ties within rows and between them, zeros, in float16; some true classes have no vote."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 4, 400)
    shares = np.full((400, 4), 0.1)
    shares[np.arange(400), labels] = 0.7
    counts = np.array([random.multinomial(10, share) for share in shares])
    return Evidence.of_probabilities((counts / 10).astype(np.float16), labels, named(4))


def repeated() -> Evidence:
    """Nine different rows, so that nearly all scores are equal to others; no ties within a row."""
    random = np.random.default_rng(2)
    rows = softmax(random.normal(0, 1.5, (9, 6)))
    labels = random.integers(0, 6, 400)
    return Evidence.of_probabilities(rows[random.integers(0, 9, 400)].astype(np.float32), labels, named(6))


def sharp() -> Evidence:
    """Zeros: all but the three likeliest classes are impossible."""
    evidence = drawn(400, 8, seed=3)
    kept = np.where(evidence.probabilities >= np.sort(evidence.probabilities)[:, [-3]], evidence.probabilities, 0.0)
    return Evidence.of_probabilities(kept / kept.sum(1, keepdims=True), evidence.labels, named(8))


def ensemble() -> Evidence:
    one, other = drawn(seed=4), drawn(seed=5)
    return Evidence.of_ensemble([one, Evidence.of_logits(other.logits, one.labels, one.label_names)])


FILES: dict[str, Callable[[], Evidence]] = {
    "drawn": drawn,
    "votes": votes,
    "repeated": repeated,
    "sharp": sharp,
    "absent": lambda: drawn(absent=3, seed=6),
    "two": lambda: drawn(300, 2, seed=7),
    "ensemble": ensemble,
}


class Told(ClassifierMixin, BaseEstimator):
    """What a classifier said, for MAPIE: an input is the number of its image."""

    def __init__(self, probabilities: np.ndarray) -> None:
        self.probabilities = probabilities
        self.classes_ = np.arange(probabilities.shape[1])

    def fit(self, *_: Any) -> Told:
        return self

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        return self.probabilities[np.asarray(inputs)[:, 0]]

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        return self.predict_proba(inputs).argmax(1)

    def __sklearn_is_fitted__(self) -> bool:
        return True


class NoLuck(np.random.RandomState):
    """MAPIE calibrates APS with random numbers always; with 1 its score is the sum of what is likelier.

    It takes a class for which that sum is below the quantile, not one for which the two are equal: a little less than
    1 lets in the classes that should be.
    """

    def uniform(self, *_: Any, size: Any = None, **__: Any) -> Any:
        return np.full(size, 1 - 4e-6)


def by_mapie(evidence: Evidence, method: SetMethod, level: float) -> np.ndarray:
    """Which classes are in the set of each judged image, (m, classes)."""
    some, judged = parts(len(evidence.labels))
    # Rows whose sum is 1 also in float64: MAPIE refuses others, and has another idea of rounding.
    if evidence.precision.dtype == np.float16:  # tenths
        told = Told(evidence.probabilities.round(1))
    else:
        told = Told(evidence.probabilities / evidence.probabilities.sum(1, keepdims=True))

    def sets(calibrating: np.ndarray) -> np.ndarray:
        score = "aps" if method == "aps" else "lac"
        mapie = SplitConformalClassifier(
            told, confidence_level=level, conformity_score=score, prefit=True, random_state=NoLuck(0)
        )
        mapie.conformalize(calibrating[:, None], evidence.labels[calibrating])
        arguments = {"include_last_label": True} if method == "aps" else {}
        return np.asarray(mapie.predict_set(judged[:, None], conformity_score_params=arguments)[1][:, :, 0])

    if method != "class-conditional":
        return sets(some)
    found = np.ones((len(judged), len(evidence.label_names)), dtype=bool)  # a class that none calibrates is in each set
    for label in np.unique(evidence.labels[some]):
        of_class = some[evidence.labels[some] == label]
        if rank_of(level, len(of_class)) <= len(of_class):
            found[:, label] = sets(of_class)[:, label]
    return found


def by_definition(evidence: Evidence, method: SetMethod, level: float) -> np.ndarray:
    """The same from the words of the papers, image by image; sums that differ by rounding alone are equal."""
    probabilities, labels = evidence.probabilities, evidence.labels
    some, judged = parts(len(labels))

    def score(image: int, label: int) -> float:
        row = probabilities[image]
        if method != "aps":
            return 1 - float(row[label])
        return math.fsum(p for p in row if p > row[label])

    def bound(calibrating: np.ndarray) -> float:
        rank = math.ceil(round((len(calibrating) + 1) * level, 9))
        scores = sorted(score(image, labels[image]) for image in calibrating)
        return scores[rank - 1] if rank <= len(calibrating) else math.inf

    classes = range(len(evidence.label_names))
    bounds = [bound(some[labels[some] == label] if method == "class-conditional" else some) for label in classes]
    # Half a unit of each of two sums.
    close = 1e-9 if evidence.precision.dtype == np.float64 else 2 * evidence.precision.half_unit
    return np.array(
        [
            [score(image, label) <= bounds[label] + close * (method == "aps" or close < 1e-8) for label in classes]
            for image in judged
        ]
    )


def expect_sets(view: SetsView, wanted: np.ndarray, evidence: Evidence) -> None:
    """All figures, and the classes of every image that is sent, are those of the sets (m, classes)."""
    judged = parts(len(evidence.labels))[1]
    labels, sizes = evidence.labels[judged], wanted.sum(1)
    covered = wanted[np.arange(len(judged)), labels]
    assert view.covered == covered.sum()
    assert view.mean_size == pytest.approx(sizes.mean())
    assert view.median_size == np.median(sizes)
    assert [(one.size, one.images, one.covered) for one in view.sizes] == [
        (size, (sizes == size).sum(), covered[sizes == size].sum()) for size in np.unique(sizes)
    ]
    for label, one in enumerate(view.classes):
        of_class = labels == label
        assert (one.images, one.covered) == (of_class.sum(), covered[of_class].sum())
        if of_class.any():
            assert one.coverage == pytest.approx(covered[of_class].mean())
            assert one.mean_size == pytest.approx(sizes[of_class].mean())
        else:
            assert math.isnan(one.coverage)
            assert math.isnan(one.interval.low)
    places = {index: place for place, index in enumerate(judged.tolist())}
    for image in view.images:
        place = places[image.index]
        assert set(image.labels) == set(np.flatnonzero(wanted[place]).tolist())
        falling = evidence.probabilities[image.index, list(image.labels)]
        assert (np.diff(falling) <= 0).all()
        assert image.covered == covered[place]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.97])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", FILES)
def test_sets_are_those_of_the_definition(name: str, method: SetMethod, level: float) -> None:
    evidence = FILES[name]()
    expect_sets(sets_of(evidence, method, level), by_definition(evidence, method, level), evidence)


@pytest.mark.filterwarnings("ignore:WARNING. your conformalization dataset has less labels")
@pytest.mark.parametrize("level", [0.6, 0.9])
@pytest.mark.parametrize(
    ("name", "method"),
    [(name, method) for name in FILES for method in METHODS if method != "aps" or name not in ("votes", "two")],
)
def test_sets_are_those_of_mapie(name: str, method: SetMethod, level: float) -> None:
    """MAPIE's APS puts equally likely classes of a row in some order, and refuses two classes; so it is no referee of
    these files. It leaves out classes of probability 0, also where the bound is 1.
    """
    evidence = FILES[name]()
    wanted = by_mapie(evidence, method, level)
    view = sets_of(evidence, method, level)
    judged = parts(len(evidence.labels))[1]
    if method == "aps":
        wanted |= (evidence.probabilities[judged] == 0) & (view.quantile > 1 - 1e-6)
    expect_sets(view, wanted, evidence)
    assert view.coverage == pytest.approx(classification_coverage_score(evidence.labels[judged], wanted[:, :, None])[0])
    assert view.mean_size == pytest.approx(classification_mean_width_score(wanted[:, :, None])[0])


# The ends


def test_the_rank_is_that_of_the_level_as_it_is_written() -> None:
    assert [rank_of(0.9, n) for n in (8, 9, 10, 99, 100)] == [9, 9, 10, 90, 91]
    assert rank_of(0.55, 99) == 55  # 100 · 0.55 is 55.00000000000001
    assert rank_of(0.7, 9) == 7
    assert (rank_of(0.0, 50), rank_of(1.0, 50), rank_of(1, 50)) == (0, 51, 51)
    assert rank_of(1e-6, 50) == 1


@pytest.mark.parametrize("method", METHODS)
def test_where_there_are_too_few_to_calibrate_each_set_has_every_class(method: SetMethod) -> None:
    evidence = drawn(16, 3)
    view = sets_of(evidence, method, 0.9)  # 8 calibrate, 9 are needed
    assert view.calibrated == 8
    assert [(one.size, one.images) for one in view.sizes] == [(3, 8)]
    assert (view.coverage, view.promised) == (1.0, 1.0)
    assert all(one.quantile == math.inf for one in view.classes)
    assert not any(one.luck for one in view.classes)
    enough = sets_of(drawn(18, 3), "lac", 0.9)
    assert enough.quantile < 1


@pytest.mark.parametrize("method", METHODS)
def test_level_0_asks_for_nothing_and_level_1_for_everything(method: SetMethod) -> None:
    for name, make in FILES.items():
        evidence = make()
        nothing, everything = sets_of(evidence, method, 0.0), sets_of(evidence, method, 1.0)
        assert [one.size for one in nothing.sizes] == [0], name
        assert (nothing.coverage, nothing.promised, nothing.by_luck.high) == (0.0, 0.0, 0.0)
        assert [one.size for one in everything.sizes] == [len(evidence.label_names)], name
        assert (everything.coverage, everything.by_luck.low) == (1.0, 1.0)


def test_a_class_that_none_calibrates_is_in_every_set_of_class_conditional() -> None:
    evidence = drawn(absent=3, seed=6)
    view = sets_of(evidence, "class-conditional", 0.6)
    assert view.classes[3].calibrated == view.classes[3].images == 0
    assert view.classes[3].quantile == math.inf
    assert all(3 in image.labels for image in view.images)
    assert sets_of(evidence, "lac", 0.6).classes[3].quantile < 1


def test_two_images_are_enough_to_ask() -> None:
    for method in METHODS:
        for level in (0.0, 0.3, 0.5, 0.9, 1.0):
            view = sets_of(drawn(2, 2), method, level)
            assert (view.calibrated, view.judged) == (1, 1)


def test_equally_likely_classes_are_in_a_set_together_or_not_at_all() -> None:
    labels = np.arange(60) % 3
    evidence = Evidence.of_probabilities(np.full((60, 3), 1 / 3), labels, named(3))
    for method in METHODS:
        assert [one.size for one in sets_of(evidence, method, 0.8).sizes] == [3]
    swapped = votes()
    for method in METHODS:
        order = [2, 0, 3, 1]
        other = Evidence.of_probabilities(
            swapped.probabilities[:, order].astype(np.float16), np.argsort(order)[swapped.labels], named(4)
        )
        one, two = sets_of(swapped, method, 0.9), sets_of(other, method, 0.9)
        assert one.sizes == two.sizes  # the order of the classes plays no part
        assert [one.classes[label].covered for label in order] == [c.covered for c in two.classes]


def test_means_of_an_ensemble_that_differ_by_rounding_alone_are_equal() -> None:
    true = np.array([(0.1, 0.5), (0.3, 0.3), (0.2, 0.4), (0.05, 0.55)])  # the mean is 0.3, but for its last bit
    assert len(set(true.mean(1).tolist())) > 1
    members = []
    for one in np.tile(true, (10, 1)).T:
        rows = np.stack([one, 1 - one], axis=1)
        members.append(Evidence.of_probabilities(rows, np.zeros(40, dtype=np.int64), named(2)))
    for method in METHODS:
        for level in (0.1, 0.5, 0.9):
            assert sets_of(Evidence.of_ensemble(members), method, level).coverage == 1.0


def test_the_parts_are_drawn_by_a_seed_and_overlap_nowhere() -> None:
    some, judged = parts(101)
    assert sorted([*some, *judged]) == list(range(101))
    assert (len(some), len(judged)) == (51, 50)
    assert (parts(101)[0] == some).all()
    assert 20 < np.count_nonzero(some < 51) < 32  # not one after the other, nor the first half


def test_images_to_look_at_are_of_each_size_the_missed_ones_first() -> None:
    view = sets_of(drawn(4000, 6, seed=8), "aps", 0.8)
    for first, last in size_bins(6):
        images = [image for image in view.images if first <= image.size <= last]
        total = sum(one.images for one in view.sizes if first <= one.size <= last)
        assert len(images) == min(total, 200)
        assert [image.covered for image in images] == sorted(image.covered for image in images)
    assert len({image.index for image in view.images}) == len(view.images)


def test_bins_of_sizes_follow_each_other_up_to_the_largest() -> None:
    assert size_bins(0) == ((0, 0), (1, 1), (2, 2))
    assert size_bins(3)[-1] == (3, 3)
    for largest in (7, 10, 11, 100, 1234, 1_000_000):
        bins = size_bins(largest)
        assert bins[-1][1] == largest
        assert all(end + 1 == start for (_, end), (start, _) in pairwise(bins))
