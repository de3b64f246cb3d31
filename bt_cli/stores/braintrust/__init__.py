"""A store behind Braintrust's API: its own deployment, another one, or our own ``bt serve``."""
