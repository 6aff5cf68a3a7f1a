"""Pure presentation: numbers, pixels and texts turned into characters, without Textual, torch or numpy."""
