"""Softmax regression written out by hand in torch tensors: value and gradient side by side."""
