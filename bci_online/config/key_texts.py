"""The value of a key as a person reads and types it: a text of one or several lines.

A text that makes no value of its kind stays a text: the rule that refuses it is then the one that
the command line names, too.
"""

import tomllib
from typing import Any

from bci_online.config.keys import ConfigKey
from bci_online.errors import ConfigError
from bci_online.toml_text import toml_entry, toml_value

__all__ = ["text_of", "value_of"]


def text_of(key: ConfigKey, value: Any) -> str:
    """Return a value as a person reads it.

    Parameters
    ----------
    key : ConfigKey
        Whose value it is.
    value : object
        As TOML holds it. None: the key is left out.

    Returns
    -------
    text : str
        Without quotes where it is a text, with commas where it is a list of texts, with one line
        for each entry of a table and for each rule.

    See Also
    --------
    value_of : The way back.

    Examples
    --------
    >>> from bci_online.config.keys import config_keys
    >>> keys = {key.path: key for key in config_keys()}
    >>> text_of(keys["eeg.channels"], ["Cz", "Pz"]), text_of(keys["filter.l_freq"], 0.5)
    ('Cz, Pz', '0.5')
    >>> print(text_of(keys["eeg.rename"], {"EEG 001": "Fz", "EEG 002": "Cz"}))
    "EEG 001" = "Fz"
    "EEG 002" = "Cz"
    """
    if value is None or (key.kind == "list" and value == []):
        return ""
    if key.kind == "table" and isinstance(value, dict):
        return "\n".join(toml_entry(*pair) for pair in value.items())
    if key.kind == "rules" and isinstance(value, list):
        return "\n".join(toml_value(rule) for rule in value)
    if isinstance(value, str):
        return toml_value(value) if _is_ambiguous(key, value) else value
    if key.kind == "list" and isinstance(value, list) and _needs_no_quotes(value):
        return ", ".join(value)
    return toml_value(value)


def value_of(key: ConfigKey, text: str) -> Any:
    """Return what a person typed as a value of TOML, unchecked.

    Parameters
    ----------
    key : ConfigKey
        Whose value it is.
    text : str
        As `text_of` writes it, or with the signs of TOML.

    Returns
    -------
    value : object
        The text itself where it makes no value of this kind. None: the key is left out.

    Raises
    ------
    ConfigError
        If the text of a list, a table or rules begins as TOML and is none.

    See Also
    --------
    bci_online.config.reading.config_of : Checks it.

    Examples
    --------
    >>> from bci_online.config.keys import config_keys
    >>> keys = {key.path: key for key in config_keys()}
    >>> value_of(keys["eeg.channels"], "Cz,  Pz"), value_of(keys["filter.l_freq"], "1e-1")
    (['Cz', 'Pz'], 0.1)
    >>> value_of(keys["filter.l_freq"], "low")
    'low'
    """
    bare = text.strip()
    if not bare and key.default is None:
        return None
    if key.kind == "table":
        return _parsed(key, text)
    if key.kind == "rules":
        lines = [line.strip().removesuffix(",") for line in text.splitlines() if line.strip()]
        between = ",\n".join(lines)
        return _parsed(key, f"it = [\n{between}\n]")["it"]
    if key.kind == "list":
        if bare.startswith("["):
            return _parsed(key, f"it = {bare}")["it"]
        return [part.strip() for part in bare.split(",")] if bare else []
    if key.kind == "text":
        return _text_or_number(key, text)
    return _scalar(key, bare)


def _scalar(key: ConfigKey, bare: str) -> Any:
    """Return a number or a truth value, or the text itself."""
    if key.kind == "choice" or bare in key.choices:
        return bare
    try:
        value = tomllib.loads(f"it = {bare}")
    except ValueError:
        return bare
    # A line break, or a date, is none of these either.
    if list(value) != ["it"] or not isinstance(value["it"], bool | int | float):
        return bare
    is_fraction = key.kind == "number" and not key.is_whole and type(value["it"]) is int
    # As the defaults are written; a number that is too large for a fraction is refused as it is.
    return float(value["it"]) if is_fraction and abs(value["it"]) < 1 << 53 else value["it"]


def _text_or_number(key: ConfigKey, text: str) -> Any:
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        try:
            return tomllib.loads(f"it = {text}")["it"]
        except ValueError:
            return text
    return int(text) if key.bounds is not None and text.isdecimal() and len(text) < 10 else text


def _is_ambiguous(key: ConfigKey, value: str) -> bool:
    """Tell whether a text without quotes would be read as something else, or hide something."""
    if key.kind == "list":
        return False
    return value_of(key, value) != value or not value.isprintable()


def _needs_no_quotes(values: list[Any]) -> bool:
    words = ", ".join(map(str, values))
    return (
        all(isinstance(each, str) and each and each.strip() == each for each in values)
        and words.isprintable()
        and not words.startswith("[")
        and words.split(", ") == values
        and words.count(",") == max(len(values) - 1, 0)
    )


def _parsed(key: ConfigKey, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{key.path}: is not TOML: {error}") from None
