"""The pairs of classes that are confused most, each to be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text
from textual.message import Message

from tui.drawing.confusions import Pair, pair_words
from tui.widgets.strips import Painted, role_style


class PairList(Painted):
    """As many pairs as fit, with their counts; the one that is looked at is marked."""

    DEFAULT_CSS = """
    PairList { width: 1fr; height: 1fr; link-style: none; link-color: $foreground; link-style-hover: bold; }
    """

    class Chosen(Message):
        """A pair was clicked."""

        def __init__(self, true: int, predicted: int) -> None:
            super().__init__()
            self.true = true
            self.predicted = predicted

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pairs: Sequence[Pair] = ()
        self._names: Sequence[str] = ()
        self._chosen: tuple[int | None, int | None] = (None, None)

    def show(self, pairs: Sequence[Pair], names: Sequence[str], chosen: tuple[int | None, int | None]) -> None:
        """Show these; `chosen` is the (true, predicted) that is looked at."""
        self._pairs, self._names, self._chosen = pairs, names, chosen
        self.refresh()

    def render(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        if not self._pairs or self.size.height < 2:
            return text
        text.append(" most confused, n for the next\n", role_style("muted", self.palette))
        digits = len(f"{self._pairs[0].images:,}")
        for pair in self._pairs[: self.size.height - 1]:
            chosen = (pair.true, pair.predicted) == self._chosen
            words = pair_words(self._names, pair.true, pair.predicted, self.size.width - digits - 5)
            style = role_style("text", self.palette) + Style(
                bold=chosen, meta={"@click": f"choose({pair.true}, {pair.predicted})"}
            )
            text.append(f" {'>' if chosen else ' '} {pair.images:>{digits},}  {words}\n", style)
        return text

    def action_choose(self, true: int, predicted: int) -> None:
        self.post_message(self.Chosen(true, predicted))
