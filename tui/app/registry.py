"""Making panes. Each is imported when it is first looked at."""

from __future__ import annotations

from textual.widget import Widget

from tui.pane.base import Manner
from tui.pane.engine_link import EngineLink


def make_pane(pane_id: str, engine: EngineLink, manner: Manner) -> Widget:
    """A new pane, by the id it has in `tui.pane.commands.PANES`."""
    if pane_id == "train":
        from tui.train.pane import TrainPane

        return TrainPane(engine, manner)
    if pane_id == "softmax":
        from tui.softmax.pane import SoftmaxPane

        return SoftmaxPane(engine, manner)
    if pane_id == "loss":
        from tui.loss.pane import LossPane

        return LossPane(engine, manner)
    if pane_id == "mistakes":
        from tui.mistakes.pane import MistakesPane

        return MistakesPane(engine, manner)
    if pane_id == "decide":
        from tui.decide.pane import DecidePane

        return DecidePane(engine, manner)
    if pane_id == "sweep":
        from tui.sweep.pane import SweepPane

        return SweepPane(engine, manner)
    if pane_id == "vocabulary":
        from tui.vocabulary.pane import VocabularyPane

        return VocabularyPane(engine, manner)
    raise ValueError(f"no pane is called {pane_id}")
