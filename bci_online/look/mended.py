"""A configuration that grows by the lines that mend what was found."""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bci_online.config import Config, config_of
from bci_online.input_findings import InputFinding
from bci_online.toml_text import toml_text, toml_value

__all__ = ["MendedConfig"]


class MendedConfig:
    """Tables of a configuration, and why lines were added to them.

    Parameters
    ----------
    tables : mapping of str to object
        As they were given; they are not changed.

    See Also
    --------
    bci_online.input_findings.InputFinding : Has such lines.

    Examples
    --------
    >>> mended = MendedConfig({"eeg": {"exclude": ["M1"]}})
    >>> rests = InputFinding("no electrode", "channel T", "rests", line='eeg.exclude = ["T"]')
    >>> mended.take(rests), mended.take(rests), mended.config.eeg.exclude
    (True, False, ('M1', 'T'))
    >>> print(mended.text())
    [eeg]
    # channel T: rests
    exclude = ["M1", "T"]
    <BLANKLINE>
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = deepcopy(dict(tables))
        self._reasons: dict[str, str] = {}

    @property
    def config(self) -> Config:
        """The configuration as it is now."""
        return config_of(self._tables, "the configuration")

    def take(self, finding: InputFinding) -> bool:
        """Add a finding's line; return whether that changes anything."""
        return self.add(finding.line, f"{finding.what}: {finding.value}")

    def add(self, lines: str, reason: str) -> bool:
        """Add lines of TOML; return whether that changes anything."""
        changed = [
            self._set(table, key, value)
            for table, keys in tomllib.loads(lines).items()
            for key, value in (keys.items() if isinstance(keys, dict) else [("", keys)])
        ]
        for name in filter(None, changed):
            known = self._reasons.get(name)
            self._reasons[name] = f"{known}; {reason}" if known else reason
        return any(changed)

    def _set(self, table: str, key: str, value: Any) -> str:
        """Set a value, or add to a list; return its dotted name, empty where it was so before."""
        if not key:
            before, self._tables[table] = self._tables.get(table), value
            return table if value != before else ""
        keys = self._tables.setdefault(table, {})
        before = keys.get(key)
        if isinstance(value, list) and isinstance(before, list):
            value = [*before, *(one for one in value if one not in before)]
        keys[key] = value
        return f"{table}.{key}" if value != before else ""

    def text(self) -> str:
        """Return the configuration as TOML, with a reason above each line that was added."""
        return toml_text(self._tables, self._reasons)


def line(key: str, value: Any) -> str:
    """Return a line of TOML, such as for `InputFinding.line`."""
    return f"{key} = {toml_value(value)}"
