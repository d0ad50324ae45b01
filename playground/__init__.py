"""A fax server and a Slack as strict as the real ones, for the demo, the tests and the benchmarks."""
