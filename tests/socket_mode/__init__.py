"""Everything that Slack brings, over WebSockets that the bot opens."""
