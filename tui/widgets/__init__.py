"""Widgets draw and post messages; they know neither the app nor the engine."""
