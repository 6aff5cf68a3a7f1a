"""How a rank that is not the first goes home: with its jobs ended, or the interpreter's end would abort it."""

import os
import subprocess
import sys

from torch.distributed import PrefixStore, TCPStore

from engine.ranks.rank_group import RankGroup, RankJob

_EAGER = """
import sys
from engine.ranks.follower import follow

def take_part(job, order, ended):
    sys.stdout.write("begun\\n")
    sys.stdout.flush()
    while not ended():
        pass

sys.exit(follow({"vocabulary": take_part, "sweep": take_part}))
"""


def test_a_rank_leaves_with_0_though_its_jobs_ask_the_store_without_a_pause() -> None:
    server = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    store = PrefixStore("ranks", server)
    meeting = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(server.port),
        "WORLD_SIZE": "2",
        "RANK": "1",
        "TORCHELASTIC_RUN_ID": "a test",
        "TORCHELASTIC_USE_AGENT_STORE": "True",  # rank 0 has it already
    }
    rank_group = RankGroup(store, 2)
    jobs = [rank_group.begin(RankJob("sweep")) for _ in range(4)]
    rank = subprocess.Popen([sys.executable, "-c", _EAGER], env={**os.environ, **meeting}, stdout=subprocess.PIPE)
    assert rank.stdout is not None
    try:
        for _ in jobs:
            assert rank.stdout.readline() == b"begun\n"
        rank_group.leave()
        assert rank.wait(timeout=10) == 0
    finally:
        rank.kill()
        rank.wait()
        rank.stdout.close()
