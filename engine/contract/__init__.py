"""The words the processes speak: settings, events, commands. No torch, numpy or textual in here."""
