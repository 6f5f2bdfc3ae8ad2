"""Somebody who looks at all that can be read of a chain, between any two readings."""

import inspect
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from inspect import signature
from typing import Any

MESSAGES = ("config", "markers", "messages", "notes")
"""Modules of what is frozen."""

READING = {"copy", "evidence_by_line", "posterior", "read_differently", "said", "trial_evidence"}
"""Methods without arguments that only read, as their names and docstrings say."""


def look_at(*things: Any) -> int:
    """Read all that the objects of a chain show, private properties too; return how much."""
    n_read = 0
    for one in _parts(things):
        for name, is_property in _shown(type(one)):
            n_read += 1
            # An empty queue has no first entry.
            with suppress(IndexError):
                found = getattr(one, name)
                _ = found if is_property else found()
    return n_read


@cache
def _shown(kind: type) -> list[tuple[str, bool]]:
    members = inspect.getmembers_static(kind)
    found = [(name, True) for name, what in members if isinstance(what, property | cached_property)]
    methods = [name for name, what in members if name in READING and _takes_nothing(what)]
    return found + [(name, False) for name in methods]


def _takes_nothing(what: object) -> bool:
    if not inspect.isfunction(what):
        return False
    return all(one.default is not one.empty for one in [*signature(what).parameters.values()][1:])


def _parts(things: Iterable[Any]) -> Iterator[Any]:
    """Yield the objects of our own classes that are reached from some, each once."""
    waiting, seen = [*things], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        package, _, module = type(one).__module__.partition(".")
        if package == "bci_online" and not module.startswith(MESSAGES):
            yield one
            waiting += [getattr(one, name) for name in _fields(one)]
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple | set | deque):
            waiting += one


def _fields(one: Any) -> Iterator[str]:
    yield from getattr(one, "__dict__", ())
    yield from getattr(one, "__struct_fields__", ())
