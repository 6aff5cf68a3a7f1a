"""Stored runs: SQLite for what they told, safetensors for what they need to go on. No torch in here."""
