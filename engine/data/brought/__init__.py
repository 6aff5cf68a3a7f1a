"""What users bring: files of any spelling, told apart by what they hold, and read with nothing believed unchecked."""
