"""Softmax over large vocabularies: the pane and the command (exercise 4 of 4.4)."""
