"""What the bot can bear, measured from outside against the targets of its design; run by hand, kept alive by a test."""
