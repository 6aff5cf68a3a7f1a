"""One file a pane, its `.tcss` beside it."""
