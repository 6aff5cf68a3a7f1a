"""What an array, a column or a file holds, by its name: `x_train`, `X_train`, `trainImages`, `images-train`, …"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

Part = Literal["train", "validation", "test", "whole"]
PARTS: tuple[Part, ...] = ("train", "validation", "test", "whole")
Role = Literal["images", "labels", "names", "logits", "probabilities", "scores", "predictions", "groups"]

_PARTS: dict[Part, str] = {
    "train": "train training trn tr",
    "validation": "validation validate valid val vali vld dev development va eval",
    "test": "test testing tst te t10k holdout",
}
# The earlier a word stands, the plainer it says what is meant: of `data` and `images` the images are taken.
_ROLES: dict[Role, str] = {
    "images": "images image imgs img pixels pixel pictures picture photos x xs inputs input features feature samples "
    "data",
    "labels": "labels label lbls lbl lab y ys targets target class true truth gt actual species digit digits "
    "category diagnosis outcome answers",
    "names": "names name classes categories",
    "logits": "logits logit",
    "probabilities": "probabilities probability probas proba probs prob softmax confidences confidence p",
    "scores": "scores score outputs output decision function",
    "predictions": "predictions prediction predicted predict preds pred yhat hat",
    "groups": "groups group patients patient subjects subject",
}
_FILLER_WORDS = (
    "set sets arr array arrays all raw onehot hot one encoded int ints log model id ids uint8 int64 float32 norm "
    "normalized normalised scaled flat full final my the of for"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_PART_OF: dict[str, Part] = {word: part for part, words in _PARTS.items() for word in words.split()}
_ROLE_OF: dict[str, tuple[Role, int]] = {
    word: (role, place) for role, words in _ROLES.items() for place, word in enumerate(words.split())
}
_FIRST: tuple[Role, ...] = ("groups", "logits", "probabilities", "scores", "predictions", "labels", "images")
_WORDS = sorted({*_PART_OF, *_ROLE_OF, *_FILLERS}, key=len, reverse=True)
_SHORT = 2  # letters: such words are found beside others that are known only, for "te" ends "date"
_LONGEST = 60


class Meaning(NamedTuple):
    """What a name says: `part` "whole" where it names none, `role` None where it names none.

    Of two names with one meaning the one of lower `rank` says it more plainly.
    """

    part: Part
    role: Role | None
    rank: int


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> Meaning | None:
    """None for a name with a word in it that is not known."""
    words = _words_in(name)
    if words is None:
        return None
    parts = {_PART_OF[word] for word in words if word in _PART_OF}
    if len(parts) > 1 or not (parts or any(word in _ROLE_OF for word in words)):
        return None
    found = _role_among(words)
    if found is None:
        return None
    role, rank = found
    fillers = sum(word in _FILLERS for word in words)
    return Meaning(next(iter(parts), "whole"), role, rank + 100 * fillers)


def _role_among(words: list[str]) -> tuple[Role | None, int] | None:
    """One role of several words, and its rank: `class_names` are names, `y_prob` probabilities, `y_true` labels.

    None where they are about something else, such as `feature_names`.
    """
    found = [_ROLE_OF[word] for word in words if word in _ROLE_OF]
    roles, rank, said = {role for role, _ in found}, sum(place for _, place in found), set(words)
    if "log" in said and "probabilities" in roles:
        return "logits", rank  # the softmax of log-probabilities is those probabilities
    if said & {"id", "ids"} and "groups" not in roles:
        return None
    if "names" in roles:
        return ("names", rank) if roles <= {"names", "labels"} else None  # feature_names, image_names
    return next((role for role in _FIRST if role in roles), None), rank


def _words_in(name: str) -> list[str] | None:
    """The known words that a name is made of, in any case, parted or not; None where something else is in it."""
    if len(name) > _LONGEST:
        return None
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    tokens = [token for token in re.split(r"[\W_]+", parted.lower()) if token]
    found: list[str] = []
    for token in tokens:
        words = (token,) if token in _WORDS else _split(token)
        if words is None and token.isdecimal() and len(tokens) > 1:
            continue  # data_2024, train_images_28
        if words is None:
            return None
        found += words
    return found


@lru_cache(maxsize=4096)  # without it, some names would take for ever
def _split(token: str) -> tuple[str, ...] | None:
    """`xtrain` into x and train; None where something else is in it."""
    for word in _WORDS:
        if len(word) < len(token) and token.startswith(word):
            rest = token[len(word) :]
            following = (rest,) if rest in _WORDS else _split(rest)
            if following is not None:
                return (word, *following)
    return None


def part_in(name: str) -> Part:
    """The part that a file or a folder is named after, among other words: `digits_train.csv`; "whole" for none."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    tokens = re.split(r"[\W_]+", parted.lower())
    parts = {_PART_OF[token] for token in tokens if token in _PART_OF and len(token) > _SHORT}
    return next(iter(parts)) if len(parts) == 1 else "whole"


def part_of(path: Path, folder: Path) -> Part:
    """The part that a file is named after, or else the folder that it lies in, below `folder`."""
    part = part_in(path.name.split(".")[0])
    return part if part != "whole" or path.parent == folder else part_in(path.parent.name)


def _common_beginning(names: list[str]) -> int:
    """How long the words are that all names begin with: 6 of cifar_train_images and cifar_train_labels."""
    if len(names) < 2:
        return 0
    first = next((place for place, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    found = re.search(r"^[^\W_]*[\W_]", names[0][:first])
    return found.end() if found and meaning_of(names[0][: found.end()]) is None else 0


class Named(NamedTuple):
    """Which names have a part and a role, and which were not used."""

    roles: dict[tuple[Part, Role], str]
    unused: list[str]


def named(names: Iterable[str]) -> Named:
    """Each part and role with the name that says it most plainly."""
    names = list(names)
    ranked: dict[tuple[Part, Role], list[tuple[int, str]]] = {}
    unused: list[str] = []
    common = _common_beginning(names)
    for name in names:
        meaning = meaning_of(name) or meaning_of(name[common:])
        if meaning is None:
            unused.append(name)
            continue
        part, role = meaning.part, meaning.role or "images"
        if role == "names":
            part = "whole"
        ranked.setdefault((part, role), []).append((meaning.rank, name))
    roles = {}
    for key, candidates in ranked.items():
        (_, first), *others = sorted(candidates)
        roles[key] = first
        unused += [name for _, name in others]
    return Named(roles, unused)
