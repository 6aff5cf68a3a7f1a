"""The engine of softmax-tui: trains softmax regression from scratch, and knows no screen."""

__version__ = "0.1.0"
