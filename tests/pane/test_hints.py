"""Every hint: it is shown in its state, its keys do what it promises, and nothing else is shown as one."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from tests.decide.test_pane import predictions
from tests.pane.hint_cases import CASES
from tests.pane.hint_stage import Stage, staged
from tui.pane.commands import EVERYWHERE, PANES, key_of
from tui.pane.hints import HINTS, Hint, Put
from tui.pane.lab import LabPane

for entry in PANES:
    import_module(f"tui.{entry.id}.pane")  # which registers its hints

ONE_OF_EACH_PANE = (
    "train.lower-rate", "softmax.bfloat16", "loss.train-soft", "mistakes.pair", "decide.cheapest", "sweep.more-seeds",
    "vocabulary.further", "app.to-train",
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return predictions(tmp_path / "p.npz")


async def shown(stage: Stage, name: str) -> Hint:
    """Waits for the hint, and sees that its line is on the screen as it is followed."""

    def is_shown() -> bool:
        offer = stage.pane.offer
        return offer is not None and offer.hint is HINTS[name] and offer.line() in stage.text()

    await stage.until(is_shown)
    return HINTS[name]


def test_every_hint_has_a_case() -> None:
    assert set(CASES) == set(HINTS)


@pytest.mark.parametrize("name", sorted(HINTS))
async def test_a_hint_does_what_it_promises_when_its_keys_are_pressed(name: str, tmp_path: Path, file: Path) -> None:
    async with staged(tmp_path, file, CASES[name], HINTS[name].where) as stage:
        await shown(stage, name)
        assert not CASES[name].promise(stage), "it is so already"
        offer = stage.pane.offer
        assert offer is not None
        await stage.by_hand(offer)
        await stage.until(lambda: CASES[name].promise(stage))


@pytest.mark.parametrize("name", ONE_OF_EACH_PANE)
async def test_g_does_the_same(name: str, tmp_path: Path, file: Path) -> None:
    async with staged(tmp_path, file, CASES[name], HINTS[name].where) as stage:
        await shown(stage, name)
        await stage.press("g")
        await stage.until(lambda: CASES[name].promise(stage))


@pytest.mark.parametrize("name", sorted(HINTS))
def test_every_key_that_a_hint_names_is_a_command_of_its_pane(name: str) -> None:
    hint = HINTS[name]
    told = {field for _, field, _, _ in Formatter().parse(hint.words) if field}
    values = {field for step in hint.steps if isinstance(step, Put) for _, field, _, _ in Formatter().parse(step.text)}
    actions = {one for one in told - {"do"} if "(" in one or "_" in one or one in _actions(hint.where)}
    assert "do" in told
    assert hint.steps
    for action in actions:
        key_of(hint.where, action)
    assert not re.search(r"\b(press|key)\b", hint.words)
    assert values - {None} <= {"rate", "epochs", "values"}


def _actions(where: str) -> set[str]:
    from tui.pane.commands import commands_of

    return {command.action for command in (*commands_of(where), *commands_of(EVERYWHERE))}


async def test_settings_are_called_as_their_forms_call_them(tmp_path: Path, file: Path) -> None:
    async with staged(tmp_path, file, CASES["train.start"], "train") as stage:
        for entry in PANES:
            puts = {step for hint in HINTS.values() if hint.where == entry.id for step in hint.steps
                    if isinstance(step, Put)}  # fmt: skip
            if puts:
                await stage.press(str(entry.number))
                assert isinstance(stage.pane, LabPane)
                for put in puts:
                    assert stage.lab.board.form.form_text.setting(put.setting).label == put.label
