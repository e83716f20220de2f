"""What coroutines take of this thread's CPU: step by step, without what goes on while they wait."""

from __future__ import annotations

import time
import types
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any


class Steps:
    """Seconds by name; to look at the clock adds half a µs to each step."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def counted(self, methods: Mapping[str, tuple[type, str]]) -> Iterator[None]:
        """Count methods of classes, of all objects that are made while the block lasts."""
        before = {name: getattr(owner, method) for name, (owner, method) in methods.items()}
        for name, (owner, method) in methods.items():
            setattr(owner, method, self._counting(name, before[name]))
        try:
            yield
        finally:
            for name, (owner, method) in methods.items():
                setattr(owner, method, before[name])

    def _counting(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        if not iscoroutinefunction(method):
            return self._counting_call(name, method)

        @wraps(method)
        async def counting(*given: Any, **named: Any) -> Any:
            return await self._through(name, method(*given, **named))

        return counting

    def _counting_call(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def counting(*given: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return method(*given, **named)
            finally:
                self.seconds[name] += time.thread_time() - began

        return counting

    @types.coroutine
    def _through(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = partial(coroutine.send, None)
        while True:
            began = time.thread_time()
            try:
                awaited = step()
            except StopIteration as ended:
                return ended.value
            finally:
                self.seconds[name] += time.thread_time() - began
            try:
                step = partial(coroutine.send, (yield awaited))
            except BaseException as error:  # whatever it is: it is the coroutine's to handle
                step = partial(coroutine.throw, error)
