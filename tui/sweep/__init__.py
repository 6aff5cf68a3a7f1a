"""Settings swept over values and seeds: the pane and the command (exercise 5 of 4.4)."""
