"""How a sentence names a class, so that the name reads as nothing else, and several names in a row."""

from __future__ import annotations

from collections.abc import Sequence


def class_said(name: str, number: int) -> str:
    """The class called `name`, which is class `number`: "Shirt", "class 2", "class x"."""
    said = name.strip()
    return said if len(said) > 1 and not _is_number(said) else f"class {said or number}"


def members_words(name: str, number: int) -> str:
    """What is counted of the class: 17 of 37 "images of Shirt", 17 of 37 "images of class 2"."""
    return f"images of {class_said(name, number)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.lower().lstrip("+-") not in ("nan", "inf", "infinity")


def counted(number: int, one: str) -> str:
    """ "1 false alarm", "2,143 false alarms": of what is many by an s."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """full; full and chunked; full, chunked and sampled; "" for none."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
