"""Reads a configuration file; an error is one line: file, key, rule, value."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from bci_online.config.sections import Config
from bci_online.errors import ConfigError, shortened

__all__ = ["config_of", "explained", "read_config", "read_tables"]

LARGEST = 10_000_000
"""Bytes of a configuration; all of it is read at once."""

# Files have them, and nothing asks for them any more.
FORMER = {"live": {"queue_readings"}}

OF_A_KEY = " - at `key` in `$"
WORDS = {
    "array": "a list", "object": "a table", "str": "a text", "float": "a number",
    "int": "a whole number", "bool": "true or false", "null": "left out",
}  # fmt: skip


def read_config(path: Path | None) -> Config:
    """Read a configuration and check every value.

    Parameters
    ----------
    path : Path or None
        A TOML file, or the JSON that a session keeps. None gives the defaults.

    Returns
    -------
    config : Config
        Every value that the file does not have is a default.

    Raises
    ------
    ConfigError
        One line: file, key, rule, value.

    See Also
    --------
    bci_online.config.sections.Config : All tables.
    read_tables : The tables without defaults.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "session.toml"
    ...     _ = path.write_text("filter.h_freq = 9.0")
    ...     config = read_config(path)
    >>> config.filter.h_freq, config.filter.l_freq, config.paradigm
    (9.0, 0.5, 'p300')
    """
    return Config() if path is None else config_of(read_tables(path), str(path))


def config_of(tables: dict[str, Any], name: str) -> Config:
    """Return tables as a configuration, every value checked.

    Parameters
    ----------
    tables : dict of str to object
        As they stand in a file.
    name : str
        Of the file, for an error.

    Returns
    -------
    config : Config
        Every value that the tables do not have is a default.

    Raises
    ------
    ConfigError
        One line: file, key, rule, value.

    See Also
    --------
    read_config : Reads the file, too.

    Examples
    --------
    >>> config_of({"eeg": {"sfreq": 250.0}}, "session.toml").eeg.sfreq
    250.0
    """
    try:
        # Keys of TOML are texts, also those that are codes.
        return msgspec.convert(_asked_for(tables), Config, str_keys=True)
    except (msgspec.ValidationError, RecursionError) as error:
        said = str(error)
        raise ConfigError(f"{name}: {explained(said, tables)}", _place(said)[1]) from None


def _asked_for(tables: Any) -> Any:
    """Return tables without former keys."""
    if not isinstance(tables, dict):
        return tables
    return {
        name: {key: value for key, value in table.items() if key not in FORMER[name]}
        if name in FORMER and isinstance(table, dict)
        else table
        for name, table in tables.items()
    }


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables of a file, without defaults and unchecked.

    Parameters
    ----------
    path : Path
        JSON if its name ends so, else TOML.

    Returns
    -------
    tables : dict of str to object
        As they stand in the file.

    Raises
    ------
    ConfigError
        If it cannot be read, is too large, or is neither TOML nor JSON.

    See Also
    --------
    read_config : Check them and add the defaults.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "session.toml"
    ...     _ = path.write_text("filter.h_freq = 9.0")
    ...     read_tables(path)
    {'filter': {'h_freq': 9.0}}
    """
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path}: is not a file")
    try:
        if (n_bytes := path.stat().st_size) > LARGEST:
            raise ConfigError(f"{path}: has {n_bytes} bytes, at most {LARGEST} are read")
        text = path.read_text(encoding="utf-8-sig")  # editors of Windows begin with a mark
        if path.suffix == ".json":
            decoded: dict[str, Any] = msgspec.json.decode(text)
            return decoded
        return tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: Python refuses to read a number of 5000 digits.
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise ConfigError(f"{path}: is not {kind}: {error}") from None


def explained(error: str, tables: dict[str, Any]) -> str:
    """Return msgspec's message as key, rule, value; it names the path but not the value.

    Parameters
    ----------
    error : str
        What a ValidationError says.
    tables : dict of str to object
        What was converted.

    Returns
    -------
    text : str
        One line, without the path's signs.

    See Also
    --------
    read_config : Names the file, too.

    Examples
    --------
    >>> explained("Expected `int` <= 8 - at `$.filter.order`", {"filter": {"order": 9}})
    'filter.order: must be a whole number <= 8, got 9'
    """
    rule, keys = _place(error)
    rule = _in_words(shortened(rule, 200), keys)
    if OF_A_KEY in error:
        rule = f"each key in it {rule}"
    if not keys:
        return rule
    value: Any = tables
    for part in keys.replace("[", ".[").split("."):
        try:
            value = value[int(part[1:-1])] if part.startswith("[") else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return f"{keys}: {rule}"
    if isinstance(value, dict):
        return f"{keys}: {rule}"
    return f"{keys}: {rule}, got {shortened(repr(value), 200)}"


def _in_words(rule: str, keys: str) -> str:
    """Return msgspec's rule in the words of a configuration, not in those of JSON and Python."""
    if rule.startswith("Invalid enum value"):
        # Only now: it inspects every section.
        from bci_online.config.keys import config_keys

        known = {".".join(filter(None, (key.table, key.name))): key for key in config_keys()}
        if keys in known:
            return f"must be one of {', '.join(known[keys].choices)}"
    if found := re.fullmatch(r"Object (contains unknown|missing required) field (`.*`)", rule):
        is_unknown = found[1] == "contains unknown"
        return f"there is no key {found[2]}" if is_unknown else f"key {found[2]} is missing"
    if expected := re.fullmatch(r"Expected `([^`]+)`(.*?)(, got `[^`]+`)?", rule):
        kinds = (WORDS.get(kind, kind) for kind in expected[1].split(" | "))
        return f"must be {' or '.join(kinds)}{expected[2]}"
    return rule


def _place(error: str) -> tuple[str, str]:
    """Return the rule and the dotted key of msgspec's message; the key may be empty."""
    # From the end: the rule may repeat a text of the file.
    rule, _, where = error.replace(OF_A_KEY, " - at `$").rpartition(" - at `$")
    return (rule, where.rstrip("`").lstrip(".")) if rule else (error, "")
