"""A run's name is shortened so that it can still be told from its neighbours."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.contract.config import TrainConfig
from tests.train.script import summary
from tui.drawing.run_names import changed_settings, short_name
from tui.drawing.signs import in_ascii
from tui.drawing.spans import text_of
from tui.train.lines import earlier_lines

OF_A_SWEEP = "s0001/3 learning-rate 0.1 seed 0"


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        (OF_A_SWEEP, 40, OF_A_SWEEP),
        (OF_A_SWEEP, 24, "s0001 rate 0.1 seed 0"),
        (OF_A_SWEEP, 20, "s0001 0.1 seed 0"),
        (OF_A_SWEEP, 12, "s0001 0.1/0"),
        ("s0012/103 learning-rate 0.003 batch-size 1024 seed 2", 40, "s0012 rate 0.003 batch 1024 seed 2"),
        ("s0012/103 learning-rate 0.003 batch-size 1024 seed 2", 24, "s0012 0.003 1024 seed 2"),
        ("the-long-name-of-a-run-17", 13, "the-lo…run-17"),
        ("r0001", 5, "r0001"),
    ],
)
def test_what_tells_a_run_from_its_neighbours_stays(name: str, width: int, shown: str) -> None:
    assert short_name(name, width) == shown


@given(st.text(max_size=40), st.integers(0, 30))
def test_no_name_takes_more_room_than_it_has(name: str, width: int) -> None:
    shown = short_name(name, width)
    assert cell_len(shown) <= width
    assert cell_len(in_ascii(shown)) == cell_len(shown)


@pytest.mark.parametrize("width", [22, 28, 36, 50])
def test_the_runs_of_a_sweep_can_be_told_apart_in_the_list_of_earlier_runs(width: int) -> None:
    points = [(rate, seed) for rate in (0.001, 0.01, 0.1) for seed in (0, 1)]
    names = [f"s0001/1 learning-rate {rate} seed {seed}" for rate, seed in points]
    runs = [msgspec.structs.replace(summary(f"r000{place}"), name=name) for place, name in enumerate(names)]
    lines = []
    for place in (0, 3):  # as many as lie over the charts together
        marked = [run.run_id for run in runs[place : place + 3]]
        lines += [text_of(line) for line in earlier_lines(runs[place : place + 3], marked, width, 10)][1:]
    assert len(set(lines)) == len(names)
    for (rate, seed), line in zip(points, lines, strict=True):
        assert f" {rate}" in line
        assert f"{seed} " in line
        assert line.endswith(" 0.480")
        assert cell_len(line) <= width


@pytest.mark.parametrize("chosen", [{"loss": "from-logits"}, {"loss": "indexing", "label_smoothing": 0.1}])
def test_of_a_stored_pair_that_no_run_could_begin_with_all_is_named(chosen: dict[str, object]) -> None:
    config = TrainConfig(softmax="naive", gradient="autograd", **chosen)  # type: ignore[arg-type]
    assert ("--gradient", "autograd") in changed_settings(config)
    assert ("--loss", chosen["loss"]) in changed_settings(config)
