"""The Vocabulary pane's lines and charts, without a terminal."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.contract.vocabulary import METHODS, VocabularyQuestion
from engine.contract.vocabulary_events import Continuation, VocabularyTrained
from engine.verdicts.vocabulary_memory import predicted_bytes
from tests.vocabulary.scripted import evaluated, finished, line, measured, race, small_plan, started, trained
from tui.drawing.plot import plain_chart
from tui.drawing.spans import text_of
from tui.vocabulary.charts import memory_chart, perplexity_chart, time_chart
from tui.vocabulary.figures import STOPS, shards, size_words, sizes_up_to, stops_of
from tui.vocabulary.form import VocabularyFormText
from tui.vocabulary.hints import next_to_try
from tui.vocabulary.results import Race, Results
from tui.vocabulary.table import (
    continuation_lines,
    explained_lines,
    legend_line,
    measured_lines,
    training_lines,
)
from tui.vocabulary.words import Doing, View, sentence, stop_at, track_line, training_sentence

QUESTION = VocabularyQuestion()


def test_the_decades_below_the_largest_size_are_measured_too() -> None:
    assert sizes_up_to(1_000) == (1_000,)
    assert sizes_up_to(20_000) == (1_000, 10_000, 20_000)
    assert sizes_up_to(1_000_000) == (1_000, 10_000, 100_000, 1_000_000)


@pytest.mark.parametrize("width", [80, 120, 160])
def test_a_press_on_the_slider_means_the_stop_that_is_drawn_there(width: int) -> None:
    for index, words in enumerate(STOPS):
        drawn = text_of(track_line(index, STOPS, "table", width, ()))
        assert f"V = {words:,}" in drawn
        assert stop_at(drawn.index("●"), width, STOPS) == index
        assert cell_len(drawn) <= width
    assert stop_at(width - 1, width, STOPS) is None


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
    before = plain_chart(memory_chart(QUESTION, STOPS, METHODS, (), None), 100, 30)
    assert not set("FKABSN") & set(before.partition("\n")[2])
    assert "f" in before
    after = [line(method, words) for words in (10_000, 100_000) for method in METHODS]
    drawn = plain_chart(memory_chart(QUESTION, STOPS, METHODS, after, 10**9), 100, 60).partition("\n")[2]
    assert all(letter in drawn for letter in "FKABSN")
    timed = plain_chart(time_chart(STOPS, METHODS, after), 100, 60)
    assert all(letter in timed for letter in "FKABSN")
    assert "space measures" in plain_chart(time_chart(STOPS, METHODS, ()), 100, 30)


def test_perplexities_are_drawn_as_they_come() -> None:
    assert "space trains" in plain_chart(perplexity_chart(None, False), 100, 30)
    results = Results()
    for event in race(small_plan((10_000,), train=True)):
        results = results.after(event)
    drawn = plain_chart(perplexity_chart(results.race, True), 100, 30)
    assert all(letter in drawn for letter in "fkabsn")


def test_the_slider_ends_at_all_words_of_a_text() -> None:
    assert stops_of(0) == STOPS
    assert stops_of(613) == (613,)
    assert stops_of(8_123) == (1_000, 2_000, 5_000, 8_123)
    assert stops_of(10_000) == (1_000, 2_000, 5_000, 10_000)
    drawn = text_of(track_line(3, stops_of(8_123), "table", 80, (1_000, 8_123)))
    assert drawn.startswith(" 1k ─")
    assert "● 8.12k" in drawn
    assert "measures 1k, 8.12k" in drawn
    assert text_of(track_line(0, stops_of(613), "table", 80, (613,))).startswith("613 ●")
    assert stop_at(20, 80, stops_of(613)) == 0


def test_the_time_of_a_small_text_has_the_chart_to_itself() -> None:
    assert time_chart(STOPS, METHODS, ()).x_ticks == ((3.0, "1k"), (4.0, "10k"), (5.0, "100k"), (6.0, "1M"))
    few = time_chart(stops_of(1_401), METHODS, ())
    assert [name for _, name in few.x_ticks or ()] == ["1k", "1.4k"]
    assert few.x_range is not None
    assert few.x_range[1] < 3.3


def test_a_phrase_is_continued_by_every_method_with_as_many_words_as_there_is_room_for() -> None:
    guesses = tuple(Continuation(word, 0.5 / 2**n) for n, word in enumerate(["[red]mat", "rug", "dog", "cat", "sat"]))
    done = [one for one in trained(small_plan((10,), train=True)) if isinstance(one, VocabularyTrained)]
    told = Race(QUESTION, 10, trained={one.method: replace(one, phrase="the", continuations=guesses) for one in done})
    wide = [text_of(line) for line in continuation_lines(told, 120, low=False)]
    assert wide[0] == " the …  after 300 steps each"
    assert wide[1] == " f full        [red]mat 50.0%  rug 25.0%  dog 12.5%  cat 6.2%  sat 3.1%"
    assert len(wide) == 1 + len(METHODS)
    low = [text_of(line) for line in continuation_lines(told, 80, low=True)]
    assert low[1:] == [
        f" {left} [red]mat 50.0%  rug 25.0%  dog 12.5%  {right} [red]mat 50.0%  rug 25.0%  dog 12.5%"
        for left, right in ("fk", "ab", "sn")
    ]
    assert not continuation_lines(None, 80, low=True)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_chinese_words_and_phrases_take_two_cells_each(width: int) -> None:
    guesses = tuple(Continuation(word, 0.5 / 2**n) for n, word in enumerate(["垫子", "地毯", "沙发", "椅子", "床"]))
    done = [one for one in trained(small_plan((10,), train=True)) if isinstance(one, VocabularyTrained)]
    runs = {one.method: replace(one, phrase="猫坐在", continuations=guesses) for one in done}
    for low in (False, True):
        lines = continuation_lines(Race(QUESTION, 10, trained=runs), width, low)
        assert all(sum(cell_len(run.text) for run in line) <= width for line in lines)
        if low:  # the right half begins in one column
            assert len({cell_len(line[0].text + line[1].text) for line in lines[1:]}) == 1


def test_layers_that_ranks_share_are_predicted_for_one_of_them() -> None:
    alone = [text_of(line) for line in measured_lines(QUESTION, 100_000, METHODS, {}, None, 120)]
    shared = [text_of(line) for line in measured_lines(QUESTION, 100_000, METHODS, {}, None, 120, ranks=2)]
    assert "819 MB" in alone[1]
    assert "410 MB" in shared[1]
    assert alone[3:] == shared[3:]


def test_training_that_was_stopped_keeps_what_each_method_has_come_to_at_equal_steps() -> None:
    plan = small_plan((1_000,), train=True)
    results = Results()
    for event in race(plan, looks=4):
        results = results.after(event)
    results = results.after(evaluated("negative", 1_000, 1.5, 77.0))  # 300 steps
    head, *rows = [text_of(line) for line in training_lines(results.race, 100)]
    assert "so far" in head
    assert "equal time" not in head
    negative = next(row for row in rows if "negative" in row).split()
    assert negative[2:] == ["77.0", "1.5", "s", "–", "–", "–", "77.0", "300"]
    assert next(row for row in rows if "sampled" in row).split()[2:4] == ["–", "–"]


def test_beyond_what_was_measured_the_sentence_says_what_is_predicted_there() -> None:
    done = [line(method, words) for words in (1_000, 10_000) for method in METHODS]
    assert sentence(QUESTION, 10_000, METHODS, done, 10**9).startswith("Full was measured up to 10,000 words")
    said = sentence(QUESTION, 1_000_000, METHODS, done, 10**9)
    assert said.startswith("Measured up to 10,000 words. Predicted for 1,000,000 words: beside 516 MB of parameters")
    assert said.endswith("1.0 GB are free. Full does not fit; class-based, sampled and negative would fit.")
    limited = sentence(VocabularyQuestion(memory=10**9), 1_000_000, METHODS, (), 10**9)
    assert "The limit is 1.0 GB." in limited
    assert "are free" not in limited


def test_what_to_try_next_never_leads_beyond_the_end_of_the_slider() -> None:
    done = [line(method, words, free=10**10) for words in (1_000, 10_000) for method in METHODS]

    def following(words: int, most: int, view: View = "table", told: Race | None = None) -> str:
        offer = next_to_try(view, words, most, METHODS, done, told, Doing())
        assert offer is not None
        return offer.line()

    assert "→, space raises V" in following(10_000, 1_000_000)
    assert (
        following(1_000_000, 1_000_000)
        == "Next (g): space measures up to this V. From which V on is full too large for the memory?"
    )
    assert "→" not in following(10_000, 10_000)
    raced = Race(QUESTION, 1_000)
    assert "→, space raises V" in following(1_000, 10_000, "training", raced)
    assert following(10_000, 10_000, "training", raced).startswith("Next (g): space trains the methods at this V.")


def test_the_time_of_a_minibatch_is_that_of_forward_and_backward() -> None:
    one = line("full", 10_000)
    assert one.forward_seconds is not None
    assert one.backward_seconds is not None
    (_, marks) = time_chart(STOPS, ("full",), (one,)).series
    assert [cell.mean for cell in marks.cells] == [pytest.approx(1e3 * (one.forward_seconds + one.backward_seconds))]


def test_numbers_of_words_are_rounded_up_to_the_next_unit() -> None:
    said = [size_words(words) for words in (999, 1_000, 8_123, 999_499, 999_500, 1_500_000)]
    assert said == ["999", "1k", "8.12k", "999k", "1M", "1.5M"]


def test_only_exact_layers_are_shared_by_ranks() -> None:
    assert [method for method in METHODS if shards(method, 4) == 4] == ["full", "chunked"]


def test_a_phrase_is_continued_after_training_alone() -> None:
    form = VocabularyFormText()
    for name, text in (("text", "words.txt"), ("phrase", " the cat ")):
        form.write(name, text)
    assert form.plan((10,), METHODS, train=True).phrase == "the cat"
    assert form.plan((10,), METHODS, train=False).phrase == ""


def test_a_race_that_is_stopped_leaves_the_last_whole_one_in_sight() -> None:
    whole, stopped = small_plan((1_000,), train=True), small_plan((2_000,), train=True)
    results = Results()
    for event in (*race(whole), *trained(whole), finished()):
        results = results.after(event)
    for event in (*race(stopped, looks=1), finished("stopped")):
        results = results.after(event)
    assert results.race is not None
    assert results.race.words == 1_000


def test_figures_of_another_question_are_not_kept() -> None:
    plan = small_plan((1_000,))
    results = Results()
    for event in measured(plan):
        results = results.after(event)
    other = replace(plan, question=replace(plan.question, dimension=7))
    assert results.after(started(plan)).measured
    assert not results.after(started(replace(plan, question=replace(plan.question, seed=5)))).measured
    assert not results.after(started(other)).measured


def test_while_methods_train_the_sentence_names_the_one_with_the_lowest_perplexity() -> None:
    results = Results()
    for event in (*race(small_plan((1_000,), train=True), looks=1), evaluated("adaptive", 1_000, 1.0, 12.5)):
        results = results.after(event)
    said = training_sentence(results.race, going_on=True)
    assert said == "At 1,000 words adaptive has the lowest perplexity, 12.5 on held-out words so far."
