"""The cross-entropies side by side: the pane and the command (exercise 2 of 4.4)."""
