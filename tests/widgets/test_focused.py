"""The focus of a container: styled anew is what shows it, and nothing else."""

from __future__ import annotations

import pytest
from textual.css.stylesheet import Stylesheet

from tests.pane.test_forms import CASES, form_of
from tui.widgets.focused import StyledAlone


async def test_the_way_into_a_form_and_back_styles_no_field_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[object] = []
    apply = Stylesheet.apply

    def seen(self: Stylesheet, node: object, **more: object) -> None:
        styled.append(node)
        apply(self, node, **more)  # type: ignore[arg-type]

    async with form_of(CASES[0]) as on:
        fields = set(on.form.query("Field")) - {on.form.row}  # the row under the cursor shows that it is
        monkeypatch.setattr(Stylesheet, "apply", seen)
        await on.press("escape")
        assert on.pane.has_focus
        await on.press("h")
        assert on.form.has_focus
        assert {on.pane, on.form} <= set(styled)
        assert not set(styled) & fields


async def test_no_rule_looks_at_the_focus_of_what_a_widget_is_in() -> None:
    async with form_of(CASES[0]) as on:
        rules = on.app.stylesheet.rules
    ours = {widget.__name__ for widget in _subclasses(StyledAlone)}
    for rule in rules:
        for chain in rule.selector_set:
            above = [selector for selector in chain.selectors[:-1] if "focus" in selector.pseudo_classes]
            assert not {selector.name for selector in above} & ours, rule.selectors


def _subclasses(kind: type) -> set[type]:
    return {kind}.union(*map(_subclasses, kind.__subclasses__()))
