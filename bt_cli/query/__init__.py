"""Filters over spans: one small expression tree, which each store renders in its own way."""
