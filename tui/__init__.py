"""The terminal side of softmax-tui: an app that never imports torch, and a command line."""
