"""Faxbot: what became of a fax, why it failed, and what to do now."""
