"""The datasets known by name: what they are called, who may use them, where they lie."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import platformdirs

from engine.contract.errors import InputError
from engine.data.medical import MEDICAL, MEDICAL_FOLDER
from engine.data.published import PublishedFile

DATA_DIR_VARIABLE = "SOFTMAX_TUI_DATA_DIR"


@dataclass(frozen=True)
class CatalogEntry:
    """A dataset with a name. `folder` and `torchvision_class` are None for one that is drawn, not downloaded.

    `folder` lies in the data folder and is named as torchvision names it; `archive_bytes` is the size of its
    four archives together, for the progress of a download. A dataset that is published as one `file` lies in it alone.
    `terms` say how it may be used, and what to cite; they are shown before it is downloaded.
    """

    name: str
    title: str
    label_names: tuple[str, ...]
    licence: str
    torchvision_class: str | None = None
    folder: str | None = None
    archive_bytes: int = 0
    file: PublishedFile | None = None
    terms: str = ""

    @property
    def num_classes(self) -> int:
        """Classes that a label may name."""
        return len(self.label_names)


_APPAREL = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def _medical() -> Iterator[CatalogEntry]:
    for one in MEDICAL:
        file = one.file
        yield CatalogEntry(
            one.name,
            one.title,
            one.label_names,
            one.licence,
            folder=MEDICAL_FOLDER,
            archive_bytes=file.about_bytes,
            file=file,
            terms=one.terms,
        )


CATALOG: dict[str, CatalogEntry] = {
    entry.name: entry
    for entry in (
        CatalogEntry(
            "fashion-mnist",
            "Fashion-MNIST: 70,000 photographs of clothes",
            _APPAREL,
            "MIT",
            torchvision_class="FashionMNIST",
            folder="FashionMNIST",
            archive_bytes=30_878_645,
        ),
        CatalogEntry(
            "mnist",
            "MNIST: 70,000 handwritten digits",
            tuple("0123456789"),
            "CC BY-SA 3.0",
            torchvision_class="MNIST",
            folder="MNIST",
            archive_bytes=11_594_722,
        ),
        CatalogEntry(
            "kmnist",
            "Kuzushiji-MNIST: 70,000 characters of cursive Japanese",
            ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
            "CC BY-SA 4.0",
            torchvision_class="KMNIST",
            folder="KMNIST",
            archive_bytes=21_240_888,
        ),
        *_medical(),
        CatalogEntry(
            "silhouettes",
            "Silhouettes: ten kinds of clothes, drawn by this program",
            _APPAREL,
            "MIT",
        ),
    )
}


# What the datasets' own pages and torchvision call the classes.
_OFFICIAL: tuple[tuple[str, ...], ...] = (
    (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    tuple(
        f"{digit} - {word}"
        for digit, word in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
    ),
    ("お", "き", "す", "つ", "な", "は", "ま", "や", "れ", "を"),
)
_OFFICIAL_OF: dict[tuple[str, ...], tuple[str, ...]] = {
    **dict(zip((CATALOG[name].label_names for name in ("fashion-mnist", "mnist", "kmnist")), _OFFICIAL, strict=True)),
    **{one.label_names: one.official_names for one in MEDICAL if one.official_names},
}


def same_class(found: str, number: int, name: str, label_names: Sequence[str]) -> bool:
    """Whether `found` means class `number`, called `name`: in any case, by the dataset's official name too."""
    official = _OFFICIAL_OF.get(tuple(label_names))
    meant = {name.strip().casefold(), *((official[number].casefold(),) if official else ())}
    return found.strip().casefold() in meant


def known_names(found: str) -> str:
    """What a dataset may be called: the nearest name where one is near, and where all of them are listed."""
    nearest = get_close_matches(found, CATALOG, n=1)
    return f"a name that softmax-tui datasets list shows{f', such as {nearest[0]}' if nearest else ''}"


def entry_of(name: str) -> CatalogEntry:
    """The entry called `name`; raises InputError that tells where the names are listed where there is none."""
    if name not in CATALOG:
        raise InputError(f"dataset: found {name!a}, expected {known_names(name)}")
    return CATALOG[name]


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """`$SOFTMAX_TUI_DATA_DIR` where it is set and not empty, else the platform's cache folder."""
    named = environ.get(DATA_DIR_VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_cache_path("softmax-tui", appauthor=False)
