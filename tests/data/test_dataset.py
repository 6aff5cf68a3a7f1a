"""The dataset in memory: its checksum and its noisy labels."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import InputError
from engine.data.dataset import Dataset, assemble, input_range, with_label_noise


def small(dtype: Any = np.uint8, train_size: int = 1000) -> Dataset:
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (train_size, 2, 2)).astype(dtype)
    labels = random.integers(0, 10, train_size)
    return assemble("small", (images, labels), (images[:5], labels[:5]), tuple("0123456789"))


def test_equal_data_has_an_equal_checksum_and_any_change_another() -> None:
    first = small()
    assert first.checksum == small().checksum
    assert len(first.checksum) == 32
    others = [small(np.float32), small(train_size=999), with_label_noise(first, 0.01, 0)]
    swapped = assemble(
        "small",
        (first.train_images.reshape(500, 2, 4), first.train_labels),
        (first.validation_images, first.validation_labels),
        first.label_names,
    )
    assert len({first.checksum, swapped.checksum, *(other.checksum for other in others)}) == 5


def test_label_noise_changes_exactly_its_fraction_to_other_classes_of_all_kinds() -> None:
    clean = small(train_size=5000)
    noisy = with_label_noise(clean, 0.4, seed=3)
    changed = noisy.train_labels != clean.train_labels
    assert int(changed.sum()) == 2000
    steps = (noisy.train_labels - clean.train_labels)[changed] % 10
    assert np.bincount(steps, minlength=10).min() == 0
    assert np.bincount(steps, minlength=10)[1:].min() > 150
    assert noisy.train_labels.min() == 0
    assert noisy.train_labels.max() == 9
    assert np.array_equal(noisy.validation_labels, clean.validation_labels)


def test_label_noise_depends_on_the_seed_alone() -> None:
    clean = small()
    assert with_label_noise(clean, 0.2, 3).checksum == with_label_noise(clean, 0.2, 3).checksum
    assert with_label_noise(clean, 0.2, 3).checksum != with_label_noise(clean, 0.2, 4).checksum
    assert with_label_noise(clean, 0, 3) is clean


def test_the_range_of_bytes_is_told_as_they_are_trained_on() -> None:
    found = input_range(np.array([[0, 51], [102, 204]], np.uint8), 1 / 255)
    assert (found.low, found.high) == (0, pytest.approx(0.8))
    assert found.typical == pytest.approx(((0.2**2 + 0.4**2 + 0.8**2) / 4) ** 0.5)


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_fraction_that_is_none_is_refused(fraction: float) -> None:
    with pytest.raises(InputError, match="expected 0 to 1"):
        with_label_noise(small(), fraction, 0)


def test_reading_and_drawing_data_loads_no_torch() -> None:
    program = "import sys, engine.data.load; print([name for name in sys.modules if name.startswith('torch')])"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
