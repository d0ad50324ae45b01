"""Watches of whole bots, in processes of their own: killed, stalled, and two on one database."""
