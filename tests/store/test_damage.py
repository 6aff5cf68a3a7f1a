"""A damaged store never ends a command with a traceback: one line names the run, and the others stay usable.

The long form is `python -m tests.long.store`.
"""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.contract.answers import DamagedListed, RunSummary, SweepsListed
from engine.contract.commands import ListRuns, ListSweeps
from engine.contract.errors import InputError
from engine.contract.progress import Notice
from engine.jobs.recorded_run import Places, Session
from engine.store.columns import COUNT, EPOCH_COLUMNS, LOSS_COLUMNS, DamagedRunError, read_row
from engine.store.rows import RUN_COLUMNS
from engine.store.runs import RunStore
from engine.worker.answers import Answers
from tests.store.damage import BAD_TEXT, Damage, apply, columns, damages
from tests.store.damaged_files import CHECKPOINTS, damaged
from tests.store.reading import FINISHED, RUNS, STOPPED, Tally, called, content, copied, everything, make

TRIES = 100


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    make(folder)
    return folder


def test_every_column_of_the_schema_is_checked(template: Path) -> None:
    there: dict[str, set[str]] = {}
    for table, column in columns(template / "store" / "runs.sqlite"):
        there.setdefault(table, set()).add(column)
    assert there == {"runs": set(RUN_COLUMNS), "epochs": set(EPOCH_COLUMNS), "losses": set(LOSS_COLUMNS)}


def test_damaged_cells_are_lines_in_every_command(template: Path, tmp_path: Path) -> None:
    tally = Tally(faults=[])
    for number, damage in enumerate(damages(template / "store" / "runs.sqlite", seed=13)):
        folder = copied(template, tmp_path / "store")
        if apply(folder / "store" / "runs.sqlite", damage):
            readers = list(everything(RUNS[number % len(RUNS)], folder))
            name, act = readers[tally.tries % len(readers)]
            tally.tried(f"{damage} | {name}", act)
        if tally.tries == TRIES:
            break
    assert tally.tries == TRIES
    assert not tally.faults, tally.faults[0]
    assert tally.slowest < 20, tally.line()


def test_damaged_checkpoints_and_sweeps_are_lines_in_every_command(template: Path, tmp_path: Path) -> None:
    tally, chance = Tally(faults=[]), random.Random(13)
    while tally.tries < TRIES:
        folder = copied(template, tmp_path / "store")
        what = damaged(folder, chance)
        readers = list(everything(chance.choice(RUNS), folder))
        name, act = chance.choice(readers)
        tally.tried(f"{what} | {name}", act)
    assert not tally.faults, tally.faults[0]
    assert tally.slowest < 20, tally.line()


DAMAGES = [
    Damage("runs", "minibatches_per_epoch", "first", "many"),
    Damage("runs", "config", "first", '{"epochs": "ten"}'),
    Damage("runs", "config", "first", "{}"),  # the dataset auto, which another one may be today
    Damage("runs", "name", "first", BAD_TEXT),
    Damage("runs", "dataset", "first", None),
    Damage("runs", "cell_width", "first", 2**62),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_the_line_names_the_run_and_the_column_and_the_others_stay_usable(
    damage: Damage, template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(template, tmp_path / "store")
    database = folder / "store" / "runs.sqlite"
    assert apply(database, damage)
    before = content(database)
    with closing(RunStore.open(folder / "store", create=False)) as store:
        for read in (store.summary, store.events, store.losses, store.load_checkpoint, store.claim):
            with pytest.raises(InputError) as caught:
                read(FINISHED)
            message = str(caught.value)
            assert message.startswith(f"{FINISHED}: found ")
            assert f"in the column {damage.column} of the table runs, expected " in message
            assert message.isprintable()
        listed = store.listed()
        assert [type(run) for run in listed] == [RunSummary] * (len(RUNS) - 1) + [DamagedListed]
        assert listed[-1] == DamagedListed(run_id=FINISHED, reason=message)
        assert [run.run_id for run in store.summaries()] == list(reversed(RUNS[1:]))
        assert store.events(STOPPED)
    assert called(folder, "train", "--resume", STOPPED) == ""
    assert len(content(database)[1]) > len(before[1]), "the other run went on"
    assert [row for row in content(database)[0] if row[0] == 1] == [row for row in before[0] if row[0] == 1]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (None, "nothing (NULL)"),
        ("many", "the text 'many'"),
        (b"many", "the bytes b'many'"),
        (1.5, "the number 1.5"),
        ("x" * 50, f"the text '{'x' * 39}…"),
    ],
)
def test_a_damaged_cell_is_shown_as_what_it_is(cell: object, found: str) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        row = database.execute("SELECT ? AS pid", (cell,)).fetchone()
    with pytest.raises(DamagedRunError) as caught:
        read_row("r0001", "runs", row, {"pid": COUNT})
    expected = "in the column pid of the table runs, expected a whole number from 0"
    assert str(caught.value) == f"r0001: found {found} {expected}"


