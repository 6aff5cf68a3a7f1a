"""What a trained model gets wrong, and how to look at it."""
