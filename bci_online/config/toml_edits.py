"""Puts one value into a TOML document, where a person would put it."""

from typing import Any

import tomlkit
from tomlkit.container import Container, OutOfOrderTableProxy
from tomlkit.items import AoT, Array, Item, Null, Table, Whitespace

from bci_online.config.keys import ConfigKey

__all__ = ["put", "take_out"]


def put(document: tomlkit.TOMLDocument, key: ConfigKey, value: Any) -> None:
    r"""Give a key of a document a value; everything else in it stays as it stands.

    Parameters
    ----------
    document : TOMLDocument
        It is changed.
    key : ConfigKey
        Which value.
    value : object
        As TOML holds it, not None.

    See Also
    --------
    take_out : Leave a key out.

    Examples
    --------
    >>> from bci_online.config.keys import config_keys
    >>> keys = {key.path: key for key in config_keys()}
    >>> document = tomlkit.parse("[filter]\nl_freq = 0.5  # Hz\n\n# streams\n[eeg]\n")
    >>> put(document, keys["filter.h_freq"], 9.0)
    >>> print(document.as_string())
    [filter]
    l_freq = 0.5  # Hz
    h_freq = 9.0
    <BLANKLINE>
    # streams
    [eeg]
    <BLANKLINE>
    """
    if key.table and key.table not in document:
        document[key.table] = tomlkit.table()
    table: Any = document[key.table] if key.table else document
    there = table.get(key.name)
    if isinstance(there, AoT) and not value:
        # An array of tables without a table would be no line at all.
        table.remove(key.name)
        there = None
    if there is None:
        _append(table, key.name, value)
    elif isinstance(there, dict) and isinstance(value, dict):
        _refill_table(there, value)
    elif isinstance(there, AoT | Array) and isinstance(value, list):
        _refill_list(there, value)
    else:
        table[key.name] = value


def take_out(document: tomlkit.TOMLDocument, key: ConfigKey) -> None:
    r"""Leave a key out of a document; a comment beside it stays as a line of its own.

    Parameters
    ----------
    document : TOMLDocument
        It is changed.
    key : ConfigKey
        Which value; nothing happens where the document lacks it.

    See Also
    --------
    put : Give it a value.

    Examples
    --------
    >>> from bci_online.config.keys import config_keys
    >>> keys = {key.path: key for key in config_keys()}
    >>> document = tomlkit.parse("[window]\nrecentre = true  # or by method\n")
    >>> take_out(document, keys["window.recentre"])
    >>> print(document.as_string())
    [window]
    # or by method
    <BLANKLINE>
    """
    table: Any = document.get(key.table, {}) if key.table else document
    if key.name not in table:
        return
    body = _body(table)
    at = next((n for n, (name, _) in enumerate(body) if name and name.key == key.name), None)
    comment = "" if at is None else body[at][1].trivia.comment
    table.remove(key.name)
    if at is not None and comment and isinstance(body[at][1], Null):
        body[at] = (None, tomlkit.comment(comment.lstrip("# ")))


def _refill_list(items: Any, values: list[Any]) -> None:
    """Give a list other items; those at both ends that stay keep their lines and comments."""
    before: list[Any] = items.unwrap()
    most = min(len(before), len(values))
    head = next((n for n in range(most) if before[n] != values[n]), most)
    tail = next((n for n in range(most - head) if before[-1 - n] != values[-1 - n]), most - head)
    for _ in range(len(before) - tail - head):
        del items[head]
    for at, value in enumerate(values[head : len(values) - tail], start=head):
        new = value
        if isinstance(items, AoT):
            new = tomlkit.table()
            new.update(value)
            new.add(tomlkit.nl())
        items.insert(at, new)


def _refill_table(table: Any, entries: dict[str, Any]) -> None:
    """Give a table other entries; those that stay keep their lines."""
    for name in list(table):
        if name not in entries:
            table.remove(name)
    for name, value in entries.items():
        if name not in table or table[name] != value:
            table[name] = value


def _append(table: Any, name: str, value: Any) -> None:
    """Add a key below the last one, above the blank lines and comments that end a table."""
    body = _body(table)
    if any(isinstance(item, Table | AoT) for _, item in body):
        # tomlkit puts it above the tables within by itself.
        table[name] = value
        return
    last = max((n for n, (key, _) in enumerate(body) if key is not None), default=-1)
    end = next(
        (n for n, (_, item) in enumerate(body) if n > last and isinstance(item, Whitespace)),
        len(body),
    )
    behind, body[end:] = body[end:], []
    table[name] = value
    body.extend(behind)


def _body(table: Any) -> list[tuple[Any, Item]]:
    if isinstance(table, OutOfOrderTableProxy):
        # Its parts stand in several places; there is no single end.
        return []
    holder: Container = table if isinstance(table, Container) else table.value
    return holder.body
