"""Faxbot: says in Slack what became of a fax, why it failed, and what to do now."""

__version__ = "0.1.0"
