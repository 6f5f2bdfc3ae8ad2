"""A configuration file that is edited: comments, order and layout survive, nothing wrong is saved.

An edit is kept as a value until it is saved. What is wrong is asked of `config_of`, so a person
reads beside the field what the command line would say.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import tomlkit

from bci_online.atomic_write import write_atomically
from bci_online.config.keys import ConfigKey, config_keys
from bci_online.config.reading import config_of, read_tables
from bci_online.config.toml_edits import put, take_out
from bci_online.errors import ConfigError

__all__ = ["ConfigDocument"]


class ConfigDocument:
    r"""The text of a configuration file, and the edits that are not saved yet.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    text : str
        What is in it; empty where it does not exist.

    See Also
    --------
    bci_online.config.keys.config_keys : Every key that it may have.
    bci_online.config.key_texts.value_of : From what a person typed to a value.

    Examples
    --------
    >>> path = Path("lab.toml")
    >>> document = ConfigDocument(path, "[filter]  # the band\nh_freq = 9.0  # Hz\n")
    >>> keys = {key.path: key for key in config_keys()}
    >>> document.edit(keys["filter.h_freq"], 7.0)
    >>> document.edit(keys["filter.order"], 9)
    >>> document.problems()
    {'filter.order': 'lab.toml: filter.order: must be a whole number <= 8, got 9'}
    >>> document.edit(keys["filter.order"], 4)
    >>> print(document.text())
    [filter]  # the band
    h_freq = 7.0  # Hz
    order = 4
    <BLANKLINE>
    """

    def __init__(self, path: Path, text: str = "") -> None:
        self.path = path
        self._saved = text
        self._tables = tomllib.loads(text)
        self._edits: dict[str, Any] = {}
        self._keys = {key.path: key for key in config_keys()}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the document of a file; it has no text where the file does not exist.

        Raises
        ------
        ConfigError
            If the file cannot be read, or is not TOML.
        """
        if not path.exists():
            return cls(path)
        if path.suffix == ".json":
            raise ConfigError(f"{path}: is JSON, which keeps no comments; a form edits TOML")
        # It has the checks and the words of the command line.
        read_tables(path)
        return cls(path, path.read_bytes().decode("utf-8-sig"))

    @property
    def edited(self) -> tuple[str, ...]:
        """Keys whose value differs from that of the file."""
        return tuple(self._edits)

    def value(self, key: ConfigKey) -> Any:
        """Return what a key has: edited, else in the file, else by default."""
        return self._edits.get(key.path, self._in_file(key))

    def edit(self, key: ConfigKey, value: Any) -> None:
        """Give a key another value; None leaves it out."""
        if _same(value, self._in_file(key)):
            self._edits.pop(key.path, None)
        else:
            self._edits[key.path] = value

    def is_default(self, key: ConfigKey) -> bool:
        """Return whether a key has its default."""
        return _same(self.value(key), key.default)

    def problems(self) -> dict[str, str]:
        """Return what is wrong, by key, in the words of the command line; empty: all is right.

        A rule between several keys stands at those that were edited. What was wrong in the file
        before stands at its key or table, or at the empty name.
        """
        before = self._refused({})
        found: dict[str, str] = {}
        edits = dict(self._edits)
        while (refused := self._refused(edits)) is not None:
            place, said = refused
            blamed = [] if refused == before else self._blamed(place, said, edits)
            for path in blamed:
                found[path] = said
                del edits[path]
            if not blamed:
                return {place: said} | found
        return found

    def text(self) -> str:
        """Return the file with all edits: what they do not concern stands as it stood."""
        document = tomlkit.parse(self._saved)
        for path, value in self._edits.items():
            key = self._keys[path]
            if value is None:
                take_out(document, key)
            else:
                put(document, key, value)
        return document.as_string()

    def save(self) -> None:
        """Write the file whole, if every value is right and nobody else changed it.

        Raises
        ------
        ConfigError
            If a value is wrong, or the file is not as it was read; then nothing is written.
        OSError
            If it cannot be written.
        """
        for said in self.problems().values():
            raise ConfigError(said)
        text = self.text()
        if tomllib.loads(text) != self._with(self._edits):
            raise ConfigError(
                f"{self.path}: cannot be edited here as it is laid out; edit the file"
            )
        there = self.path.read_bytes() if self.path.exists() else b""
        if there != self._saved.encode():
            raise ConfigError(f"{self.path}: was changed by another program; open it again")
        write_atomically(self.path, text.encode())
        self._saved, self._tables, self._edits = text, tomllib.loads(text), {}

    def _in_file(self, key: ConfigKey) -> Any:
        table = self._tables.get(key.table, {}) if key.table else self._tables
        return table.get(key.name, key.default) if isinstance(table, dict) else key.default

    def _with(self, edits: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tables of the file with edits in them."""
        tables = {
            name: dict(one) if isinstance(one, dict) else one for name, one in self._tables.items()
        }
        for path, value in edits.items():
            key = self._keys[path]
            table = tables.setdefault(key.table, {}) if key.table else tables
            if not isinstance(table, dict):
                # The file has a value where a table belongs: that is refused as it stands.
                continue
            if value is None:
                table.pop(key.name, None)
            else:
                table[key.name] = value
        return tables

    def _refused(self, edits: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return what is wrong with the file and these edits: the key or table, and one line."""
        try:
            config_of(self._with(edits), str(self.path))
        except ConfigError as error:
            return self._place(error.key), str(error)
        return None

    def _place(self, where: str) -> str:
        """Return the key or table within which an error lies."""
        known = {*self._keys, *(key.table for key in self._keys.values())}
        parts = where.split("[")[0].split(".")
        found = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
        return next((one for one in found if one in known), "")

    def _blamed(self, place: str, said: str, edits: Mapping[str, Any]) -> list[str]:
        """Return the edits that an error is about: its key, else those of its table, else all."""
        if place in self._keys:
            return [path for path in edits if path == place]
        within = [path for path in edits if not place or self._keys[path].table == place]
        named = [
            path
            for path in within
            if re.search(rf"\b{re.escape(self._keys[path].name if place else path)}\b", said)
        ]
        return named or within


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values of TOML are the same; 1 and true are not, nor are 1 and 1.0."""
    return one == other and _kinds(one) == _kinds(other)


def _kinds(value: Any) -> Any:
    if isinstance(value, list):
        return [_kinds(each) for each in value]
    if isinstance(value, dict):
        return {name: _kinds(each) for name, each in value.items()}
    return type(value)
