"""Scoring: scorers, the judge that some of them ask, the engine that runs them, and gates over what came out."""
