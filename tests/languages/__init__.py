"""The sentences in every language, and who reads which."""
