"""One file for each way in from Slack; each has a `register(app, services)`."""
