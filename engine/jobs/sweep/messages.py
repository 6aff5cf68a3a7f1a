"""What rank 0 and the others write to each other about a sweep."""

from __future__ import annotations

from msgspec import Struct

from engine.contract.events import RunEvent
from engine.contract.sweeps import Trial
from engine.store.safetensors_file import Checkpoint


class RankOrder(Struct, frozen=True):
    """What a rank's process is started with: which job of the rank group it is, and where this rank's data are."""

    job: int
    data_dir: str


class Standing(Struct, frozen=True):
    """Where a run stands; its data are those of that checksum."""

    checksum: str
    checkpoint: Checkpoint


class TrainUnit(Struct, frozen=True, tag=True):
    """Rank 0: train these together. A run without a standing has ended."""

    trials: tuple[Trial, ...]
    standings: tuple[Standing | None, ...]


class HandIn(Struct, frozen=True, tag=True):
    """Rank 0: stop, and say where all stand."""


class Free(Struct, frozen=True, tag=True):
    """Another rank has nothing to do: it has just come, or its unit is done."""


class Word(Struct, frozen=True):
    """What a run said, and how it stood then where that is to be kept."""

    place: int
    event: RunEvent
    checkpoint: Checkpoint | None = None


class Told(Struct, frozen=True, tag=True):
    """Another rank: what its runs said since the last message."""

    words: tuple[Word, ...]


class HandedIn(Struct, frozen=True, tag=True):
    """Another rank: where those runs stand that were under way."""

    checkpoints: dict[int, Checkpoint]


class Broke(Struct, frozen=True, tag=True):
    """Another rank: an error, in one line."""

    line: str
    wrong_input: bool = False


ToOther = TrainUnit | HandIn
FromOther = Free | Told | HandedIn | Broke
