"""`softmax-tui datasets`: which there are, fetching one, checking one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from engine.verdicts.figures import bytes_words
from engine.verdicts.inputs import inputs_notice
from engine.verdicts.naming import listed
from tui.cli.arguments import Commands, OneLineParser, add_action, add_actions, data_dir_of
from tui.cli.following import loaded
from tui.cli.json_lines import print_json
from tui.cli.page import Page

if TYPE_CHECKING:
    from engine.data.dataset import Dataset
    from engine.data.official import Compared

_EXAMPLES = """examples
  softmax-tui datasets list
  softmax-tui datasets fetch fashion-mnist
  softmax-tui datasets check mine.npz"""

_MOST_NAMES = 40  # of classes, in words


def add(commands: Commands[OneLineParser]) -> None:
    action = partial(add_action, add_actions(commands, "datasets", _EXAMPLES), data=True)
    one, known = "one JSON object", "a name from `datasets list`"
    action("list", "list the datasets that have a name", _list, "a JSON object for each dataset")
    fetcher = action("fetch", "download a dataset, and check it", _fetch, one)
    fetcher.add_argument("name", metavar="NAME", help=known)
    about = "read a dataset, compare its files with the published ones, and report its contents"
    checker = action("check", about, _check, one)
    checker.add_argument("name", metavar="NAME", help=f"{known}, or the path of a file or folder of data")


def _list(options: argparse.Namespace) -> int:
    data_dir = data_dir_of(options)
    from engine.data.load import available

    found = available(data_dir)
    if options.json:
        for one in found:
            entry = one.entry
            print_json(
                {
                    "name": entry.name,
                    "title": entry.title,
                    "present": one.present,
                    "folder": None if one.folder is None else str(one.folder),
                    "size_bytes": one.size_bytes,
                    "download_bytes": 0 if one.present else entry.archive_bytes,
                    "num_classes": entry.num_classes,
                    "label_names": entry.label_names,
                    "licence": entry.licence,
                }
            )
        return 0

    page = Page()
    rows = [
        (
            one.entry.name,
            "built in" if one.folder is None else "here" if one.present else "to fetch",
            bytes_words(size) if (size := one.size_bytes if one.present else one.entry.archive_bytes) else "-",
            one.entry.licence,
            one.entry.title,
        )
        for one in found
    ]
    page.table(("name", "state", "size", "licence", "what"), rows, left=5, heading="bold")
    page.line("Medical images are for teaching, not for diagnosis.", "dim")
    page.line(f"data folder: {data_dir}", "dim")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    data_dir = data_dir_of(options)
    from engine.data.load import fetch

    dataset = loaded(fetch(options.name, data_dir))
    from engine.data.catalog import entry_of
    from engine.data.official import compared

    return _told(options, dataset, compared(entry_of(options.name), data_dir))


def _check(options: argparse.Namespace) -> int:
    data_dir = data_dir_of(options)
    from engine.data.load import check

    return _told(options, *check(options.name, data_dir))


def _told(options: argparse.Namespace, dataset: Dataset, files: Sequence[Compared]) -> int:
    notices = [notice for notice in (*dataset.notices, inputs_notice(dataset.info)) if notice]
    facts = {
        "name": dataset.name,
        "train_size": dataset.train_size,
        "validation_size": dataset.validation_size,
        "test_size": dataset.test_size,
        "num_features": dataset.num_features,
        "num_classes": dataset.num_classes,
        "image_shape": dataset.image_shape,
        "channels": dataset.channels,
        "dtype": str(dataset.train_images.dtype),
        "checksum": dataset.checksum,
        "label_names": dataset.label_names,
        "notices": notices,
        "files": [
            {"file": file.path.name, "compared": file.what, "state": file.state, "md5": file.found} for file in files
        ],
    }
    if options.json:
        print_json(facts)
        return 0
    page = Page()
    page.line(f"{dataset.name}: whole and readable", "green")
    shape = " × ".join(map(str, dataset.image_shape)) if dataset.image_shape else "no pictures"
    kept = f", {dataset.test_size:,} for the final judgement" if dataset.test_size else ""
    page.line(f"  images    {dataset.train_size:,} for training, {dataset.validation_size:,} for validation{kept}")
    colours = f", {dataset.channels} channels" if dataset.channels > 1 else ""
    page.line(f"  features  {dataset.num_features} of {dataset.train_images.dtype} ({shape}{colours})")
    names, left = dataset.label_names[:_MOST_NAMES], len(dataset.label_names) - _MOST_NAMES
    more = f" and {left:,} more" if left > 0 else ""
    page.prose(", ".join(names) + more, before=f"  classes   {dataset.num_classes:,}: ")
    page.line(f"  checksum  {dataset.checksum}")
    for name, said in _compared_rows(files):
        page.prose(said, before=f"  {name:<8}  ")
    for notice in notices:
        page.prose(notice, before="  notice    ")
    return 0


def _compared_rows(files: Sequence[Compared]) -> Iterator[tuple[str, str]]:
    """Which files have the published checksums, and which could not be compared."""
    for what in ("archive", "unpacked file"):
        same = [file.path.name for file in files if file.what == what and file.state == "official"]
        if same:
            named = "" if len(same) == len(files) else f": {listed(same)}"
            yield "official", f"{len(same)} {what}{'s' if len(same) > 1 else ''} with the published MD5{named}"
    unknown = [file.path.name for file in files if file.state == "not compared"]
    if unknown:
        yield (
            "unknown",
            f"not compared, because there is no published MD5 and no official archive: {listed(unknown)}",
        )
