"""Whether tmux or screen, which stand between this program and the terminal, hand on what is not ASCII."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from functools import cache

_SECONDS = 1.0  # that tmux has to answer; it takes a few milliseconds


def passes_unicode(environ: Mapping[str, str], ask: Callable[[], str] | None = None) -> bool:
    """False where tmux was attached, or screen started, in a locale without UTF-8: each such sign would be a `_`.

    The locale in here says little: Python itself takes UTF-8 in the C locale, and writes LC_CTYPE=C.UTF-8 into the
    environment. tmux is asked about its client; where it does not answer, and in screen, the other variables count.
    """
    if environ.get("TMUX"):
        answer = (ask or _asked_once)()
        if answer in ("0", "1"):
            return answer == "1"
    elif not environ.get("TERM", "").startswith(("screen", "tmux")):
        return True
    coerced = environ.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8")
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "C")
    return "utf8" in locale.lower().replace("-", "")


@cache
def _asked_once() -> str:
    try:
        answer = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_utf8}"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
