"""A rank that hangs is killed by its guard; one that is lost at the very end is named."""

import signal
import subprocess
import sys
import time

import pytest
from torch.distributed import HashStore, PrefixStore, TCPStore

from engine.ranks import follower, guard, rank_and_size, rank_group
from engine.ranks.rank_group import RankGroup
from engine.ranks.rendezvous import RankLost, exchange

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")

# Beats as a rank does.
_RANK = """
import time
from engine.ranks.guard import Guard
guard = Guard(silent_seconds=1)
print("there", flush=True)
for _ in range(400):
    guard.beat()
    time.sleep(0.05)
"""


def test_torchrun_says_which_rank_of_how_many_this_is() -> None:
    assert rank_and_size({"TORCHELASTIC_RUN_ID": "none", "RANK": "1", "WORLD_SIZE": "4"}) == (1, 4)
    assert rank_and_size({"RANK": "1", "WORLD_SIZE": "4"}) == (0, 1)


def test_what_torch_says_of_a_failed_exchange_is_cut_to_its_reason() -> None:
    said = "[/opt/torch/pair.cc:534] Connection closed by peer [127.0.0.1]:4242. This may indicate\na dead process"
    with pytest.raises(RankLost) as lost, exchange():
        raise RuntimeError(said)
    reason = "Connection closed by peer [127.0.0.1]:4242"
    assert str(lost.value) == f"a rank has died: an exchange with it failed ({reason})"


@pytest.mark.parametrize(
    ("beats_of_2", "why"),
    [
        ([0] * 6, "a rank has died, or the job was ended (SIGTERM)"),  # it may not have come yet
        ([3] * 6, "rank 2 of 3 died"),
        ([3, 4, 5, 6, 7, 8], "the job was ended (SIGTERM)"),
    ],
)
def test_after_a_sigterm_a_rank_is_told_as_dead_only_if_it_had_come(beats_of_2: list[int], why: str) -> None:
    group = RankGroup(HashStore(), 3)
    try:
        for beat, other in enumerate(beats_of_2, 1):
            group._look_who_is_left({1: beat, 2: other})
        assert group.why_ended() == why
    finally:
        group.ended_from_outside = True
        assert group.leave() == ""


def test_a_second_sigterm_gives_a_rank_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(follower.time, "monotonic", lambda: now[0])
    one = follower._Follower(HashStore(), 1, {})
    one.hurry()
    now[0] += 4
    one._look()
    one.hurry()
    now[0] += 1.5
    with pytest.raises(RankLost, match=r"the job was ended \(SIGTERM\)"):
        one._look()


def test_silences_before_a_beat_do_not_count_for_those_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rank on a busy machine beats late again and again, and is not killed for it."""
    seconds = [*([False] * 7 + [True]) * 3, True]  # whether something came in this second; at last the end of stdin
    words = [b".", b".", b".", b""]
    killed: list[int] = []
    monkeypatch.setattr(sys, "argv", ["guard", "8"])
    monkeypatch.setattr(guard.signal, "signal", lambda *_: None)
    monkeypatch.setattr(guard.select, "select", lambda *_: ([0] if seconds.pop(0) else [], [], []))
    monkeypatch.setattr(guard.os, "read", lambda *_: words.pop(0))
    monkeypatch.setattr(guard.os, "kill", lambda pid, _: killed.append(pid))
    assert guard.main() == 0
    assert (killed, words) == ([], [])


def test_a_stopped_rank_is_killed_and_a_living_one_is_not() -> None:
    rank = subprocess.Popen([sys.executable, "-c", _RANK], stdout=subprocess.PIPE)
    try:
        assert rank.stdout is not None
        assert rank.stdout.readline() == b"there\n"
        time.sleep(1.5)
        assert rank.poll() is None
        rank.send_signal(signal.SIGSTOP)
        assert rank.wait(timeout=15) == -signal.SIGKILL
    finally:
        rank.kill()
        rank.wait()
        assert rank.stdout is not None
        rank.stdout.close()


def test_a_rank_that_is_lost_after_the_last_job_is_a_line_and_one_that_goes_home_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rank_group, "SILENCE_SECONDS", 0.3)
    server = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    store = PrefixStore("ranks", server)
    store.add("beat/1", 1)
    store.add("gone/1", 1)
    store.add("beat/2", 1)  # and it never goes; rank 3 has not even come
    assert RankGroup(store, 4).leave() == "rank 2 of 4 died or hangs after the last job"
    store.add("gone/2", 1)
    assert RankGroup(store, 4).leave() == ""
