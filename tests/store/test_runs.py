"""Runs in the database, and which of their checkpoints are kept."""

import math
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.events import Autopsy, Diverged, Finished, LabelsExamined, Remedy
from engine.contract.history import cell_width, cells_of, in_cells_of
from engine.store.checkpoint_files import MOST_EPOCHS, CheckpointFiles
from engine.store.named import finished_one
from engine.store.runs import RunStore, default_store
from engine.store.safetensors_file import Checkpoint
from tests.store.conftest import CONFIG, DATASET, PER_EPOCH, cell, checkpoint_at, epoch_done, new_run

FINISHED = Finished(status="finished", seconds=1.5, images_per_second=1000.0)
EXAMINED = LabelsExamined(images=26, accuracy=0.5, low=0.3, high=0.7, chance=0.5, guessing_loss=0.69, verdict="unclear")
DIVERGED = Diverged(
    epoch=1,
    minibatch=2,
    autopsy=Autopsy(
        image_index=3,
        label=1,
        label_name="b",
        logits=(math.inf, -math.inf),
        exponentials=(math.inf, 0.0),
        partition=math.inf,
        probabilities=(0.5, 0.5),
        loss=math.inf,
        cause="exp(inf) overflowed",
        remedies=(Remedy(softmax="row-max", loss="from-logits", value=0.25),),
    ),
)


def names_of(folder: Path, run_id: str) -> set[str]:
    return {path.name for path in (folder / "checkpoints" / run_id).iterdir()}


def advance(store: RunStore, run_id: str, epochs: int) -> None:
    for epoch in range(1, epochs + 1):
        cells = [cell(index) for index in range((epoch - 1) * PER_EPOCH, epoch * PER_EPOCH)]
        store.save_progress(run_id, checkpoint_at(epoch * PER_EPOCH), cells, [epoch_done(epoch, 1 / epoch)])


def test_the_store_is_where_the_environment_says_else_in_the_platforms_data_folder() -> None:
    assert default_store({"SOFTMAX_TUI_STORE": "/somewhere"}) == Path("/somewhere")
    assert default_store({"SOFTMAX_TUI_STORE": ""}) == default_store({})
    assert default_store({}).name == "softmax-tui"


def test_a_new_run_is_told_as_it_was_created(store: RunStore) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert new_run(store) == "r0001"
    assert store.create(replace(CONFIG, seed=2**63 - 1), "cuda:0", DATASET, PER_EPOCH, 3, "r0001") == "r0002"
    first, second = store.summary("r0001"), store.summary("r0002")
    assert first.config == CONFIG
    assert first.dataset == DATASET
    assert first.status == "running"
    assert first.epochs_done == 0
    assert math.isnan(first.validation_loss)
    assert before <= datetime.fromisoformat(first.created) <= datetime.now(UTC)
    assert (second.config.seed, second.device, second.forked_from) == (2**63 - 1, "cuda:0", "r0001")
    assert [run.run_id for run in store.summaries()] == ["r0002", "r0001"]
    assert store.summaries()[0].run_id == "r0002"


def test_a_summary_has_the_figures_of_the_last_epoch(store: RunStore) -> None:
    run_id = new_run(store)
    advance(store, run_id, 3)
    summary = store.summary(run_id)
    assert (summary.epochs_done, summary.train_loss, summary.validation_loss) == (3, 1 / 3, 2 / 3)
    assert summary.seconds == 3 * 0.125
    store.finish(run_id, FINISHED, None)
    assert store.summary(run_id).seconds == 1.5
    assert store.summaries() == [store.summary(run_id)]


def test_every_process_sees_what_another_saved(store: RunStore, folder: Path) -> None:
    run_id = new_run(store)
    with closing(RunStore.open(folder, create=False)) as reader:
        advance(store, run_id, 2)
        assert reader.summary(run_id).epochs_done == 2
        assert reader.load_checkpoint(run_id) == checkpoint_at(2 * PER_EPOCH)


