"""What is kept of a dead engine's stderr."""

import re

import pytest

from engine.processes.client import EngineClient, EngineGone
from engine.processes.streams import last_words

TORCHRUN = """W1124 16:06:10.636000 18985 torch/distributed/run.py:982]\x20
W1124 16:06:10.636000 18985 torch/distributed/run.py:982] *****************************************
W1124 16:06:10.636000 18985 torch/distributed/run.py:982] Setting OMP_NUM_THREADS environment variable
Traceback (most recent call last):
  File "engine/worker/process.py", line 3, in main
    raise OSError("no space is left")
OSError: no space is left
rank 1 has died: is its memory full?
E1124 16:06:11.688000 18985 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: -9) local_rank: 1
Traceback (most recent call last):
  File "bin/torchrun", line 10, in <module>
    sys.exit(main())
             ^^^^^^
    raise ChildFailedError(
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\x20
============================================================
engine.worker FAILED
------------------------------------------------------------
Failures:
{rows}------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : 2026-11-24_16:06:11
  host      : localhost
  rank      : 0 (local_rank: 0)
  exitcode  : 2 (pid: 19059)\x20
  error_file: <N/A>
  traceback : To enable traceback see: https://pytorch.org/docs/stable/elastic/errors.html
============================================================"""
ROWS = """[{rank}]:
  time      : 2026-11-24_16:06:11
  host      : localhost
  rank      : {rank} (local_rank: {rank})
  exitcode  : -9 (pid: 19060)
  error_file: <N/A>
  traceback : Signal 9 (SIGKILL) received by PID 19060
"""
USEFUL = [
    "Traceback (most recent call last):",
    '  File "engine/worker/process.py", line 3, in main',
    '    raise OSError("no space is left")',
    "OSError: no space is left",
    "rank 1 has died: is its memory full?",
    "E1124 16:06:11.688000 18985 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: -9) "
    "local_rank: 1",
    "engine.worker FAILED",
]


@pytest.mark.parametrize("ranks", [2, 64])
async def test_of_torchruns_table_nothing_is_left_and_what_the_ranks_said_is(ranks: int) -> None:
    text = TORCHRUN.format(rows="".join(ROWS.format(rank=rank) for rank in range(1, ranks)))
    client = EngineClient(["sh", "-c", 'printf "%s" "$0" >&2; exit 1', text])
    await client.start()
    with pytest.raises(EngineGone) as gone:
        async for _ in client.events():
            pass
    assert list(gone.value.stderr) == USEFUL


def test_lines_like_those_of_the_table_stay_where_no_torchrun_wrote_them() -> None:
    lines = ["==========", "rank : 1", "[0]:", "time : 3 s"]
    assert last_words(lines) == lines


def test_the_table_is_shown_where_there_is_nothing_else() -> None:
    lines = re.sub(r"engine.worker FAILED\n", "", TORCHRUN[TORCHRUN.index("torch.distributed.elastic.multi") :])
    table = [line for line in lines.splitlines() if line.startswith(("torch.distributed", "=", "-", "Failures"))]
    assert last_words(table) == table


def test_no_more_than_the_last_twenty_lines_are_kept() -> None:
    assert last_words(map(str, range(50))) == [str(number) for number in range(30, 50)]
