"""What one would write instead, each as its documentation shows it, and what a server in Python can do at most."""
