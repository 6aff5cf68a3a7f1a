"""The overflow playground: the pane and the command (exercise 1 of 4.4)."""
