"""The use-cases: one function in, one report out. Nothing here knows a terminal."""
