"""Values of a sweep are told apart wherever they are named."""

import math

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.settings import settings_of, value_text
from engine.contract.sweeps import SweepConfig, SweepResult
from engine.verdicts.sweep_sentence import point_named, point_words, value_words, verdict
from tui.sweep.charts import curves_chart, value_ticks
from tui.sweep.command import _values
from tui.sweep.state import SweepState
from tui.sweep.table import live_table, summary_table
from tui.sweep.value_grid import grid_of

ALIKE = (0.1, 0.1000001)
CONFIG = SweepConfig(parameter="learning_rate", values=ALIKE, seeds=2)
RESULTS = [
    SweepResult(
        parameter="learning_rate",
        value=value,
        seed=seed,
        status="finished",
        train_loss=0.4,
        validation_loss=0.45 + place + seed / 100,
        validation_accuracy=0.8,
        run_id="r0001",
    )
    for place, value in enumerate(ALIKE)
    for seed in range(2)
]


def test_values_have_as_many_digits_as_tell_them_apart() -> None:
    assert list(value_words(ALIKE).values()) == ["0.1", "0.1000001"]
    assert list(value_words((0.1, 0.3, 1e-7, 1000000.0)).values()) == ["0.1", "0.3", "1e-07", "1e+06"]
    assert list(value_words((0.1 / 3, 1.0)).values()) == ["0.0333333", "1"]
    neighbours = (0.1, math.nextafter(0.1, 1))
    assert len(set(value_words(neighbours).values())) == 2
    assert list(value_words((1_000_000, 1_000_001)).values()) == ["1000000", "1000001"]


def test_a_value_that_is_typed_twice_is_one() -> None:
    assert _values("learning_rate", ["0.1", "0.10", "1e-1", "0.1000001"]) == ALIKE
    assert _values("batch_size", ["64", "064"]) == (64,)


def test_tables_charts_grids_and_sentences_tell_them_apart() -> None:
    assert [row[0] for row in summary_table(CONFIG, RESULTS)[1]] == ["0.1", "0.1000001"]
    assert [row[1] for row in live_table(SweepState(config=CONFIG, runs=4))[1]] == ["0.1", "0.1000001"]
    assert [label for _, label in value_ticks(ALIKE)] == ["0.1", "0.1000001"]
    assert [series.label for series in curves_chart(SweepState(config=CONFIG, runs=4)).series] == ["0.1", "0.1000001"]
    grid = grid_of(SweepState(config=replace(CONFIG, second_parameter="momentum", second_values=ALIKE), runs=8))
    assert grid is not None
    assert grid.rows == grid.columns == ("0.1", "0.1000001")
    assert grid.cells[1][0].sentence.endswith("learning rate 0.1000001, momentum 0.1")
    said = verdict(CONFIG, RESULTS)
    assert "learning rate 0.1, " in said
    assert "0.1000001" in said
    assert point_words(CONFIG, (0.1,)) == ("0.1",)
    assert point_named(CONFIG, (0.1000001,)) == "learning rate 0.1000001"


def test_a_setting_is_written_as_it_reads_back() -> None:
    rate = next(setting for setting in settings_of(TrainConfig) if setting.name == "learning_rate")
    assert [value_text(value) for value in (*ALIKE, 1.0, 1e-7, 1e6)] == ["0.1", "0.1000001", "1", "1e-07", "1e+06"]
    assert rate.help_with(0.1000001).endswith("(default 0.1000001)")
