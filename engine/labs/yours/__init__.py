"""A user's own softmax and cross-entropy, run in a process that can be killed, and judged against float64."""
