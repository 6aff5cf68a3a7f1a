"""A list of choices in which a page up or down is no fault before anything was drawn."""

from __future__ import annotations

from textual.widgets import OptionList


class PagedOptions(OptionList):
    """Textual looks for the line of the choice under the cursor, and has none before the list has its size."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
