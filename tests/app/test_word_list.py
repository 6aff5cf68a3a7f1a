"""The word list: every technical word of the screens is in it, each in one plain sentence, and typing finds it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from engine.contract import config, loss_lab, vocabulary
from tests.train.script import opened, screen_text, settled
from tui.app.keys import Keys
from tui.app.word_list import WordList
from tui.pane.commands import PANES
from tui.pane.glossary import glossary, words_for
from tui.vocabulary.figures import TRAINED_HEADER

ROOT = Path(__file__).parents[2]
# What the screens say stands in the texts of these; commands and widgets say nothing else.
SAID = (
    *(ROOT / "tui").glob("[!_ac]*/*.py"),
    *(ROOT / "engine" / "verdicts").glob("*.py"),
    *((ROOT / "engine" / name) for name in ("contract/decisions.py", "numerics/diagnosis.py", "numerics/presets.py")),
    *((ROOT / "engine" / "contract" / f"{name}.py") for name in ("config", "vocabulary", "loss_lab", "sweeps")),
)
# Words, and beginnings of words, that no reader of section 4.4 has to know. A test finds those that the screens use.
TECHNICAL = """
abstain* accuracy adaptive alarm* argmax auc autograd autopsy backward bfloat16 bias bootstrap* brier calibrat* chunk*
class-based clip clipped clipping closed-form conformal confidence confusion context* coverage cosine cross-entropy
dense diverge* drift* dtype* early embedding* ensemble entropy epoch* epsilon evidence exponential* feature* flip*
float16 forward from-logits full generalis* global-max gradient* held-out hessian* hyperparameter* indexing inf
integer-labels interval* jacobian* kernel* l1 l2 latent* likelihood log-sum-exp logit* lipschitz* logsumexp margin
markov median minibatch* miss misses missed momentum mse naive nan nats negative negatives nll norm one-hot ordinal
overconfident overfitting overflow* partition patience perplexity platt* position positions posterior* precision
prevalence prior* quantile* quartile* rank ranks rare recall referral refer referred regress* regularis* reliability
residual* risk roc row-max sampled samples schedule seed seeds sensitivity shift* shrinkage sigma silhouettes smoothed
smoothing softmax sparse specificity sigmoid* step steps subnormal* symmetrical lethal temperature threshold torchrun
underconfident underflow* unigram unk utility validation variance yours zipf* p–r precision-recall
"""
ELSEWHERE = {  # said in full where they stand, or no word of the screens but of the code
    "dtype": "a label of the form, with its help",
    "argmax": "the name of a cost in the code",
    "regression": "in the book's own title",
    "likelihood": "of a refusal",
}


def texts() -> list[str]:
    """The strings of the files above, without docstrings and styles."""
    found = []
    for path in SAID:
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                found.append(node.value if ": " not in node.value or " }" not in node.value else "")
    return found


def words_of(texts: list[str]) -> set[str]:
    """In small letters; what has a hyphen is one word and its parts too."""
    found = set()
    for text in texts:
        for word in re.findall(r"[A-Za-z][A-Za-z0-9]*(?:[-–][A-Za-z0-9]+)*", text):
            found |= {word.casefold(), *re.split("[-–]", word.casefold())}
    return found


def technical(words: set[str]) -> set[str]:
    whole = {one for one in TECHNICAL.split() if not one.endswith("*")}
    begun = tuple(one[:-1] for one in TECHNICAL.split() if one.endswith("*"))
    return {word for word in words if word in whole or word.startswith(begun)}


def explained(word: str) -> bool:
    """Whether it is a term, or a spelling of one, or of a term's own words; plurals count."""
    named = " ".join(" ".join((one.term, *one.also)) for one in glossary()).casefold()
    parts = set(re.split(r"[\s,–-]+", named)) | set(re.split(r"[\s,]+", named))
    stems = {word, *(word.removesuffix(end) for end in ("s", "es", "d", "ed")), f"{word}s"}
    return bool(stems & parts)


def test_every_technical_word_of_the_screens_is_in_the_list() -> None:
    used = technical(words_of(texts()))
    assert len(used) > 80, "the test finds what the screens say"
    assert sorted(word for word in used if not explained(word) and word not in ELSEWHERE) == []


def test_every_name_that_a_form_or_a_table_offers_is_in_the_list() -> None:
    names = [
        *vocabulary.METHODS,
        *get_args(config.SoftmaxName),
        *get_args(config.LossName),
        *loss_lab.LAB_LOSSES,
        *TRAINED_HEADER,
    ]
    plain = {"torch", "trained", "after", "equal steps", "equal time"}
    assert [name for name in names if name not in plain and not explained(name)] == []


def test_the_list_explains_only_what_the_screens_show() -> None:
    said = " ".join(texts()).casefold()
    silent = [
        word.term
        for word in glossary()
        if not any(name.casefold().rstrip("s") in said for name in (word.term, *word.also))
    ]
    assert silent == []


@pytest.mark.parametrize("word", glossary(), ids=lambda word: word.term)
def test_each_is_one_plain_sentence(word) -> None:  # type: ignore[no-untyped-def]
    assert word.text.endswith(".")
    assert not re.search(r"[.!?] ", word.text), "one sentence"
    assert len(word.text.split()) < 25
    assert re.fullmatch(r"(\d{1,2}\.\d{1,2})?", word.book)
    assert word.panes
    assert set(word.panes) <= {pane.id for pane in PANES}


def test_terms_are_sorted_and_there_once() -> None:
    terms = [word.term.casefold() for word in glossary()]
    assert terms == sorted(set(terms))


def test_the_words_of_the_pane_go_first_and_what_is_called_so_before_what_speaks_of_it() -> None:
    for pane in PANES:
        here, elsewhere = words_for(pane.id)
        assert len(here) >= 5
        assert len(here) + len(elsewhere) == len(glossary())
    here, elsewhere = words_for("decide", "recall")
    assert [word.term for word in here][:2] == ["precision–recall, P–R", "sensitivity"]
    assert words_for("decide", "PERPLEX")[1][0].term == "perplexity"
    assert words_for("decide", "4.5")[1]
    assert words_for("decide", "no such word") == ((), ())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_typing_finds_a_word_from_the_help_of_a_pane(size: tuple[int, int]) -> None:
    async with opened(size) as (pilot, _, _):
        app = pilot.app
        await pilot.press("question_mark")
        await settled(pilot, lambda: isinstance(app.screen, Keys) and "tab shows what the words" in screen_text(pilot))
        await pilot.press("tab")
        await settled(pilot, lambda: isinstance(app.screen, WordList) and "Words of Train" in screen_text(pilot))
        assert "accuracy" in screen_text(pilot)
        await pilot.press("pagedown")
        await settled(pilot, lambda: "Words of Train" not in screen_text(pilot))
        await pilot.press(*"quan")  # q is a letter here
        await settled(pilot, lambda: "quartiles are" in " ".join(screen_text(pilot).split()))
        assert "Other words" in screen_text(pilot)
        await pilot.press(*"[/b]")
        await settled(pilot, lambda: "No word has these letters" in screen_text(pilot))
        await pilot.press("tab")
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        await pilot.press("escape")
        await settled(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("7", "W")
        await settled(pilot, lambda: "Words of Vocab" in screen_text(pilot))
        await pilot.press("escape")
        await settled(pilot, lambda: len(app.screen_stack) == 1)
