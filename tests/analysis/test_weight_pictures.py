"""Weights as pictures: exact where they fit, means where they do not, and never more than is promised."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.analysis.weight_pictures import MOST_VALUES, in_bytes, largest_of, weight_pictures


def test_small_pictures_are_the_weights_themselves() -> None:
    weight = torch.randn(10, 784, generator=torch.manual_seed(0))
    assert torch.equal(weight_pictures(weight, 28, 28), weight.view(10, 28, 28))
    at_the_limit = torch.arange(MOST_VALUES, dtype=torch.float32).view(4, -1)
    assert torch.equal(weight_pictures(at_the_limit, 512, 512), at_the_limit.view(4, 512, 512))


def test_of_colours_it_is_the_mean_whatever_the_dtype() -> None:
    weight = torch.randn(2, 3 * 5 * 4, generator=torch.manual_seed(0), dtype=torch.float64)
    pictures = weight_pictures(weight, 3, 5, channels=4)
    assert (pictures.dtype, pictures.shape) == (torch.float32, (2, 3, 5))
    torch.testing.assert_close(pictures, weight.view(2, 3, 5, 4).mean(3).float())


@pytest.mark.parametrize(
    ("classes", "height", "width"),
    [(10, 400, 400), (5, 458, 458), (1, 1025, 1024), (1, 1, 3_000_000), (1, 3_000_000, 1), (2000, 3, 200)],
)
def test_large_pictures_are_means_and_no_more_than_is_promised(classes: int, height: int, width: int) -> None:
    weight = torch.randn(classes, height * width, generator=torch.manual_seed(0))
    pictures = weight_pictures(weight, height, width)
    rows, columns = pictures.shape[1:]
    assert pictures.numel() <= MOST_VALUES
    assert pictures.numel() > (0.9 if height > 3 else 0.7) * MOST_VALUES  # two rows of three are what fits
    assert rows <= height
    assert columns <= width
    if rows > 3 and columns > 3:  # the proportions stay, up to a pixel
        assert rows / columns == pytest.approx(height / width, rel=1.5 / min(rows, columns))
    # The first value is the mean of the pixels that its row and its column touch.
    corner = weight[0].view(height, width)[: -(-height // rows), : -(-width // columns)]
    assert float(pictures[0, 0, 0]) == pytest.approx(float(corner.mean()), abs=1e-6)


def test_inputs_that_are_no_pictures_have_none() -> None:
    pictures = weight_pictures(torch.ones(3, 7, dtype=torch.float64), 0, 0)
    assert (pictures.shape, pictures.dtype) == ((3, 0, 0), torch.float32)
    assert largest_of(pictures) == 0.0


def test_the_largest_is_that_of_what_is_finite() -> None:
    assert largest_of(torch.tensor([0.5, -2.0, torch.nan, torch.inf, -torch.inf])) == 2.0
    assert largest_of(torch.tensor([torch.nan])) == 0.0


def test_bytes_go_from_minus_to_plus_the_largest_and_nan_has_its_own() -> None:
    values = torch.tensor([0.0, 2.0, -2.0, 1.0, 0.004, torch.inf, -torch.inf, 3.0, torch.nan])
    assert np.frombuffer(in_bytes(values, 2.0), np.int8).tolist() == [0, 127, -127, 64, 0, 127, -127, 127, -128]
    assert np.frombuffer(in_bytes(torch.tensor([0.0, torch.nan]), 0.0), np.int8).tolist() == [0, -128]
