"""The servers of the playground keep the contracts of the real ones."""
