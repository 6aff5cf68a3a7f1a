"""What results say, in sentences computed from them alone. No torch, numpy or Textual in here."""
