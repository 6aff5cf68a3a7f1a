"""The smallest change that flips an image, beside a generic solver that knows nothing of its closed form."""

import numpy as np
import pytest
import torch
from scipy.optimize import Bounds, LinearConstraint, minimize

from engine.analysis.mistakes import Parameters
from engine.analysis.smallest_change import MARGIN, pixel_range, smallest_change
from engine.contract.answers import SmallestChange

FEATURES, CLASSES = 12, 5


def case(seed: int, dtype: torch.dtype = torch.uint8) -> tuple[torch.Tensor, Parameters]:
    """Images (n, features), of which many pixels are black or white, as those of clothes are; and a model."""
    random = np.random.RandomState(seed)
    pixels = torch.from_numpy(random.choice([0, 0, 0, 255, 255, 40, 128, 220], (6, FEATURES))).to(torch.uint8)
    weight = torch.from_numpy(random.normal(0, 1, (CLASSES, FEATURES))).float()
    weight[:, 0] = 0.5  # a pixel that all classes see alike
    bias = torch.from_numpy(random.normal(0, 0.5, CLASSES)).float()
    if dtype == torch.uint8:
        return pixels, Parameters(weight, bias, 1 / 255)
    return pixels.to(dtype) / 100 - 1, Parameters(weight, bias, 1.0)


def solved(inputs: np.ndarray, parameters: Parameters, predicted: int, bounds: tuple[float, float]) -> float:
    """The least norm that SLSQP finds over all other classes, from several starts; inf where it finds no such image."""
    weight, bias = parameters.weight.double().numpy(), parameters.bias.double().numpy()
    random, best = np.random.RandomState(0), np.inf
    for other in set(range(CLASSES)) - {predicted}:
        direction, offset = weight[other] - weight[predicted], bias[other] - bias[predicted]
        for start in (inputs, random.uniform(*bounds, FEATURES), np.where(direction > 0, *reversed(bounds))):
            found = minimize(
                lambda x: ((x - inputs) ** 2).sum(),
                start,
                jac=lambda x: 2 * (x - inputs),
                method="SLSQP",
                bounds=Bounds(*bounds),
                constraints=LinearConstraint(direction, MARGIN - offset, np.inf),
                options={"ftol": 1e-12, "maxiter": 300},
            )
            if direction @ found.x + offset > MARGIN - 1e-7:
                best = min(best, float(np.linalg.norm(found.x - inputs)))
    return best


def flipped(image: torch.Tensor, change: SmallestChange, bounds: tuple[float, float], scale: float) -> torch.Tensor:
    levels = torch.tensor(change.by_pixel())
    return image.float() * scale + levels * ((bounds[1] - bounds[0]) / 255)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("seed", range(6))
def test_a_generic_solver_finds_no_smaller_change(seed: int, dtype: torch.dtype) -> None:
    images, parameters = case(seed, dtype)
    bounds = pixel_range(images, parameters.pixel_scale)
    inputs = images.float() * parameters.pixel_scale
    logits = inputs @ parameters.weight.T + parameters.bias
    bent = 0
    for number, image in enumerate(images):
        predicted = int(logits[number].argmax())
        change = smallest_change(image, predicted, parameters, bounds)
        expected = solved(inputs[number].double().numpy(), parameters, predicted, bounds)
        if change is None:
            assert expected == np.inf
            continue
        assert change.norm == pytest.approx(expected, rel=1e-4, abs=1e-6)
        assert change.share == pytest.approx(change.norm / float(inputs[number].norm()), rel=1e-5)
        there = flipped(image, change, bounds, parameters.pixel_scale)
        assert float((there - inputs[number]).norm()) == pytest.approx(change.norm, rel=1e-4)
        assert bounds[0] - 1e-6 <= float(there.min()) <= float(there.max()) <= bounds[1] + 1e-6
        assert int((parameters.weight @ there + parameters.bias).argmax()) == change.predicted != predicted
        bent += int(((there - bounds[0]).abs() < 1e-6).any() or ((there - bounds[1]).abs() < 1e-6).any())
    assert bent > 0, "the bounds matter in this test"


