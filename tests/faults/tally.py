"""How many faults were tried: printed at the end with `pytest -s`."""

from collections import Counter

TALLY: Counter[str] = Counter()
