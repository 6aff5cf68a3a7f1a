"""Arrays with names, of an archive or of files, as the parts of a dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.data.brought.names import PARTS, Part, named
from engine.data.brought.npy import Array
from engine.data.brought.parts import Brought, RawPart

_PLAIN = {
    "train_images",
    "train_labels",
    "validation_images",
    "validation_labels",
    "label_names",
    "test_images",
    "test_labels",
}
_NUMBERED = re.compile(r"arr_(\d+)")


def wanted_of(names: Sequence[str]) -> list[str]:
    """Which of the arrays a dataset is made of."""
    if _are_numbered(names):
        return list(names)
    return [name for (_, role), name in named(names).roles.items() if role in ("images", "labels", "names")]


def _are_numbered(names: Sequence[str]) -> bool:
    """arr_0, arr_1, …: what numpy.savez calls arrays that were given without a name."""
    return bool(names) and all(_NUMBERED.fullmatch(name) for name in names)


def brought_of(arrays: Mapping[str, Array], found: Sequence[str]) -> Brought:
    """The parts in `arrays`, the wanted ones among those that were `found`."""
    if _are_numbered(found):
        return Brought(_in_order(arrays))
    roles = named(found).roles
    parts: dict[Part, RawPart] = {}
    used: set[str] = set()
    for part in PARTS:
        images, labels = (roles.get((part, role)) for role in ("images", "labels"))
        if images is not None and images in arrays:
            known = labels if labels is not None and labels in arrays else None
            parts[part] = RawPart(arrays[images], arrays[known] if known else None, images, known or "")
            used |= {images, known or images}
    names_name = roles.get(("whole", "names"))
    names = arrays.get(names_name) if names_name is not None else None
    if names is not None and names_name is not None:
        used.add(names_name)
    return Brought(
        parts,
        names,
        names_name or "label_names",
        unused=[name for name in found if name not in used],
        plain=set(found) <= _PLAIN and "validation" in parts,
    )


def _in_order(arrays: Mapping[str, Array]) -> dict[Part, RawPart]:
    """Images by their two axes or more, labels by their single one, in the order in which they were saved."""
    order = sorted(arrays, key=lambda name: int(name.removeprefix("arr_")))
    images = [name for name in order if arrays[name].ndim > 2 or (arrays[name].ndim == 2 and arrays[name].shape[1] > 1)]
    if len(images) > len(order) // 2:  # of (n, features) and (n, classes) one-hot the labels come second
        images = order[::2]
    labels = [name for name in order if name not in images]
    uses: tuple[Part, ...] = ("train", "validation", "test") if len(images) > 1 else ("whole",)
    return {use: RawPart(arrays[x], arrays[y], x, y) for use, x, y in zip(uses, images, labels, strict=False)}
