"""Training a run: the pane and the command."""