def test_looking_into_an_empty_place_creates_nothing(folder: Path) -> None:
    with closing(RunStore.open(folder, create=False)) as store:
        assert store.summaries() == []
        with pytest.raises(InputError, match="found no runs in"):
            finished_one(store)
        with pytest.raises(InputError, match=r"no run 'r0001' in .*; the store is empty"):
            store.summary("r0001")
    assert not folder.exists()


def test_a_run_that_is_not_there_is_named_with_the_latest(store: RunStore) -> None:
    new_run(store)
    for name in ("r0099", "99", "", "r", "r-1", "r²", "r" + "9" * 30, "../r0001", "r0001\n"):
        for ask in (store.summary, store.events, store.load_checkpoint, store.claim, store.delete, store.losses):
            with pytest.raises(InputError, match=r"no run .*; the latest is r0001") as caught:
                ask(name)
            assert "\n" not in str(caught.value)


def test_numbers_are_not_given_twice(store: RunStore, folder: Path) -> None:
    new_run(store)
    gone = new_run(store)
    advance(store, gone, 1)
    store.finish(gone, FINISHED, None)
    store.delete(gone)
    assert not (folder / "checkpoints" / gone).exists()
    assert store.summaries()[0].run_id == "r0001"
    assert new_run(store) == "r0003"


def test_a_running_run_is_not_deleted(store: RunStore) -> None:
    run_id = new_run(store)
    with pytest.raises(InputError, match=r"found r0001 running \(host .*, pid \d+\), expected a run that has ended"):
        store.delete(run_id)
    assert store.summary(run_id).run_id == run_id


