"""Text from outside is shown, never obeyed."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.plain import padded, plain
from tui.drawing.signs import in_ascii


def test_control_characters_and_escape_sequences_become_visible() -> None:
    assert plain("a\x1b[31mb\r\nc\t\x07\x9b") == "a\\x1b[31mb\\r\\nc\\t\\x07\\x9b"


def test_bidirectional_overrides_and_invisible_characters_become_visible() -> None:
    assert plain("x\u202ey\u200bz\u2066") == "x\\u202ey\\u200bz\\u2066"


def test_lone_surrogates_of_a_broken_path_become_visible() -> None:
    assert plain("\udcff.npz") == "\\udcff.npz"


def test_markup_stays_what_it_is() -> None:
    assert plain("[/] [bold]x[/bold]") == "[/] [bold]x[/bold]"


def test_unusual_spaces_become_spaces() -> None:
    assert plain("Ankle\u00a0boot") == "Ankle boot"


def test_a_cut_text_says_so_and_never_halves_a_wide_character() -> None:
    assert plain("abcdef", 4) == "abc…"
    assert plain("日本語", 6) == "日本語"
    assert plain("日本語", 5) == "日本…"
    assert plain("日本語", 4) == "日…"
    assert in_ascii(plain("abcdef", 4)) == "abc~"


def test_piled_up_marks_and_variation_selectors_do_not_reach_the_terminal() -> None:
    assert len(plain("a" + "\u0301" * 50)) <= 3
    assert plain("☁\ufe0f") == "☁"


def test_padding_reaches_the_width_on_either_side() -> None:
    assert padded("日本", 6) == "日本  "
    assert padded("ab", 4, right=True) == "  ab"


@given(st.text(max_size=80), st.integers(0, 30))
def test_no_text_leaves_its_line_or_its_width(text: str, width: int) -> None:
    shown = plain(text, width)
    assert cell_len(shown) <= width
    assert shown.isprintable()
    assert in_ascii(shown).isascii()
    assert cell_len(in_ascii(shown)) == cell_len(shown)
    assert cell_len(padded(text, width)) == width


def test_each_letter_may_have_two_marks() -> None:
    assert plain("q\u0303\u0301q\u0303\u0301") == "q\u0303\u0301q\u0303\u0301"
    assert plain("q\u0303\u0301\u0301\u0301q") == "q\u0303\u0301q"
