"""The judge: a model behind an OpenAI-compatible API, asked by a client of our own.

A question goes through the cache, the limits and the pace to the server, as often as it takes, and
comes back as an answer that scorers can use, recorded with its tokens and its cost::

    client → judge → cache
                   → asking (attempts) → budget, pace → http
                                       → replies | failures
"""
