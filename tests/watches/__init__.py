"""The watches: none lost and none told twice, on both databases."""