def test_without_bounds_in_the_way_the_distance_is_the_closed_form() -> None:
    parameters = Parameters(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0.0, 0.0]), 1 / 255)
    change = smallest_change(torch.tensor([153, 102], dtype=torch.uint8), 0, parameters, (0.0, 1.0))
    assert change is not None
    assert change.norm == pytest.approx((0.6 - 0.4 + MARGIN) / 2**0.5)
    assert change.by_pixel() == pytest.approx([-25.5, 25.5], abs=0.02)
    assert change.pixels == bytes([127, 128])


def test_where_nothing_flips_the_image_there_is_no_change() -> None:
    image = torch.tensor([10, 200], dtype=torch.uint8)
    far = Parameters(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([5.0, 0.0]), 1 / 255)
    assert smallest_change(image, 0, far, (0.0, 1.0)) is None
    same = Parameters(torch.ones(3, 2), torch.tensor([1.0, 0.0, 0.0]), 1 / 255)
    assert smallest_change(image, 0, same, (0.0, 1.0)) is None
    broken = Parameters(torch.full((2, 2), torch.nan), torch.zeros(2), 1 / 255)
    assert smallest_change(image, 0, broken, (0.0, 1.0)) is None


def test_a_black_image_has_no_share_of_its_norm() -> None:
    near = Parameters(torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([0.1, 0.0]), 1 / 255)
    change = smallest_change(torch.zeros(2, dtype=torch.uint8), 0, near, (0.0, 1.0))
    assert change is not None
    assert change.share == float("inf")


def test_a_nearer_class_that_no_image_can_be_called_does_not_hide_a_farther_one() -> None:
    """The first pixel is white already: class 1 lacks 0.1 that it cannot get, class 2 lacks 0.5 that it can."""
    parameters = Parameters(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), torch.tensor([1.1, 0.0, 0.6]), 1 / 255)
    change = smallest_change(torch.tensor([255, 0], dtype=torch.uint8), 0, parameters, (0.0, 1.0))
    assert change is not None
    assert (change.predicted, change.norm) == (2, pytest.approx(0.5 + MARGIN, rel=1e-5))


def test_what_is_called_otherwise_as_it_is_needs_no_change() -> None:
    parameters = Parameters(torch.eye(2), torch.tensor([0.0, 1.0]), 1 / 255)
    change = smallest_change(torch.tensor([100, 100], dtype=torch.uint8), 0, parameters, (0.0, 1.0))
    assert change is not None
    assert (change.predicted, change.norm, change.pixels) == (1, 0.0, bytes([100, 100]))


def test_floats_are_shown_as_bytes_of_the_images_own_range() -> None:
    """From −2 to 6: 32 levels a unit. The difference of 8 of the two is overcome by 4 each."""
    parameters = Parameters(torch.eye(2), torch.zeros(2), 1.0)
    change = smallest_change(torch.tensor([6.0, -2.0]), 0, parameters, (-2.0, 6.0))
    assert change is not None
    assert change.by_pixel() == pytest.approx([-127.5, 127.5], abs=0.01)
    assert change.pixels == bytes([127, 128])
    beyond = smallest_change(
        torch.tensor([6.0, -2.0]), 0, Parameters(torch.eye(2), torch.tensor([0.0, -10.0]), 1.0), (-9.0, 9.0)
    )
    assert beyond is not None
    assert beyond.pixels == bytes([0, 255]), "a change beyond the image's range is shown as its end"


def test_a_pixels_range_is_that_of_bytes_or_of_all_images() -> None:
    assert pixel_range(torch.tensor([[3, 7]], dtype=torch.uint8), 1 / 255) == (0.0, 1.0)
    assert pixel_range(torch.tensor([[-2.0, 3.0], [0.0, 1.0]]), 0.5) == (-1.0, 1.5)