def test_a_deleted_run_takes_its_epochs_and_losses_with_it(store: RunStore) -> None:
    run_id = new_run(store)
    advance(store, run_id, 2)
    store.finish(run_id, FINISHED, None)
    store.delete(run_id)
    with closing(sqlite3.connect(store.folder / "runs.sqlite")) as database:
        for table in ("runs", "epochs", "losses"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_names_and_notes_are_text_whatever_is_in_them(store: RunStore) -> None:
    run_id = new_run(store)
    store.rename(run_id, "Robert'); DROP TABLE runs;-- [/bold]")
    store.set_note(run_id, "two\nlines")
    assert store.summary(run_id).name == "Robert'); DROP TABLE runs;-- [/bold]"
    assert store.summary(run_id).note == "two\nlines"
    with pytest.raises(InputError, match="no run"):
        store.rename("r0009", "x")


def test_a_diverged_run_keeps_its_autopsy(store: RunStore) -> None:
    run_id = new_run(store)
    store.finish(run_id, replace(FINISHED, status="diverged", reason="a loss was not finite"), DIVERGED)
    diverged, finished = store.events(run_id)[-2:]
    assert diverged == DIVERGED
    assert isinstance(finished, Finished)
    assert (finished.status, finished.reason, finished.run_id) == ("diverged", "a loss was not finite", run_id)


def test_the_look_at_the_labels_is_kept_until_the_run_goes_on(store: RunStore) -> None:
    run_id = new_run(store)
    store.finish(run_id, FINISHED, None, EXAMINED)
    assert store.events(run_id)[-2] == EXAMINED
    store.claim(run_id)
    assert EXAMINED not in store.events(run_id)


def test_a_store_made_before_labels_were_looked_at_is_read_and_written(folder: Path) -> None:
    with closing(RunStore.open(folder)) as store:
        run_id = new_run(store)
        store.finish(run_id, FINISHED, None)
    with closing(sqlite3.connect(folder / "runs.sqlite")) as older:
        older.execute("ALTER TABLE runs DROP COLUMN examined")
    with closing(RunStore.open(folder, create=False)) as reading:
        assert isinstance(reading.events(run_id)[-1], Finished)
    with closing(RunStore.open(folder)) as writing:
        writing.claim(run_id)
        writing.finish(run_id, FINISHED, None, EXAMINED)
        assert writing.events(run_id)[-2] == EXAMINED


def test_saving_the_same_again_changes_nothing(store: RunStore) -> None:
    run_id = new_run(store)
    advance(store, run_id, 2)
    before = store.events(run_id)
    store.save_progress(run_id, checkpoint_at(2 * PER_EPOCH), [cell(13)], [epoch_done(2, 1 / 2)])
    assert store.events(run_id) == before


def test_a_newer_checkpoint_replaces_one_within_an_epoch_and_keeps_the_epochs(store: RunStore, folder: Path) -> None:
    run_id = new_run(store)
    with pytest.raises(InputError, match="found no checkpoint yet"):
        store.load_checkpoint(run_id)
    for position in (0, 3, 7, 9, 11):
        store.save_progress(run_id, checkpoint_at(position), [], [])
        assert store.load_checkpoint(run_id) == checkpoint_at(position)
    assert names_of(folder, run_id) == {"0-0.safetensors", "1-0.safetensors", "1-4.safetensors"}
    assert store.checkpoint_epochs(run_id) == (0, 1)
    assert store.load_checkpoint(run_id, 1) == checkpoint_at(7)
    with pytest.raises(InputError, match="no checkpoint of epoch 2, expected one of 2 from 0 to 1"):
        store.load_checkpoint(run_id, 2)


def test_a_reader_whose_file_is_replaced_meanwhile_gets_the_newer_one(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = new_run(store)
    store.save_progress(run_id, checkpoint_at(3), [], [])
    load = CheckpointFiles.load
    asked: list[tuple[int, int]] = []

    def load_late(files: CheckpointFiles, epochs_done: int, minibatch: int) -> Checkpoint:
        if not asked:
            store.save_progress(run_id, checkpoint_at(5), [], [])
        asked.append((epochs_done, minibatch))
        return load(files, epochs_done, minibatch)

    monkeypatch.setattr(CheckpointFiles, "load", load_late)
    with closing(RunStore.open(store.folder, create=False)) as reader:
        assert reader.load_checkpoint(run_id) == checkpoint_at(5)
    assert asked == [(0, 3), (0, 5)]


def test_an_epoch_before_and_after_its_evaluation_are_two_checkpoints(store: RunStore) -> None:
    run_id = new_run(store)
    before = checkpoint_at(7, evaluated=False)
    store.save_progress(run_id, before, [], [])
    CheckpointFiles(store.folder / "checkpoints" / run_id).save(checkpoint_at(7))  # and killed before the transaction
    assert store.load_checkpoint(run_id) == before
    assert store.checkpoint_epochs(run_id) == ()


def test_what_a_killed_process_left_half_written_goes(store: RunStore, folder: Path) -> None:
    run_id = new_run(store)
    store.save_progress(run_id, checkpoint_at(0), [], [])
    (folder / "checkpoints" / run_id / ".1-0.safetensors.4711.partial").write_bytes(b"half")
    store.save_progress(run_id, checkpoint_at(7), [], [])
    assert names_of(folder, run_id) == {"0-0.safetensors", "1-0.safetensors"}


def test_of_a_long_run_a_bounded_number_of_checkpoints_is_kept_evenly(store: RunStore, folder: Path) -> None:
    run_id = new_run(store)
    for epoch in range(2 * MOST_EPOCHS + 6):
        store.save_progress(run_id, checkpoint_at(epoch * PER_EPOCH), [], [])
        assert len(names_of(folder, run_id)) <= MOST_EPOCHS + 1
    kept = store.checkpoint_epochs(run_id)
    assert len(kept) > MOST_EPOCHS / 2
    assert kept[0] == 0
    assert kept[-1] == 2 * MOST_EPOCHS + 5
    assert {second - first for first, second in pairwise(kept[:-1])} == {4}
    with pytest.raises(InputError, match="no checkpoint of epoch 3, expected one of"):
        store.load_checkpoint(run_id, 3)


def test_a_claimed_run_runs_again_and_has_forgotten_its_end(store: RunStore) -> None:
    run_id = new_run(store)
    advance(store, run_id, 1)
    store.claim(run_id)  # a process may go on with what is its own
    store.finish(run_id, replace(FINISHED, status="diverged"), DIVERGED)
    store.claim(run_id)
    assert store.summary(run_id).status == "running"
    assert store.events(run_id)[-1] == epoch_done(1, 1.0)


def test_a_rewound_run_has_told_nothing_after_its_checkpoint(store: RunStore, folder: Path) -> None:
    run_id = new_run(store, width=2)
    for epoch in (1, 2, 3):
        cells = [cell(index) for index in range(((epoch - 1) * 7) // 2, -(-epoch * 7 // 2))]
        store.save_progress(run_id, checkpoint_at(epoch * PER_EPOCH), cells, [epoch_done(epoch)])
    store.rewind(run_id, checkpoint_at(21))
    assert [c.index for c in store.losses(run_id)] == list(range(11))  # the last one half full
    store.rewind(run_id, checkpoint_at(7))
    assert [c.index for c in store.losses(run_id)] == [0, 1, 2]
    assert store.summary(run_id).epochs_done == 1
    assert store.load_checkpoint(run_id) == checkpoint_at(7)
    assert names_of(folder, run_id) == {"1-0.safetensors"}


def test_a_fork_begins_as_a_copy(store: RunStore, folder: Path) -> None:
    run_id = new_run(store)
    advance(store, run_id, 3)
    store.save_progress(run_id, checkpoint_at(24), [cell(21), cell(22), cell(23)], [])
    store.finish(run_id, FINISHED, None)
    before = store.events(run_id)
    more = replace(CONFIG, epochs=12)
    fork = store.fork(run_id, more, "cpu")
    summary = store.summary(fork)
    assert (fork, summary.status, summary.config, summary.forked_from) == ("r0002", "running", more, run_id)
    assert store.load_checkpoint(fork) == checkpoint_at(24)
    assert store.losses(fork) == store.losses(run_id)
    assert store.events(fork)[1:] == before[1:-1]
    assert store.checkpoint_epochs(fork) == store.checkpoint_epochs(run_id) == (1, 2, 3)
    advance(store, fork, 4)
    assert store.events(run_id) == before
    store.delete(run_id)
    assert store.load_checkpoint(fork, 2) == checkpoint_at(14)


def test_a_fork_of_an_epoch_leaves_out_what_came_after(store: RunStore) -> None:
    run_id = new_run(store)
    advance(store, run_id, 3)
    fork = store.fork(run_id, CONFIG, "cpu", epoch=1)
    assert store.summary(fork).epochs_done == 1
    assert store.losses(fork) == store.losses(run_id)[:7]
    assert store.load_checkpoint(fork) == checkpoint_at(7)
    assert store.checkpoint_epochs(fork) == (1,)
    with pytest.raises(InputError, match="no checkpoint of epoch 5"):
        store.fork(run_id, CONFIG, "cpu", epoch=5)
    assert store.summaries()[0].run_id == fork


def test_a_fork_over_more_epochs_has_wider_cells(store: RunStore) -> None:
    run_id = new_run(store)
    advance(store, run_id, 3)
    more = replace(CONFIG, epochs=1700)
    fork = store.fork(run_id, more, "cpu")
    width = cell_width(1700 * PER_EPOCH)
    assert width > 1
    assert store.losses(fork) == in_cells_of(store.losses(run_id), 1, width)


def test_losses_in_other_cells_are_exact_for_a_multiple_and_complete_for_any_width() -> None:
    losses = [float(number) for number in range(100)]
    for width in (1, 2, 3, 5):
        for new_width in range(1, 12):
            cells = in_cells_of(cells_of(losses, 0, width), width, new_width)
            if new_width % width == 0:
                assert cells == cells_of(losses, 0, new_width)
            assert sum(c.count for c in cells) == 100
            assert sum(c.total for c in cells) == sum(losses)
            assert [c.index for c in cells] == sorted({c.index for c in cells})
            for c in cells:
                assert c.index * new_width <= c.low < (c.index + 1) * new_width
                assert c.high < (c.index + 1) * new_width + width
