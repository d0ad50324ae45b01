"""Why a fax failed: codes, words, times and the judgement made of them."""
