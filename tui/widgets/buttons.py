"""A button whose label changes."""

from __future__ import annotations

from textual.widgets import Button


def relabel(button: Button, label: str) -> None:
    """Write another label, and make the button as wide as the label."""
    if str(button.label) != label:
        button.label = label
        button.refresh(layout=True)  # else the button stays as wide as the label before
