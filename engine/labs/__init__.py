"""Experiments that answer a question of the book by measuring: each is a job that yields events."""
