"""What was found, for people: one finding in plain English, wherever it is kept."""
