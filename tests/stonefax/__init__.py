"""The client of the fax server."""
