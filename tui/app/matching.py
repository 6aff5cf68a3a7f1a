"""How well what the palette offers matches what was typed."""

from __future__ import annotations

from textual.fuzzy import Matcher

_EXACT, _A_WORD = 200.0, 100.0  # above any other match


def match_of(matcher: Matcher, query: str, text: str, label: str, also: str = "") -> float:
    """More where the query is the label, or begins a word of the label or of the other words; 0 for no match."""
    sought = query.strip().casefold()
    score = float(matcher.match(text))
    if not sought:
        return score
    if sought == label.casefold():
        return score + _EXACT
    return score + (_A_WORD if f" {sought}" in f" {label} {also}".casefold() else 0.0)
