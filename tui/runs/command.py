"""`softmax-tui runs`: the stored runs."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from engine.contract.errors import InputError
from tui.cli.arguments import Commands, OneLineParser, add_action, add_actions, store_of
from tui.cli.json_lines import print_json
from tui.cli.yours import readable

if TYPE_CHECKING:
    from engine.store.runs import RunStore

_EXAMPLES = """examples
  softmax-tui runs list
  softmax-tui runs compare r0001 r0002
  softmax-tui runs stop r0003                                 wherever on this machine it is running
  softmax-tui runs export r0001 --format csv > metrics.csv
  softmax-tui runs export r0001 --format safetensors --output weights.safetensors
  softmax-tui runs rename r0001 'large steps'                 from now on, the name stands for the run

RUN is the id or the name of a run. The default is the last run that finished."""
FORMATS = ("csv", "json", "markdown", "safetensors")


def add(commands: Commands[OneLineParser]) -> None:
    action = partial(add_action, add_actions(commands, "runs", _EXAMPLES), data=False)
    line = "a JSON object for each run"
    action("list", "list every stored run, newest first", _list, json=line)
    show = action(
        "show",
        "show a run, its epochs and its losses",
        _show,
        json="a JSON object for the run, then one for each epoch",
    )
    _takes_run(show)
    compare = action("compare", "compare the settings and the results of runs", _compare, json=line)
    compare.add_argument("runs", nargs="+", metavar="RUN", help="two runs or more")
    export = action("export", "export the metrics or the weights of a run, for another program", _export)
    _takes_run(export)
    export.add_argument("--format", default="csv", metavar="|".join(FORMATS), help="format of the export (default csv)")
    export.add_argument("--output", metavar="FILE", help="file to write (default stdout)")
    export.add_argument("--force", action="store_true", help="replace an existing file")
    stop = action("stop", "stop a running run, and save a checkpoint", _stop)
    stop.add_argument("run_name", metavar="RUN", help="a run by id or name, or a sweep by id")
    delete = action("delete", "delete runs with their checkpoints", _delete)
    delete.add_argument("runs", nargs="+", metavar="RUN", help="runs by id or name")
    delete.add_argument("--yes", action="store_true", help="delete without asking")
    rename = action("rename", "give a run a name", _rename)
    rename.add_argument("run_name", metavar="RUN")
    rename.add_argument("text", metavar="NAME", help="'' removes the name")
    note = action("note", "write a note to a run", _note)
    note.add_argument("run_name", metavar="RUN")
    note.add_argument("text", metavar="TEXT", help="'' removes the note")


def _takes_run(parser: OneLineParser) -> None:
    parser.add_argument(
        "run_name", nargs="?", default="", metavar="RUN", help="a run by id or name (default: the last that finished)"
    )


def _store(options: argparse.Namespace) -> RunStore:
    from engine.store.runs import RunStore

    return RunStore.open(store_of(options), create=False)


def _list(options: argparse.Namespace) -> int:
    from engine.contract.answers import RunSummary

    listed = _store(options).listed()
    if options.json:
        for run in listed:
            damaged = {"type": "run", "run_id": run.run_id, "status": "damaged"}
            print_json(readable(run) if isinstance(run, RunSummary) else {**damaged, "reason": run.reason})
        return 0
    from tui.cli.page import Page
    from tui.runs.text import write_list

    write_list(listed, Page())
    return 0


def _show(options: argparse.Namespace) -> int:
    from tui.cli.judged import replayed, taken

    store = _store(options)
    run_id, said = taken(store, options.run_name)
    summary, run = store.summary(run_id), replayed(store, run_id)
    if options.json:
        for line in (readable(summary), *run.epochs):
            print_json(line)
        return 0
    from tui.cli.page import Page
    from tui.runs.text import write_run

    page = Page()
    page.note(said)
    write_run(summary, run, page)
    return 0


def _compare(options: argparse.Namespace) -> int:
    from tui.cli.judged import replayed, run_named

    store = _store(options)
    ids = list(dict.fromkeys(run_named(store, name) for name in options.runs))
    if len(ids) < 2:
        raise InputError(f"runs compare: found {ids[0]} alone, expected two different runs or more")
    summaries = [store.summary(run_id) for run_id in ids]
    if options.json:
        for summary in summaries:
            print_json(readable(summary))
        return 0
    from tui.cli.page import Page
    from tui.runs.text import write_comparison

    write_comparison(summaries, [replayed(store, run_id) for run_id in ids], Page())
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.format not in FORMATS:
        raise InputError(f"--format: found {options.format!r}, expected one of {', '.join(FORMATS)}")
    from tui.cli.judged import taken
    from tui.cli.page import Page
    from tui.runs.export import exported, written

    store = _store(options)
    run_id, said = taken(store, options.run_name)
    content = exported(store, run_id, options.format)
    Page(sys.stderr).note(said)
    if options.output is not None:
        written(content, options.output, options.force)
    elif options.format == "safetensors" and sys.stdout.isatty():
        raise InputError("--output: found none, expected a file: weights are bytes that no terminal can show")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    return 0


def _stop(options: argparse.Namespace) -> int:
    from tui.cli.page import Page
    from tui.runs.stop import stopped

    Page().prose(stopped(store_of(options), _store(options), options.run_name))
    return 0


def _delete(options: argparse.Namespace) -> int:
    from tui.cli.judged import run_named
    from tui.cli.page import Page

    store = _store(options)
    ids = list(dict.fromkeys(run_named(store, name) for name in options.runs))
    for run_id in ids:  # all of them before the first is gone
        store.check_deletable(run_id)
    if not options.yes:
        if not sys.stdin.isatty():
            raise InputError("Deleting needs a confirmation: add --yes, or run this in a terminal.")
        Page().line(f"delete {', '.join(ids)} with {'its' if len(ids) == 1 else 'their'} checkpoints?")
        if not _agreed():
            Page(sys.stderr).line("nothing was deleted")
            return 1
    for run_id in ids:
        store.delete(run_id)
        Page().line(f"deleted {run_id}")
    return 0


def _agreed() -> bool:
    """Whether the answer is yes; ctrl+D is none."""
    try:
        return input("[y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def _rename(options: argparse.Namespace) -> int:
    from tui.cli.judged import run_named
    from tui.cli.page import Page

    store = _store(options)
    run_id = run_named(store, options.run_name)
    store.rename(run_id, options.text.strip())
    Page().line(f"{run_id} is called {options.text.strip()}" if options.text.strip() else f"{run_id} has no name")
    return 0


def _note(options: argparse.Namespace) -> int:
    from tui.cli.judged import run_named
    from tui.cli.page import Page

    store = _store(options)
    run_id = run_named(store, options.run_name)
    store.set_note(run_id, options.text.strip())
    Page().line(f"{run_id}: {options.text.strip() or 'no note'}")
    return 0
