"""The domain: spans as nodes of a tree and as flat rows, and the rules that lead from one to the other.

Pure functions over values. Nothing here opens a file, reads a clock or knows a store. Payloads
(`input`, `output`, `metadata` …) are JSON *text* throughout, as the source wrote them.
"""
