"""`softmax-tui` and its subcommands, one file each; the compute side is imported where it is needed."""
