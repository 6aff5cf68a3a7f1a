"""Is the most likely label always the answer? The pane and the command (exercise 3 of 4.4)."""
