"""The three views together, ensembles, and what they say."""

import math

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.metrics import average_precision_score

from engine.analysis.calibration import softmax
from engine.analysis.costs import costs_view
from engine.analysis.decisions import decide, decision_curve, threshold_view
from engine.analysis.evidence import Evidence, ensemble_gain
from engine.analysis.grouping import Grouping
from engine.analysis.groups import groups_view, thresholds_of_groups
from engine.analysis.net_benefit import here_of
from engine.analysis.thresholds import counts_at
from engine.analysis.trust import halves, trust_view
from engine.contract.codec import encode_for_scripts
from engine.contract.cost_matrix import miss_and_false_alarm, preset
from engine.contract.decisions import DecideQuestion, Interval
from engine.contract.errors import InputError
from engine.verdicts.decision import (
    abstention_sentence,
    calibration_sentence,
    costs_sentence,
    ensemble_sentence,
    odds,
    scenario_sentence,
    threshold_sentence,
)

NAMES = ("healthy", "cold", "plague")


def drawn(images: int = 4000, scale: float = 1.0, seed: int = 0, plague: float = 0.1) -> Evidence:
    """Logits that are true at scale 1, too sure above and too timid below."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (images, 3)) + np.log([0.6, 0.4 - plague, plague])
    labels = (random.random((images, 1)) > softmax(logits).cumsum(1)).sum(1).clip(0, 2)
    return Evidence.of_logits(logits * scale, labels, NAMES)


def asked(**changes: object) -> DecideQuestion:
    costs = changes.pop("costs", miss_and_false_alarm(3, 2, "plague", 50, 1))
    return DecideQuestion(positive=2, costs=costs, **changes)  # type: ignore[arg-type]


def test_classes_that_are_called_by_numbers_are_named_as_classes() -> None:
    evidence = drawn()
    view = decide(replace_names(evidence, ("0", "1", "2")), asked())
    assert view.threshold.positive_label == "2"  # as scripts read it
    assert " images of class 2 (" in threshold_sentence(view.threshold)
    assert scenario_sentence(view.threshold, view.costs).startswith("Imagine class 2 is a disease")
    assert " to class 2" in costs_sentence(view.costs, view.label_names)
    named = decide(evidence, asked())
    assert " images of plague (" in threshold_sentence(named.threshold)


def test_each_view_is_that_of_the_same_images_and_question() -> None:
    members = [drawn(seed=0), Evidence.of_logits(drawn(seed=5).logits, drawn(seed=0).labels, NAMES)]
    evidence = Evidence.of_ensemble(members)
    grouping = Grouping("file", ("file", "none"), ("one", "other"), np.arange(4000) % 2)
    question = asked(threshold=0.2, referral=0.3)
    view = decide(evidence, question, members, grouping)
    assert view.threshold == threshold_view(evidence, 2, 0.2, question.prevalence)
    assert view.costs == costs_view(evidence, question.costs, 2)
    assert view.trust == trust_view(evidence, 0.3, members)
    thresholds = thresholds_of_groups(evidence, grouping, 2, question.costs)
    assert thresholds is not None
    assert view.groups == groups_view(evidence, grouping, 2, 0.2, thresholds)
    assert (view.label_names, view.num_examples) == (NAMES, 4000)
    scores, truth = evidence.probabilities[:, 2], evidence.labels == 2
    assert view.threshold.average_precision == pytest.approx(average_precision_score(truth, scores))
    curve = decision_curve(evidence, 2)
    assert view.threshold.net_benefit.curve == curve
    assert view.threshold.net_benefit.here == here_of(counts_at(scores, truth, 0.2), 0.2, curve)


def replace_names(evidence: Evidence, names: tuple[str, ...]) -> Evidence:
    return Evidence.of_logits(evidence.logits, evidence.labels, names)


def test_the_temperature_never_saw_the_images_that_judge_it() -> None:
    evidence = drawn(scale=3.0)
    before = trust_view(evidence, 0.2)
    assert before.temperature == pytest.approx(3.0, rel=0.1)
    assert before.ece_after < before.ece / 3
    # Other logits in the judged half change what is judged and not what is fitted, and the other way round.
    fitted, judged = halves(evidence.labels)
    others = []
    for half in (judged, fitted):
        logits = evidence.logits.copy()
        logits[half] = np.roll(logits[half], 1, axis=1)
        others.append(trust_view(Evidence.of_logits(logits, evidence.labels, NAMES), 0.2))
    assert others[0].temperature == before.temperature
    assert others[0].ece != before.ece
    assert others[1].temperature != before.temperature
    assert (others[1].ece, others[1].brier) == (before.ece, before.brier)


def test_probabilities_and_their_logits_lead_to_the_same_views() -> None:
    evidence = drawn()
    again = Evidence.of_probabilities(evidence.probabilities, evidence.labels, NAMES)
    one, other = decide(evidence, asked()), decide(again, asked())
    assert one.threshold == other.threshold
    assert one.costs == other.costs
    assert one.trust.temperature == pytest.approx(other.trust.temperature, rel=1e-6)
    assert one.trust.ece_after == pytest.approx(other.trust.ece_after, rel=1e-6)


def test_the_curves_are_thinned_and_keep_their_ends() -> None:
    view = threshold_view(drawn(20_000), 2, 0.5, 0.001)
    for curve in (view.roc, view.precision_recall):
        assert 50 < len(curve.x) <= 202
        assert list(curve.x) == sorted(curve.x)
    assert (view.roc.x[0], view.roc.y[0], view.roc.x[-1], view.roc.y[-1]) == (0, 0, 1, 1)
    area = float(np.trapezoid(view.roc.y, view.roc.x))
    assert area == pytest.approx(view.auc, abs=0.003)


def test_an_absent_class_gives_empty_curves_and_null_for_scripts() -> None:
    evidence = drawn()
    absent = Evidence(evidence.logits, evidence.probabilities, np.zeros_like(evidence.labels), NAMES)
    decision = decide(absent, asked())
    assert decision.threshold.roc.x == decision.threshold.precision_recall.x == ()
    assert '"auc":null' in encode_for_scripts(decision)
    assert "the figures say nothing about" in threshold_sentence(decision.threshold)


def test_what_cannot_be_judged_is_refused_in_one_line() -> None:
    labels = np.array([0, 1])
    for logits, found in (
        ([[0.0, math.nan], [0.0, 1.0]], "run 7: found nan for image 0, class 1, expected finite numbers"),
        ([[0.0, 1.0], [-math.inf, 1.0]], "run 7: found -inf for image 1, class 0, expected finite numbers"),
        ([[0.0, 1e300], [0.0, 1.0]], "found 1e\\+300 for image 0, class 1"),
    ):
        with pytest.raises(InputError, match=found):
            Evidence.of_logits(np.array(logits), labels, ("a", "b"), "run 7")
    with pytest.raises(InputError, match="found 1 image, expected at least 2"):
        Evidence.of_logits(np.zeros((1, 2)), labels[:1], ("a", "b"))
    with pytest.raises(InputError, match="found class 3, expected 0 to 2"):
        threshold_view(drawn(), 3, 0.5, 0.001)


def test_an_ensemble_is_never_worse_than_the_mean_of_its_members_in_loss_and_brier_score() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 1000)
    members = []
    for _ in range(3):
        logits = random.normal(0, 1.5, (1000, 3))
        logits[np.arange(1000), labels] += 1
        members.append(Evidence.of_logits(logits, labels, NAMES))
    together = Evidence.of_ensemble(members)
    np.testing.assert_allclose(together.probabilities, sum(member.probabilities for member in members) / 3)
    gain = ensemble_gain(members, together)
    assert gain.loss < gain.member_loss
    assert gain.brier < gain.member_brier
    assert gain.accuracy > gain.member_accuracy
    assert gain.loss_gain_interval.low > 0
    assert "no gain" not in ensemble_sentence(gain)
    same = ensemble_gain([members[0]] * 2, Evidence.of_ensemble([members[0]] * 2))
    assert same.loss == pytest.approx(same.member_loss)
    assert "no clear gain" in ensemble_sentence(same)


def test_members_that_judged_other_images_make_no_ensemble() -> None:
    with pytest.raises(InputError, match="found member 2 on 100 images of 3 classes"):
        Evidence.of_ensemble([drawn(200), drawn(100)])
    with pytest.raises(InputError, match="with labels of its own"):
        Evidence.of_ensemble([drawn(200, seed=0), drawn(200, seed=1)])


def test_the_sentences_follow_the_figures() -> None:
    honest, boastful, timid = (decide(drawn(scale=scale), asked()) for scale in (1.0, 4.0, 0.3))
    assert "No miscalibration is found" in calibration_sentence(honest.trust)
    assert "overconfident" in calibration_sentence(boastful.trust)
    assert "underconfident" in calibration_sentence(timid.trust)
    assert "and the loss from" in calibration_sentence(boastful.trust)
    assert "leaves the loss at" in calibration_sentence(honest.trust)
    assert costs_sentence(honest.costs, NAMES).startswith("The most likely label is not always best: ")
    assert "less)" in costs_sentence(honest.costs, NAMES)
    assert "At a prevalence of 1 in 1,000," in threshold_sentence(honest.threshold)
    assert "worth it" in abstention_sentence(honest.trust)
    symmetrical = decide(drawn(), asked(costs=preset("symmetrical", 3, 2, "plague")))
    assert costs_sentence(symmetrical.costs, NAMES).startswith("No decision flips")


def test_a_temperature_that_makes_something_worse_is_not_offered_without_saying_so() -> None:
    mended = trust_view(drawn(scale=4.0), 0.2)
    assert "lowers the calibration error" in calibration_sentence(mended)
    assert "worse" not in calibration_sentence(mended)
    luck = replace(mended, loss_gain_interval=Interval(-0.1, 0.2))
    assert calibration_sentence(luck).endswith("The change in loss could be chance.")
    of_one_row = replace(mended, loss_gain_interval=Interval(math.nan, math.nan))
    assert calibration_sentence(of_one_row) == calibration_sentence(luck)
    dearer = replace(mended, loss_after=mended.loss + 1, loss_gain_interval=Interval(-1.2, -0.8))
    assert f"raises the loss from {mended.loss:.3f}" in calibration_sentence(dearer)
    assert calibration_sentence(dearer).endswith("The loss gets worse: leave the probabilities as they are.")
    worse = replace(mended, ece_after=mended.ece + 0.1)
    assert f"raises the calibration error from {mended.ece:.3f} to {mended.ece + 0.1:.3f}" in calibration_sentence(
        worse
    )
    assert calibration_sentence(worse).endswith(
        "The calibration error gets worse: leave the probabilities as they are."
    )
    end = replace(worse, temperature=0.001, temperature_at_bound=True)
    assert "No temperature is best" in calibration_sentence(end)
    assert "That temperature raises the calibration error" in calibration_sentence(end)


def test_one_in_so_many_is_said_of_rare_things_alone() -> None:
    said = {0.001: "1 in 1,000", 0.2: "1 in 5", 0.25: "25% of all", 0.3: "30% of all", 0.0003: "0.03% of all"}
    assert {share: odds(share) for share in said} == said


def test_few_images_carry_no_conclusion_and_the_sentences_say_so() -> None:
    few = decide(drawn(60, seed=3), asked())
    ill = few.threshold.true_positive + few.threshold.false_negative
    assert f"Only {ill} images of plague: too few for a conclusion" in threshold_sentence(few.threshold)
    evidence = drawn(2000)
    random = np.random.default_rng(9)
    guessing = Evidence.of_logits(random.normal(0, 1, (2000, 3)), evidence.labels, NAMES)
    assert "cannot be distinguished from guessing" in threshold_sentence(threshold_view(guessing, 2, 0.5, 0.001))


def test_probabilities_that_mislead_make_least_expected_cost_dearer_and_it_is_said() -> None:
    timid = decide(drawn(20_000, scale=0.1, plague=0.001), asked())
    assert timid.costs.saving_interval.high < 0
    assert "The cost per image rises" in costs_sentence(timid.costs, NAMES)
    assert "The probabilities are misleading" in costs_sentence(timid.costs, NAMES)


def test_a_flip_or_two_may_be_luck() -> None:
    evidence = drawn(60, seed=5)
    view = decide(evidence, asked(costs=miss_and_false_alarm(3, 2, "plague", 1.5, 1))).costs
    assert view.flipped
    assert "could be chance" in costs_sentence(view, NAMES)
