"""What a long preparation says while it runs: how far it is, and what a person must not miss."""

import msgspec

from engine.contract.quantities import Count, Text, expect


class Progress(msgspec.Struct, frozen=True, tag_field="type", tag="progress"):
    """How far a download, a reading or a drawing has come.

    `stage` is "downloading", "reading", "drawing" or "waiting", `unit` is "bytes", "images" or "runs"; `done` never
    exceeds a known `total`.
    """

    stage: Text
    subject: Text
    done: Count
    total: Count | None
    unit: Text

    def __post_init__(self) -> None:
        expect(self.total is None or self.done <= self.total, "no more done than there is in all")


class Notice(msgspec.Struct, frozen=True, tag_field="type", tag="notice"):
    """One line that is shown where it cannot be missed, such as "another dataset is used, because …"."""

    text: Text
