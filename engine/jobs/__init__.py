"""Composition: a recorded run, a sweep, a comparison, a judged model."""
