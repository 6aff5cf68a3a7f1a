"""Every spelling of the same data, predictions and costs is read as the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.analysis.foreign import evidence_of
from engine.contract.errors import InputError
from engine.data.brought.costs import read_cost_matrix
from engine.data.brought.predictions_file import read_predictions
from engine.data.brought.reader import read_own
from engine.data.dataset import Dataset
from tests.data import brought, scored


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_own(brought.plain()(tmp_path_factory.mktemp("plain")))


@pytest.mark.parametrize("kind", brought.SAME)
def test_a_dataset_in_any_spelling_is_the_same_data(tmp_path: Path, plain: Dataset, kind: str) -> None:
    dataset = read_own(brought.SAME[kind](tmp_path))
    assert dataset.checksum == plain.checksum
    assert (dataset.image_shape, dataset.channels, dataset.test_size) == ((8, 8), 1, 0)
    assert dataset.num_classes == 3
    assert all(notice.isprintable() for notice in dataset.notices)
    under_documented_names = kind.startswith(("labels", "images", "idx", "flat"))
    assert under_documented_names or any(": training; " in notice for notice in dataset.notices)


@pytest.mark.parametrize("kind", brought.SAME_NAMED)
def test_labels_of_text_go_with_the_names(tmp_path: Path, plain: Dataset, kind: str) -> None:
    dataset = read_own(brought.SAME_NAMED[kind](tmp_path))
    assert dataset.checksum == plain.checksum
    assert dataset.label_names == ("owl", "hen", "fox")


@pytest.mark.parametrize("kind", scored.SAME_SAID)
def test_predictions_in_any_spelling_say_the_same(tmp_path: Path, kind: str) -> None:
    predicted = read_predictions(scored.SAME_SAID[kind](tmp_path))
    assert predicted.kind == "probabilities"
    np.testing.assert_array_equal(evidence_of(predicted).probabilities, scored.SAID)
    assert predicted.labels.tolist() == scored.TRUE.tolist()
    if kind in ("text", "table with header", "table with prefixes", "table in UTF-16"):
        assert predicted.label_names == ("owl", "hen", "fox")


@pytest.mark.parametrize("kind", scored.SAME_LOGITS)
def test_logits_are_told_from_probabilities(tmp_path: Path, kind: str) -> None:
    predicted = read_predictions(scored.SAME_LOGITS[kind](tmp_path))
    assert predicted.kind == "logits"
    np.testing.assert_allclose(evidence_of(predicted).probabilities, scored.SAID)


@pytest.mark.parametrize("kind", scored.SAME_BINARY)
def test_one_column_is_that_of_class_1(tmp_path: Path, kind: str) -> None:
    predicted = read_predictions(scored.SAME_BINARY[kind](tmp_path))
    np.testing.assert_allclose(evidence_of(predicted).probabilities[:, 1], scored.BINARY)
    assert predicted.labels.tolist() == scored.TRUE_2.tolist()
    assert len(predicted.label_names) == 2
    assert any("one column, taken for the" in notice for notice in predicted.notices)


@pytest.mark.parametrize("kind", scored.HARD)
def test_labels_alone_are_read_and_decide_says_what_they_lack(tmp_path: Path, kind: str) -> None:
    predicted = read_predictions(scored.HARD[kind](tmp_path))
    assert predicted.scores is None
    assert predicted.predicted is not None
    names = np.array(predicted.label_names)
    expected = brought.NAMES if predicted.label_names[0] not in "012" else np.array(["0", "1", "2"])
    assert names[predicted.labels].tolist() == expected[scored.TRUE].tolist()
    assert names[predicted.predicted].tolist() == expected[scored.SAID.argmax(1)].tolist()
    with pytest.raises(InputError, match=r"holds predicted labels only\. Decide needs a probability or a logit"):
        evidence_of(predicted)


@pytest.mark.parametrize("kind", scored.SAME_COSTS)
def test_costs_in_any_spelling_are_the_same(tmp_path: Path, kind: str) -> None:
    (tmp_path / "costs.txt").write_bytes(scored.SAME_COSTS[kind])
    matrix = read_cost_matrix(tmp_path / "costs.txt", ("owl", "hen", "fox"))
    assert matrix.rows == tuple(map(tuple, scored.COSTS.tolist()))
    assert ("read as UTF-16" in matrix.title) == ("UTF-16" in kind or "German" in kind)
