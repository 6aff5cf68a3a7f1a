"""The MedMNIST v2 datasets with one label out of several, at 28 × 28 pixels: facts as their authors publish them.

Yang et al., MedMNIST v2, Scientific Data 10:41 (2023), https://doi.org/10.1038/s41597-022-01721-8. Sizes, names of
labels, checksums and licences are those of version 2.2.3 of the authors' package, which belongs to Zenodo's record
6496656. They are for teaching, not for diagnosis.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.contract.stories import BREAST, CHEST, COLON, RETINA, RETINA_LAYERS, SKIN
from engine.data.published import PublishedFile

MEDICAL_FOLDER = "MedMNIST"
SIDE = 28  # pixels
_RECORD = "https://zenodo.org/records/6496656/files"
_CITE = "cite Yang et al., MedMNIST v2, Scientific Data 10:41 (2023), and the source of the images"

_ORGANS = (
    "bladder",
    "left femur",
    "right femur",
    "heart",
    "left kidney",
    "right kidney",
    "liver",
    "left lung",
    "right lung",
    "pancreas",
    "spleen",
)
_OFFICIAL_ORGANS = (
    "bladder",
    "femur-left",
    "femur-right",
    "heart",
    "kidney-left",
    "kidney-right",
    "liver",
    "lung-left",
    "lung-right",
    "pancreas",
    "spleen",
)


@dataclass(frozen=True)
class MedicalDataset:
    """One of them. `official_names` are the authors' names of the classes, where ours are shorter."""

    name: str
    what: str
    images: tuple[int, int, int]
    label_names: tuple[str, ...]
    md5: str
    about_bytes: int
    licence: str = "CC BY 4.0"
    official_names: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is, with the number of its images."""
        return f"{sum(self.images):,} {self.what}"

    @property
    def file(self) -> PublishedFile:
        """Where it is published."""
        name = f"{self.name}.npz"
        return PublishedFile(name, f"{_RECORD}/{name}?download=1", "md5", self.md5, self.about_bytes)

    @property
    def terms(self) -> str:
        """Under which it may be used."""
        commerce = ", not for commercial use" if "NC" in self.licence else ""
        return f"licence {self.licence}{commerce}; {_CITE}; for teaching, not for diagnosis"


MEDICAL: tuple[MedicalDataset, ...] = (
    MedicalDataset(
        "pneumoniamnist",
        "chest X-rays of children",
        (4_708, 524, 624),
        CHEST,
        "28209eda62fecd6e6a2d98b1501bb15f",
        4_200_000,
    ),
    MedicalDataset(
        "breastmnist",
        "ultrasound images of the breast",
        (546, 78, 156),
        BREAST,
        "750601b1f35ba3300ea97c75c52ff8f6",
        560_000,
        official_names=("malignant", "normal, benign"),
    ),
    MedicalDataset(
        "dermamnist",
        "photographs of pigmented skin lesions, in colour",
        (7_007, 1_003, 2_005),
        SKIN,
        "0744692d530f8e62ec473284d019b0c7",
        20_000_000,
        licence="CC BY-NC 4.0",
        official_names=(
            "actinic keratoses and intraepithelial carcinoma",
            "basal cell carcinoma",
            "benign keratosis-like lesions",
            "dermatofibroma",
            "melanoma",
            "melanocytic nevi",
            "vascular lesions",
        ),
    ),
    MedicalDataset(
        "retinamnist",
        "photographs of the retina, in five grades of diabetic retinopathy",
        (1_080, 120, 400),
        RETINA,
        "bd4c0672f1bba3e3a89f0e4e876791e4",
        3_300_000,
        official_names=tuple("01234"),
    ),
    MedicalDataset(
        "octmnist",
        "optical coherence tomographies of the retina",
        (97_477, 10_832, 1_000),
        RETINA_LAYERS,
        "c68d92d5b585d8d81f7112f81e2d0842",
        55_000_000,
    ),
    MedicalDataset(
        "pathmnist",
        "tissue slides of the colon, in colour",
        (89_996, 10_004, 7_180),
        COLON,
        "a8b06965200029087d5bd730944a56c1",
        206_000_000,
        official_names=(*COLON[:-1], "colorectal adenocarcinoma epithelium"),
    ),
    MedicalDataset(
        "bloodmnist",
        "blood cells under the microscope, in colour",
        (11_959, 1_712, 3_421),
        (
            "basophil",
            "eosinophil",
            "erythroblast",
            "immature granulocyte",
            "lymphocyte",
            "monocyte",
            "neutrophil",
            "platelet",
        ),
        "7053d0359d879ad8a5505303e11de1dc",
        35_000_000,
        official_names=(
            "basophil",
            "eosinophil",
            "erythroblast",
            "immature granulocytes(myelocytes, metamyelocytes and promyelocytes)",
            "lymphocyte",
            "monocyte",
            "neutrophil",
            "platelet",
        ),
    ),
    MedicalDataset(
        "tissuemnist",
        "cells of the kidney cortex",
        (165_466, 23_640, 47_280),
        (
            "collecting duct",
            "distal convoluted tubule",
            "glomerular endothelial cell",
            "interstitial endothelial cell",
            "leukocyte",
            "podocyte",
            "proximal tubule segment",
            "thick ascending limb",
        ),
        "ebe78ee8b05294063de985d821c1c34b",
        125_000_000,
        official_names=(
            "Collecting Duct, Connecting Tubule",
            "Distal Convoluted Tubule",
            "Glomerular endothelial cells",
            "Interstitial endothelial cells",
            "Leukocytes",
            "Podocytes",
            "Proximal Tubule Segments",
            "Thick Ascending Limb",
        ),
    ),
    MedicalDataset(
        "organamnist",
        "organs in axial sections of CT scans",
        (34_581, 6_491, 17_778),
        _ORGANS,
        "866b832ed4eeba67bfb9edee1d5544e6",
        38_000_000,
        official_names=_OFFICIAL_ORGANS,
    ),
    MedicalDataset(
        "organcmnist",
        "organs in coronal sections of CT scans",
        (13_000, 2_392, 8_268),
        _ORGANS,
        "0afa5834fb105f7705a7d93372119a21",
        16_000_000,
        official_names=_OFFICIAL_ORGANS,
    ),
    MedicalDataset(
        "organsmnist",
        "organs in sagittal sections of CT scans",
        (13_940, 2_452, 8_829),
        _ORGANS,
        "e5c39f1af030238290b9557d9503af9d",
        17_000_000,
        official_names=_OFFICIAL_ORGANS,
    ),
)
