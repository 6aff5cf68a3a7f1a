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


LARGE = [(10, 400, 400), (5, 458, 458), (1, 1025, 1024), (1, 1, 3_000_000), (1, 3_000_000, 1), (2000, 3, 200)]
OTHERS = [(10, 28, 28), (1000, 28, 28), (1000, 112, 112), (2, 3000, 1000), (1000, 1, 5000)]


@pytest.mark.parametrize("shape", LARGE + OTHERS)
def test_weights_are_means_of_the_pixels_that_they_cover(shape: tuple[int, int, int]) -> None:
    weight = torch.randn(shape[0], shape[1] * shape[2], generator=torch.Generator().manual_seed(1))
    pictures = weight_pictures(weight, *shape[1:])
    if weight.numel() <= MOST_VALUES:
        assert torch.equal(pictures, weight.view(shape))
    ones = weight_pictures(torch.ones_like(weight), *shape[1:])
    torch.testing.assert_close(ones, torch.ones_like(ones))
    rows, columns = pictures.shape[1:]
    block = weight.view(shape)[0, : -(-shape[1] // rows), : -(-shape[2] // columns)]
    torch.testing.assert_close(pictures[0, 0, 0], block.mean(), atol=1e-6, rtol=1.3e-6)


@pytest.mark.parametrize("shape", LARGE + OTHERS)
def test_pictures_are_no_larger_than_is_promised(shape: tuple[int, int, int]) -> None:
    rows, columns = (pictures := weight_pictures(torch.ones(shape[0], shape[1] * shape[2]), *shape[1:])).shape[1:]
    assert pictures.numel() <= MOST_VALUES
    assert rows <= shape[1]
    assert columns <= shape[2]


@pytest.mark.parametrize("shape", LARGE)
def test_large_pictures_use_what_there_is_and_keep_their_proportions(shape: tuple[int, int, int]) -> None:
    rows, columns = (pictures := weight_pictures(torch.ones(shape[0], shape[1] * shape[2]), *shape[1:])).shape[1:]
    assert pictures.numel() > (0.9 if shape[1] > 3 else 0.7) * MOST_VALUES  # two rows of three are what fits
    if rows > 3 and columns > 3:  # up to a pixel
        assert rows / columns == pytest.approx(shape[1] / shape[2], rel=1.5 / min(rows, columns))


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
