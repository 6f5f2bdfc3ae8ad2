"""Configurations as TOML, each line with its reason; `tomllib` only reads."""

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["toml_entry", "toml_text", "toml_value"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: Any) -> str:
    r"""Return a value as TOML writes it.

    Parameters
    ----------
    value : bool, int, float, str, list, tuple or mapping
        Sequences hold such values; a mapping of texts to such values becomes an inline table.

    Returns
    -------
    text : str
        On one line.

    See Also
    --------
    toml_text : A whole configuration.

    Examples
    --------
    >>> print(toml_value(["Trig1", 'a "quoted" one']), toml_value(True), toml_value(250.0))
    ["Trig1", "a \"quoted\" one"] true 250.0
    >>> print(toml_value({"number": 7, "to": ""}))
    { number = 7, to = "" }
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, Mapping):
        entries = ", ".join(toml_entry(*pair) for pair in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    # JSON's strings are TOML's, except that TOML knows no halves of characters and no bare DEL.
    whole = value.encode("utf-8", "replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_entry(key: str, value: Any) -> str:
    """Return one key with its value.

    Parameters
    ----------
    key : str
        With quotes where TOML needs them.
    value : object
        As `toml_value` takes it.

    Returns
    -------
    text : str
        On one line.

    See Also
    --------
    toml_text : A whole configuration.

    Examples
    --------
    >>> print(toml_entry("EEG 001", "Fz"))
    "EEG 001" = "Fz"
    """
    return f"{key if _BARE.fullmatch(key) else toml_value(key)} = {toml_value(value)}"


def toml_text(tables: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    """Return tables as TOML, with reasons as comments.

    Parameters
    ----------
    tables : mapping of str to object
        Values, and tables of values. A value that is a list of tables becomes an array of tables.
    reasons : mapping of str to str
        Comments on one line, by dotted key such as ``eeg.sfreq``.

    Returns
    -------
    text : str
        `tomllib` reads the tables again.

    See Also
    --------
    bci_online.config.reading.read_config : Reads a file of it.

    Examples
    --------
    >>> tables = {"paradigm": "p300", "eeg": {"sfreq": "measured"},
    ...           "markers": {"translate": [{"number": 7, "to": "flash/7/unknown"}]}}
    >>> print(toml_text(tables, {"eeg.sfreq": "sends 200 Hz, states 256 Hz"}))
    paradigm = "p300"
    <BLANKLINE>
    [eeg]
    # sends 200 Hz, states 256 Hz
    sfreq = "measured"
    <BLANKLINE>
    [[markers.translate]]
    number = 7
    to = "flash/7/unknown"
    <BLANKLINE>
    """
    lines = []
    for key, value in tables.items():
        if not isinstance(value, Mapping):
            lines += _line(key, value, reasons.get(key))
    for name, table in tables.items():
        if isinstance(table, Mapping):
            lines += _table(name, table, reasons)
    return "\n".join(lines).lstrip("\n") + "\n"


def _table(name: str, table: Mapping[str, Any], reasons: Mapping[str, str]) -> list[str]:
    plain = {key: value for key, value in table.items() if not _is_tables(value)}
    lines = ["", f"[{name}]"] if plain else []
    for key, value in plain.items():
        lines += _line(key, value, reasons.get(f"{name}.{key}"))
    for key, rows in table.items():
        if _is_tables(rows):
            for row in rows:
                lines += ["", f"[[{name}.{key}]]", *(_line(*pair)[0] for pair in row.items())]
    return lines


def _line(key: str, value: Any, reason: str | None = None) -> list[str]:
    # A comment holds one line of printable characters, whatever a file's names hold.
    printable = "".join(each for each in " ".join((reason or "").split()) if each.isprintable())
    comment = [f"# {printable}"] if printable else []
    return [*comment, toml_entry(key, value)]


def _is_tables(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and bool(value)
    return is_list and all(isinstance(row, Mapping) for row in value)
