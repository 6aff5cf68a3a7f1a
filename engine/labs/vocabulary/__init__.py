"""The parts of the vocabulary lab: words, features, output layers, and what they cost."""
