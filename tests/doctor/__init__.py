"""The doctor: set-ups that are well, and set-ups with one thing wrong."""