def test_the_list_shows_a_damaged_run_as_damaged_and_it_can_be_deleted(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from tui.cli.main import main

    folder = copied(template, tmp_path / "store")
    assert apply(folder / "store" / "runs.sqlite", Damage("runs", "pid", "first", "\x1b[31mnobody"))
    monkeypatch.setenv("SOFTMAX_TUI_STORE", str(folder / "store"))
    assert main(["runs", "list"]) == 0
    table, _, reason = capfd.readouterr().out.rpartition(f"{FINISHED}: found")
    (line,) = (line.split() for line in table.splitlines() if line.startswith(FINISHED))
    assert line == [FINISHED, "-", "damaged", *["-"] * (len(line) - 3)]
    assert "column pid" in " ".join(reason.split())
    assert "\x1b" not in reason
    assert main(["runs", "list", "--json"]) == 0
    assert '"status":"damaged"' in capfd.readouterr().out.splitlines()[-1]
    assert main(["runs", "delete", FINISHED, "--yes"]) == 0
    with closing(RunStore.open(folder / "store")) as store:
        assert [run.run_id for run in store.listed()] == list(reversed(RUNS[1:]))


def test_the_app_is_told_what_is_damaged_and_gets_the_rest(template: Path, tmp_path: Path) -> None:
    folder = copied(template, tmp_path / "store")
    assert apply(folder / "store" / "runs.sqlite", Damage("runs", "status", "first", "asleep"))
    (folder / "store" / "sweeps" / "s0002.json").write_bytes(b"\xff")
    answers = Answers(Session(Places(folder / "data", folder / "store")))
    notice, listed = answers.to(ListRuns(), None)
    assert isinstance(notice, Notice)
    assert f"{FINISHED}: found the text 'asleep' in the column status" in notice.text
    assert [run.run_id for run in listed.runs] == list(reversed(RUNS[1:]))  # type: ignore[union-attr]
    *notices, sweeps = answers.to(ListSweeps(), None)
    assert isinstance(sweeps, SweepsListed)
    assert [sweep.sweep_id for sweep in sweeps.sweeps] == ["s0001"]
    assert len(notices) == 1


def test_a_column_that_is_gone_is_named(template: Path, tmp_path: Path) -> None:
    folder = copied(template, tmp_path / "store")
    with closing(sqlite3.connect(folder / "store" / "runs.sqlite")) as connection:
        connection.execute("ALTER TABLE epochs DROP COLUMN learning_rate")
    with (
        closing(RunStore.open(folder / "store", create=False)) as store,
        pytest.raises(InputError, match=f"{FINISHED}: found no column learning_rate in the table epochs"),
    ):
        store.events(FINISHED)


def test_a_checkpoint_that_does_not_fit_is_refused_before_anything_is_changed(template: Path, tmp_path: Path) -> None:
    folder = copied(template, tmp_path / "store")
    CHECKPOINTS["wrong bias"](folder / "store" / "checkpoints" / STOPPED / "1-0.safetensors", random.Random(0))
    assert called(folder, "train", "--resume", STOPPED) == ""
    with closing(RunStore.open(folder / "store")) as store:
        assert store.summary(STOPPED).status == "stopped"


def test_figures_that_cannot_be_read_are_refused_before_anything_is_changed(template: Path, tmp_path: Path) -> None:
    folder = copied(template, tmp_path / "store")
    assert apply(folder / "store" / "runs.sqlite", Damage("losses", "count", "all", "x"))
    assert called(folder, "train", "--resume", STOPPED) == ""
    with closing(RunStore.open(folder / "store")) as store:
        assert store.summary(STOPPED).status == "stopped"
