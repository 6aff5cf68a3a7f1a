"""`softmax-tui sweep`: one or two settings over values and seeds, and what of it is an effect."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from engine.contract.commands import ResumeSweep, StartSweep
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.settings import counting, parse
from engine.contract.sweeps import (
    DEFAULT_EPOCHS,
    DEFAULT_SEEDS,
    DEFAULT_VALUES,
    MOST_SEEDS,
    Number,
    SweepConfig,
    SweepFinished,
    SweepQuestion,
    check_sweep,
    swept_setting,
)
from engine.verdicts.sweep_sentence import value_words
from tui.cli.arguments import (
    Commands,
    OneLineParser,
    add_command,
    add_places,
    add_settings,
    data_dir_of,
    store_of,
    typed_settings,
)
from tui.cli.detached import add_detach, leave_running
from tui.cli.following import followed, prepared
from tui.cli.interruption import Interruption
from tui.cli.ranks import follows, rank_group_of, ranks, serve

if TYPE_CHECKING:
    from engine.jobs.recorded_run import Places
    from engine.ranks.rank_group import RankGroup

_RATES = " ".join(value_words(DEFAULT_VALUES["learning_rate"]).values())
_EXAMPLES = f"""examples
  softmax-tui sweep learning-rate                          {_RATES}
  softmax-tui sweep batch-size 1 2 4 8 16 32 --seeds 1
  softmax-tui sweep batch-size --at steps                  every batch size takes as many steps as the largest
  softmax-tui sweep learning-rate 0.03 0.1 0.3 batch-size 64 256 1024    a grid
  softmax-tui sweep momentum 0 0.5 0.9 --epochs 5 --export momentum.csv
  softmax-tui sweep --resume                               continues the latest sweep
  softmax-tui sweep batch-size --detach                    in the background; watch shows the sweep
  torchrun --standalone --nproc-per-node 2 --no-python softmax-tui sweep batch-size      shared by two GPUs

Each value is compared with the default value, seed by seed. The intervals of the differences hold for all values
together: at most 5 % of sweeps without an effect claim an effect. With 12 values, the intervals are ± 2.7 standard
deviations of the paired differences for 5 seeds, ± 9.5 for 3 seeds and ± 1.2 for 10 seeds.

Each value and seed is a stored run that `mistakes` and `decide` can open. ctrl+C stops the sweep; the finished
runs stay stored. Exit codes: 0 (also if some runs diverged), 1 (failed), 2 (bad usage or input), 130 (ctrl+C) or
143 (SIGTERM)."""

_BASE = TrainConfig(epochs=DEFAULT_EPOCHS)


def add(commands: Commands[OneLineParser]) -> None:
    lines = "one JSON object a line (started, result for each value and seed, verdict for each value, finished)"
    parser = add_command(commands, "sweep", run, _EXAMPLES, json=lines)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="SETTING VALUE …",
        help="a setting that takes numbers, and its values; a second setting with its values makes a grid",
    )
    parser.add_argument(
        "--seeds",
        metavar="N",
        help=f"number of runs for each value; the first seed is --seed (default {DEFAULT_SEEDS})",
    )
    parser.add_argument(
        "--at",
        metavar="|".join(get_args(SweepQuestion)),
        help="compare batch sizes at equal images, at equal steps, or with scaled learning rates (default images)",
    )
    parser.add_argument("--resume", metavar="SWEEP", nargs="?", const="", help="continue a sweep (default: the latest)")
    parser.add_argument("--export", metavar="FILE", help="write the results to a new .csv, .json, .md or .txt file")
    add_detach(parser, "sweep")
    add_settings(parser, _BASE)
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    from tui.sweep.export import check_target

    if follows():
        return serve(data_dir_of(options))
    config = _asked(options)
    if options.detach:
        if options.export is not None or ranks() > 1:
            found = "--export" if options.export is not None else "torchrun"
            raise InputError(f"--detach: found {found} as well, expected a sweep alone: runs export writes its runs")
        return leave_running(
            options, ResumeSweep(sweep_id=options.resume) if config is None else StartSweep(config=config)
        )
    data_dir, store = data_dir_of(options), store_of(options)
    if options.export is not None:
        check_target(options.export, "--export")
    from engine.jobs.recorded_run import Places

    with Interruption(patient=ranks() > 1) as interruption, rank_group_of(ranks()) as rank_group:
        return _swept(options, config, Places(data_dir, store), rank_group, interruption)


def _swept(
    options: argparse.Namespace,
    config: SweepConfig | None,
    places: Places,
    rank_group: RankGroup | None,
    interruption: Interruption,
) -> int:
    from engine.jobs.sweep.opening import resume, start
    from tui.sweep.text import JsonReport, PeopleReport

    preparation = resume(places, options.resume, rank_group) if config is None else start(places, config, rank_group)
    report = (JsonReport if options.json else PeopleReport)(options.export)
    sweep = prepared(preparation, report, interruption)
    if sweep is None:
        report.interrupted(interruption.name)
        return interruption.exit_code

    def stop(reason: str) -> SweepFinished:
        if rank_group is not None and interruption.signal_number == signal.SIGTERM:
            rank_group.ended_from_outside = True
        return sweep.stop(reason)

    return followed(sweep.events, report, interruption, SweepFinished, stop, sweep.failed)


def _asked(options: argparse.Namespace) -> SweepConfig | None:
    """The sweep that is asked for, None for one that goes on; checked before torch is imported."""
    changes = typed_settings(options)
    if options.resume is not None:
        if options.what or changes or options.seeds or options.at:
            raise InputError("--resume: found settings as well, expected none: a resumed sweep keeps its settings")
        return None
    groups = _groups(options.what)
    if len(groups) > 2:
        raise InputError(f"sweep: found {len(groups)} settings, expected one setting, or two for a grid")
    seeds = int(parse(counting("seeds", 1, MOST_SEEDS), options.seeds)) if options.seeds else DEFAULT_SEEDS
    if options.at is not None and options.at not in get_args(SweepQuestion):
        raise InputError(f"--at: found {options.at!r}, expected one of {', '.join(get_args(SweepQuestion))}")
    (parameter, values), (second, second_values) = (*groups, ("", ()))[:2]
    config = SweepConfig(
        parameter=parameter,
        values=values,
        second_parameter=second,
        second_values=second_values,
        seeds=seeds,
        question=options.at or "images",
        base=replace(_BASE, **changes),
    )
    check_sweep(config)
    return config


def _groups(words: Sequence[str]) -> list[tuple[str, tuple[Number, ...]]]:
    """Settings and their values, in ascending order; the exercise's own where none are given."""
    if not words:
        raise InputError(
            "sweep: found no setting, expected a setting such as learning-rate or batch-size, and its values"
        )
    groups: list[tuple[str, list[str]]] = []
    for word in words:
        if groups and _is_number(word):
            groups[-1][1].append(word)
        else:
            groups.append((swept_setting(word).name, []))
    return [(name, _values(name, texts)) for name, texts in groups]


def _values(name: str, texts: Sequence[str]) -> tuple[Number, ...]:
    if not texts and name in DEFAULT_VALUES:
        return DEFAULT_VALUES[name]
    setting = swept_setting(name)
    found = {parse(setting, text) for text in texts}
    return tuple(sorted(value for value in found if isinstance(value, int | float)))


def _is_number(word: str) -> bool:
    """Anything that begins like one: `1e` and `2,5` are values with a slip, not settings."""
    return word.strip().lstrip("+-.")[:1].isdigit() or word.strip().lstrip("+-").lower() in ("inf", "nan")
