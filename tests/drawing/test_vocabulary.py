"""The Vocabulary pane's lines and charts, without a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from engine.contract.vocabulary import METHODS, VocabularyQuestion
from engine.contract.vocabulary_memory import predicted_bytes
from tests.interface.scripted_vocabulary import line, race, small_plan, trained
from tui.drawing.plot import plain_chart
from tui.drawing.runs import text_of
from tui.drawing.vocabulary_charts import memory_chart, perplexity_chart, time_chart
from tui.drawing.vocabulary_figures import STOPS, sizes_up_to
from tui.drawing.vocabulary_results import Results
from tui.drawing.vocabulary_table import explained_lines, legend_line, measured_lines, training_lines
from tui.drawing.vocabulary_words import stop_at, track_line

QUESTION = VocabularyQuestion()


def test_the_decades_below_the_largest_size_are_measured_too() -> None:
    assert sizes_up_to(1_000) == (1_000,)
    assert sizes_up_to(20_000) == (1_000, 10_000, 20_000)
    assert sizes_up_to(1_000_000) == (1_000, 10_000, 100_000, 1_000_000)


@pytest.mark.parametrize("width", [80, 120, 160])
def test_a_press_on_the_slider_means_the_stop_that_is_drawn_there(width: int) -> None:
    for index, words in enumerate(STOPS):
        drawn = text_of(track_line(words, "table", width))
        assert stop_at(drawn.index("●"), width) == index
        assert cell_len(drawn) <= width
    assert stop_at(width - 1, width) is None


@pytest.mark.parametrize("width", [80, 105, 106, 120])
@pytest.mark.parametrize("words", STOPS)
def test_no_line_is_wider_than_the_terminal_and_no_figure_is_cut(width: int, words: int) -> None:
    here = {method: line(method, words) for method in METHODS}
    plan = small_plan((words,), train=True)
    results = Results()
    for event in (*race(plan), *trained(plan)):
        results = results.after(event)
    lines = [
        *measured_lines(QUESTION, words, METHODS, here, None, width),
        *training_lines(results.race, width),
        *explained_lines(width),
        legend_line(METHODS, width),
    ]
    for drawn in map(text_of, lines):
        assert cell_len(drawn) <= width, drawn
        assert "…" not in drawn


def test_what_does_not_fit_is_marked_without_being_measured_and_what_is_not_known_is_not() -> None:
    full = predicted_bytes("full", QUESTION, 1_000_000)
    known = [text_of(one) for one in measured_lines(QUESTION, 1_000_000, METHODS, {}, full, 80)]
    assert [one.split()[2] for one in known[1:] if "!" in one] == ["full"]
    assert "!8.2 GB" in known[1]
    assert "no room: chunked fits" in known[1]
    unknown = [text_of(one) for one in measured_lines(QUESTION, 1_000_000, METHODS, {}, None, 80)]
    assert not any("!" in one for one in unknown)
    nothing = [text_of(one) for one in measured_lines(QUESTION, 1_000_000, METHODS, {}, 1000, 80)]
    assert all("no room: fewer words" in one for one in nothing[1:])


def test_measured_points_are_capitals_on_lines_that_were_predicted() -> None:
    before = plain_chart(memory_chart(QUESTION, METHODS, (), None), 100, 30)
    assert not set("FKABSN") & set(before.partition("\n")[2])
    assert "f" in before
    after = [line(method, words) for words in (1_000, 100_000) for method in METHODS]
    drawn = plain_chart(memory_chart(QUESTION, METHODS, after, 10**9), 100, 30).partition("\n")[2]
    assert all(letter in drawn for letter in "FKABSN")
    timed = plain_chart(time_chart(METHODS, after), 100, 30)
    assert all(letter in timed for letter in "FKABSN")
    assert "space measures" in plain_chart(time_chart(METHODS, ()), 100, 30)


def test_perplexities_are_drawn_as_they_come() -> None:
    assert "space trains" in plain_chart(perplexity_chart(None, False), 100, 30)
    results = Results()
    for event in race(small_plan((10_000,), train=True)):
        results = results.after(event)
    drawn = plain_chart(perplexity_chart(results.race, True), 100, 30)
    assert all(letter in drawn for letter in "fkabsn")
