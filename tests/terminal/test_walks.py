"""One walk through each pane: the real app with its engine in a terminal of 80 by 24, keys alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engine.processes import child
from tests.terminal.desk import environ_at, lay_out
from tests.terminal.shown import Shown
from tests.terminal.terminal import alive, children, gone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's pseudo-terminals"),
]

ENTER, ESCAPE, RIGHT, CTRL_Q = "\r", "\x1b", "\x1b[C", "\x11"
# Keys, one after the other, and the words that they promise.
Walk = Sequence[tuple[str, str]]
WALKS: dict[str, Walk] = {
    "Train": [
        (" ", "run r0001 running"),
        ("f", "run r0001 finished"),
        ("", "finished, 10 epochs"),
        ("a", "accuracy ── train"),
        ("c", "softmax-tui train"),
        (ESCAPE, "space"),
        ("?", "Start"),
        (ESCAPE, "space"),
    ],
    "Softmax": [
        ("2", "All four agree with float64"),
        (ENTER, "typing"),
        ("1", "typing"),
        ("00", "100"),
        (ENTER, "!nan"),
        ("", "naive gives nan"),
        (ESCAPE, "p preset"),
        ("p", "Next (g):"),
        ("z", "naive"),
    ],
    "Loss": [
        ("3", "space measures"),
        (" ", "times indexing"),
        ("", "integer-labels"),
        ("l", "log p"),
        ("n", "classes"),
        ("t", "gradient off"),
    ],
    "Mistakes": [
        (" ", "run r0001 running"),
        ("f", "run r0001 finished"),
        ("4", "are wrong"),
        (ENTER, "evidence"),
        (ESCAPE, "are wrong"),
        ("v", "true"),
        (ESCAPE, "are wrong"),
        ("o", "r0001, the run of this session, finished"),
        (ESCAPE, "are wrong"),
    ],
    "Decide": [
        (" ", "run r0001 running"),
        ("f", "run r0001 finished"),
        ("5", "sensitivity"),
        ("v", "least-cost decision"),
        ("u", "calibration error"),
        ("v", "classes images covered"),
        ("v", "martingale"),
        ("v", "sensitivity"),
    ],
    "Sweep": [
        ("6", "no sweep yet"),
        ("p", "your sketch"),
        (ESCAPE, "space starts"),
        (" ", "s0001 learning rate, 5 seeds"),
        ("", "30 of 30 runs"),
        ("v", "0.001"),
    ],
    "Vocab": [
        ("7", "a position has 10,000 logits"),
        (RIGHT, "words"),
        (" ", "space stops"),
        (" ", "space measures"),
        ("m", "memory in MB"),
        ("i", "ms of a minibatch"),
        ("t", "predicted"),
    ],
}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Shown]:
    """On a desk with 300 images where Fashion-MNIST is looked for."""
    lay_out(tmp_path)
    shown = Shown(child.module_command("tui.cli.main"), environ_at(tmp_path))
    yield shown
    shown.close()


@pytest.mark.parametrize("pane", WALKS)
def test_a_walk_through_a_pane(app: Shown, pane: str) -> None:
    app.until("engine ready")
    for keys, promised in WALKS[pane]:
        if keys == ENTER:
            app.settle()  # what it opens may be drawn, and not be asked for again yet
        app.press(keys)
        if keys == ESCAPE:
            app.settle()  # a letter that came with it would be one key with it, alt and the letter
        app.until(promised)
        assert not app.over_the_edge
    started = children(app.process.pid)
    app.press(CTRL_Q)
    assert app.leave() == 0
    app.assert_restored()
    assert b"Traceback" not in app.output
    assert all(gone(pid) for pid in started if alive(pid))
