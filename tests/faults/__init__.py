"""The fault matrix: every fault of the fax server and of Slack, by every way in, and what people see of it."""
