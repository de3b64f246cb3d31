"""A pool of threads in which spans begin below the span that was current when the work was given to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class TracedThreadPoolExecutor(ThreadPoolExecutor):
    """A `ThreadPoolExecutor` that runs each piece of work in the context of who submits it."""

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        """Submits work; see `ThreadPoolExecutor.submit`."""
        return super().submit(partial(copy_context().run, fn, *args, **kwargs))
