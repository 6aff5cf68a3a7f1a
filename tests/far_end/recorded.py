"""What a real worker has said, as tests/long/record_wire.py has written it down: each type of the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("wire.jsonl")
Message = dict[str, Any]


def recorded() -> list[tuple[Message | None, Message]]:
    """Pairs of a question, None where nobody asked, and what was said."""
    return [(asked, said) for asked, said in map(json.loads, PATH.read_text("utf-8").splitlines())]
