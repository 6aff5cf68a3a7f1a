"""Making panes. Each is imported when it is first looked at."""

from __future__ import annotations

from textual.widget import Widget

from tui.engine_link import EngineLink
from tui.panes.pane import Manner


def make_pane(pane_id: str, engine: EngineLink, manner: Manner) -> Widget:
    """A new pane, by the id it has in `tui.commands.PANES`."""
    if pane_id == "train":
        from tui.panes.train import TrainPane

        return TrainPane(engine, manner)
    if pane_id == "softmax":
        from tui.panes.softmax import SoftmaxPane

        return SoftmaxPane(engine, manner)
    if pane_id == "loss":
        from tui.panes.loss import LossPane

        return LossPane(engine, manner)
    if pane_id == "mistakes":
        from tui.panes.mistakes import MistakesPane

        return MistakesPane(engine, manner)
    if pane_id == "decide":
        from tui.panes.decide import DecidePane

        return DecidePane(engine, manner)
    if pane_id == "sweep":
        from tui.panes.sweep import SweepPane

        return SweepPane(engine, manner)
    if pane_id == "vocabulary":
        from tui.panes.vocabulary import VocabularyPane

        return VocabularyPane(engine, manner)
    raise ValueError(f"no pane is called {pane_id}")
