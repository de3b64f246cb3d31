"""``bt serve``: Braintrust's API over a store."""
