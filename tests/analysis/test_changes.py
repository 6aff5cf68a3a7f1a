"""What happens to images: in their range, from their seed, and as scipy and torch have it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import rotate

from engine.analysis.changes import AT_ONCE, ImageChange, occluded, rotated
from engine.contract.monitoring import CHANGES, ChangeName

SHAPE = (12, 10, 1)


def images(kind: torch.dtype = torch.uint8, count: int = 1100, shape: tuple[int, int, int] = SHAPE) -> torch.Tensor:
    random = np.random.default_rng(2)
    features = shape[0] * shape[1] * shape[2]
    if kind == torch.uint8:
        return torch.from_numpy(random.integers(0, 256, (count, features), dtype=np.uint8))
    return torch.from_numpy(random.normal(0, 2, (count, features)).astype(np.float32))


def whole(change: ImageChange) -> torch.Tensor:
    return torch.cat([change.block(start) for start in range(0, len(change.images), AT_ONCE)])


@pytest.mark.parametrize("kind", [torch.uint8, torch.float32])
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_range_and_type_stay(name: ChangeName, kind: torch.dtype, strength: float) -> None:
    before = images(kind)
    after = whole(ImageChange(before, SHAPE, name, strength, 0))
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    assert before.min() <= after.min()
    assert after.max() <= before.max()
    if strength == 0 or name == "prevalence":
        np.testing.assert_allclose(after, before, atol=1e-5)
    else:
        assert not torch.equal(after, before)


@pytest.mark.parametrize("name", CHANGES)
def test_the_seed_decides_whichever_images_are_asked_for(name: ChangeName) -> None:
    change = ImageChange(images(), SHAPE, name, 0.3, 7)
    all_of_them = whole(change)
    assert torch.equal(all_of_them, whole(ImageChange(images(), SHAPE, name, 0.3, 7)))
    for index in (0, 999, 1000, 1099):
        assert torch.equal(change.one(index), all_of_them[index])
    other = whole(ImageChange(images(), SHAPE, name, 0.3, 8))
    assert torch.equal(other, all_of_them) == (name not in ("noise", "occlusion"))


def test_noise_has_the_deviation_that_was_asked_for_and_is_new_in_each_image() -> None:
    middle = torch.full((1500, 120), 0.5)
    middle[0, 0], middle[0, 1] = 0, 1  # the range
    noise = whole(ImageChange(middle, SHAPE, "noise", 0.1, 0)).numpy()[1:] - 0.5
    assert noise.std() == pytest.approx(0.1, rel=0.01)
    assert abs(noise.mean()) < 0.001
    assert abs(np.corrcoef(noise[:400].ravel(), noise[1000:1400].ravel())[0, 1]) < 0.02


def test_brightness_rises_by_a_share_of_the_range_and_stops_at_its_end() -> None:
    before = images()
    after = whole(ImageChange(before, SHAPE, "brightness", 0.2, 0))
    assert torch.equal(after, (before.int() + 51).clamp(max=255).to(torch.uint8))


@pytest.mark.parametrize("degrees", [0.0, 13.0, 27.0, 45.0, 90.0])
@pytest.mark.parametrize("shape", [(12, 12, 1), (28, 20, 1), (9, 9, 3)])
def test_a_rotation_is_scipys(shape: tuple[int, int, int], degrees: float) -> None:
    pixels = images(torch.float32, 3, shape).numpy()
    found = rotated(pixels, shape, degrees, outside=-1.5).reshape(3, *shape)
    for image, turned in zip(pixels.reshape(3, *shape), found, strict=True):
        # Clockwise as one looks at it. Of pixels at the edge, scipy takes what lies outside for the nearest inside.
        wanted = rotate(image, -degrees, axes=(1, 0), reshape=False, order=1, mode="grid-constant", cval=-1.5)
        wanted = wanted if degrees else image
        np.testing.assert_allclose(turned, wanted, atol=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 1.0])
def test_a_rectangle_covers_its_share_and_lies_within_the_image(share: float) -> None:
    random = np.random.default_rng(4)
    shape = (20, 30, 3)
    covered = occluded(np.ones((500, 1800), np.float32), shape, share, 0.0, random).reshape(500, *shape) == 0
    assert (covered[..., :1] == covered).all()  # all channels alike
    sides = round(share**0.5 * 20), round(share**0.5 * 30)
    for image in covered[..., 0]:
        assert (image.any(axis=1).sum(), image.any(axis=0).sum(), image.sum()) == (*sides, sides[0] * sides[1])
    if 0 < share < 1:
        assert covered[..., 0].any(axis=0).all()  # it comes everywhere


def test_colours_are_turned_together() -> None:
    red = np.zeros((1, 9, 9, 3), np.float32)
    red[0, 2, 4, 0] = 1
    found = rotated(red.reshape(1, -1), (9, 9, 3), 90, 0.0).reshape(9, 9, 3)
    assert found[4, 6] == pytest.approx([1, 0, 0], abs=1e-6)  # from above the middle to the right of it
    assert found.sum() == pytest.approx(1)


def test_strength_is_a_share_of_the_range_wherever_it_lies() -> None:
    high = torch.full((1001, 4), 150.0)
    high[0, :2] = torch.tensor([100.0, 200.0])
    brighter = whole(ImageChange(high, None, "brightness", 0.25, 0))
    assert (brighter[1:] == 175).all()
    noisy = whole(ImageChange(high, None, "noise", 0.1, 0))
    assert float(noisy[1:].std()) == pytest.approx(10, rel=0.05)
