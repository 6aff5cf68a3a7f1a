"""The loss lab: one batch through each cross-entropy, and training with each (exercise 2 of 4.4)."""
