"""A process that trains runs into a store: `python -m tests.store.trains STORE count N` or `… STORE on RUN`.

Says "ready", waits for a line, then trains N new runs to their end and says their names, or goes on with a run (with
"new", one of its own) over epochs without end and says every event's number, to be killed.
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.events import Finished, MinibatchesDone, RunEvent, Started
from engine.contract.history import LossCell, cells_of
from engine.store.record import Recorder
from engine.store.runs import RunStore
from tests.store.conftest import CONFIG, DATASET, PER_EPOCH, Standing, epoch_done, new_run

WIDTH = 3
EPOCHS = 3

ENDLESS = replace(CONFIG, epochs=10_000)  # of a run that goes on until it is killed


def loss_at(position: int) -> float:
    """Sums of these are exact."""
    return position % 5 * 0.25


def cells_until(position: int) -> tuple[LossCell, ...]:
    return cells_of([loss_at(at) for at in range(position)], 0, WIDTH)


def training(config: TrainConfig, state: Standing, epochs: int | None) -> Iterator[RunEvent]:
    random = Random()
    done, minibatch = divmod(state.position, PER_EPOCH)
    yield Started(
        config=config,
        device="cpu",
        dataset=DATASET,
        minibatches_per_epoch=PER_EPOCH,
        cell_width=WIDTH,
        epochs_done=done,
        minibatch=minibatch,
    )
    for epoch in count(done + 1):
        while state.position < epoch * PER_EPOCH:
            start, end = state.position, min(epoch * PER_EPOCH, state.position + random.randint(1, 4))
            state.position, state.evaluated = end, end % PER_EPOCH != 0
            cells = cells_of([loss_at(at) for at in range(start, end)], start, WIDTH)
            yield MinibatchesDone(position=start, count=end - start, images=4 * (end - start), cells=cells)
        state.evaluated = True
        yield epoch_done(epoch)
        if epoch == epochs:
            yield Finished(status="finished", seconds=1.0, images_per_second=1.0)
            return


def main(folder: Path, what: str, argument: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    with closing(RunStore.open(folder)) as store:
        if what == "count":
            for _ in range(int(argument)):
                run_id, state = new_run(store, width=WIDTH), Standing()
                for _ in Recorder(store, run_id, state).record(training(CONFIG, state, EPOCHS)):
                    pass
                print(run_id, flush=True)
            return
        run_id = new_run(store, ENDLESS, WIDTH) if argument == "new" else argument
        state = Standing()
        if argument != "new":
            store.claim(run_id)
            checkpoint = store.load_checkpoint(run_id)
            store.rewind(run_id, checkpoint)
            state.position = checkpoint.position
        for number, _ in enumerate(Recorder(store, run_id, state).record(training(ENDLESS, state, None))):
            print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
