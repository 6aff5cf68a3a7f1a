"""Images and labels: read and checked, downloaded, drawn, or a user's own. No torch in here."""
