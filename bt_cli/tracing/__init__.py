"""The library for Python programs that trace themselves: spans, as Braintrust's own SDK makes them, into any store."""
