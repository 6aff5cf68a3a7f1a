"""JSON for other programs: a line an object on stdout, written at once."""

from __future__ import annotations

import json
import os
import re
import sys

from engine.contract.codec import encode_for_scripts
from tui.cli.page import speaks_unicode

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")  # in JSON it stands in strings alone


def print_json(value: object) -> None:
    """One line, as long as it is. Where the locale has ASCII alone, other letters are JSON's own `\\u` escapes."""
    line = encode_for_scripts(value)
    if not line.isascii() and not speaks_unicode(sys.stdout.encoding, os.environ):
        line = _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], line)
    print(line, flush=True)
