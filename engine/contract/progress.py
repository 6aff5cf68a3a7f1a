"""What a long preparation says while it runs: how far it is, and what a person must not miss."""

import msgspec


class Progress(msgspec.Struct, frozen=True, tag_field="type", tag="progress"):
    """How far a download, a reading or a drawing has come.

    `stage` is "downloading", "reading", "drawing" or "waiting", `unit` is "bytes", "images" or "runs"; `done` never
    exceeds a known `total`.
    """

    stage: str
    subject: str
    done: int
    total: int | None
    unit: str


class Notice(msgspec.Struct, frozen=True, tag_field="type", tag="notice"):
    """One line that is shown where it cannot be missed, such as "another dataset is used, because …"."""

    text: str
