"""The database, in both kinds: a file of SQLite's, and a real PostgreSQL."""
