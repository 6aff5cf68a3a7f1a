"""The stored runs: the commands."""
