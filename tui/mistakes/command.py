"""`softmax-tui mistakes`: the misclassified images as pictures in text."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, cast, get_args

from engine.contract.commands import SortKey
from engine.contract.errors import InputError
from engine.contract.settings import counting, parse
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, add_source
from tui.cli.json_lines import print_json

if TYPE_CHECKING:
    from engine.contract.answers import Mistake, SmallestChange
    from engine.jobs.judged_model import Judged

_EXAMPLES = """examples
  softmax-tui mistakes
  softmax-tui mistakes --true shirt --predicted T-shirt --limit 20
  softmax-tui mistakes --true shirt --predicted shirt        a cell of the diagonal: shirts that are right
  softmax-tui mistakes --sort margin --ascending             the closest calls
  softmax-tui mistakes --suspected --sort confidence         labels that may be wrong"""
_STYLES = ("ascii", "half", "braille")


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "mistakes", run, _EXAMPLES, json="a JSON object for each image")
    add_source(parser)
    parser.add_argument("--limit", default="8", metavar="N", help="number of images (default 8)")
    parser.add_argument(
        "--style", default="ascii", metavar="|".join(_STYLES), help="how pictures are drawn (default ascii)"
    )
    sorts = get_args(SortKey)
    parser.add_argument(
        "--sort", default="loss", metavar="|".join(sorts), help="order of the images, the largest first (default loss)"
    )
    parser.add_argument("--ascending", action="store_true", help="show the smallest first")
    parser.add_argument("--true", metavar="CLASS", help="only images of this class, by number or name")
    parser.add_argument("--predicted", metavar="CLASS", help="only images taken for this class, by number or name")
    parser.add_argument("--suspected", action="store_true", help="only images whose label may be wrong")
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    limit = cast(int, parse(counting("limit", 1, 1_000_000), options.limit))
    _one_of("--style", options.style, _STYLES)
    _one_of("--sort", options.sort, get_args(SortKey))
    from tui.cli.judged import class_named, judged, source_of

    source = source_of(options)
    one = judged(options, source.run_id)
    from engine.analysis.mistakes import chosen, described

    predictions, names = one.predictions, one.info.label_names
    true, predicted = (
        None if text is None else class_named(flag, text, names)
        for flag, text in (("--true", options.true), ("--predicted", options.predicted))
    )
    indices = chosen(predictions, options.sort, not options.ascending, true, predicted, options.suspected)
    shown = [described(predictions, index, one.pictures) for index in indices[:limit].tolist()]
    if options.json:
        for mistake in shown:
            change = one.smallest_change(mistake.index)
            print_json({"run_id": one.source, **_for_scripts(mistake, names), **_change_for_scripts(change, names)})
    else:
        _write(shown, len(indices), one, options, source.said)
    return 0


def _one_of(flag: str, found: str, expected: tuple[str, ...]) -> None:
    if found not in expected:
        raise InputError(f"{flag}: found {found[:60]!r}, expected one of {', '.join(expected)}")


def _for_scripts(mistake: Mistake, names: tuple[str, ...]) -> dict[str, object]:
    return {
        "index": mistake.index,
        "true": mistake.true,
        "predicted": mistake.predicted,
        "true_label": names[mistake.true],
        "predicted_label": names[mistake.predicted],
        "probability": mistake.probability,
        "loss": mistake.loss,
        "probabilities": mistake.probabilities,
        "suggested": mistake.suggested,
        "suggested_label": None if mistake.suggested is None else names[mistake.suggested],
    }


def _change_for_scripts(change: SmallestChange | None, names: tuple[str, ...]) -> dict[str, object]:
    if change is None:
        return {"smallest_change": None}
    return {
        "smallest_change": {
            "predicted": change.predicted,
            "predicted_label": names[change.predicted],
            "norm": change.norm,
            "share_of_norm": change.share,
            "most_grey_levels": change.most_levels,
        }
    }


def _write(shown: list[Mistake], matching: int, one: Judged, options: argparse.Namespace, said: str) -> None:
    from tui.cli.page import Page
    from tui.mistakes.gallery import drawable, write_gallery

    page = Page()
    page.note(said)
    size = one.info.size_of(one.part)
    which = (
        "suspected label errors"
        if options.suspected
        else "mistakes"
        if any(mistake.true != mistake.predicted for mistake in shown)
        else "matching images"
    )
    page.line(f"{one.words}: {len(shown):,} of {matching:,} {which} among {size:,} {one.what}", "bold")
    possible = drawable(options.style, page)
    if possible != options.style:
        Page(sys.stderr).line(f"{options.style} needs colours and UTF-8: drawn in {possible} instead", "yellow")
    page.line()
    write_gallery(shown, one.info, possible, page)
