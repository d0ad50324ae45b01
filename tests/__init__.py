"""What Faxbot promises, each promise as a test."""
