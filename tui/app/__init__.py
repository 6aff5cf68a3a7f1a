"""The app: its table of panes, its status, and what lies over the panes for a moment."""
