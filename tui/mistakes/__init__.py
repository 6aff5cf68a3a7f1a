"""What the model gets wrong: the pane and the commands."""
