"""Which exit code a run has when several apply, and what each means."""

from __future__ import annotations

MEANING = {
    0: "done, all of it",
    1: "a bug",
    2: "usage or configuration mistake, or a name that does not exist; nothing was done",
    3: "done, but not all of it: more was rejected, failed or missing than the limits allow, or cases were not run",
    4: "the answer is no: findings of --check, a regression, a gate that failed",
    5: "the input cannot be used; with --strict nothing was written",
    6: "credentials missing or refused",
    7: "network or server, after retries; safe to run again",
    8: "store: locked for too long, corrupt, newer schema, disk full",
    130: "interrupted (Ctrl-C) after a clean checkpoint",
    141: "the reader of the output went away",
    143: "terminated after a clean checkpoint",
}

_ORDER = (130, 143, 1, 8, 6, 7, 5, 3, 4)


def first_of(*codes: int) -> int:
    """The code that outranks the others; 0 if all of them are 0."""
    return next((code for code in _ORDER if code in codes), max(codes, default=0))
