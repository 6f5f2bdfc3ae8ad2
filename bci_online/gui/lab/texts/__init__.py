"""The texts of the lab's window, in the language of who uses it."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from bci_online.config.keys import ConfigKey, described
from bci_online.config.sections import Config
from bci_online.lab.said import Said

__all__ = ["LANGUAGES", "Texts", "scalp_word"]

LANGUAGES = ("en", "de")


class Texts:
    """Every text of the window, in one language; what a language lacks is said in English.

    Parameters
    ----------
    language : str
        Such as ``de`` or ``de_AT``; another than those of the program is English.

    See Also
    --------
    bci_online.lab.said.Said : A text before it has a language.

    Examples
    --------
    >>> Texts("de_AT").language, Texts("fr").language
    ('de', 'en')
    """

    def __init__(self, language: str = "en") -> None:
        known = language[:2].lower()
        self.language = known if known in LANGUAGES else "en"
        self._texts = _shipped("en") | _shipped(self.language)
        self._meanings = {} if self.language == "en" else _shipped(f"keys_{self.language}")

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with `values` in its braces.

        Raises
        ------
        KeyError
            If there is no such text, or it has other braces.
        """
        return self._texts[key].format(**values)

    def say(self, said: Said) -> str:
        """Return what is said in this language."""
        return self(said.key, **said.values)

    def meaning(self, key: ConfigKey) -> str:
        """Return what a key of a configuration means."""
        return self._meanings.get(key.path, key.help)

    def table_meaning(self, table: str) -> str:
        """Return what a table of a configuration is about."""
        return self._meanings.get(f"tables.{table}", described(Config).get(table, ""))


def scalp_word(texts: Texts, key: str, **values: object) -> str:
    """Return what stands beside a head.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.
    key : str
        As `bci_online.gui.panel.scalp_map.WORDS` has it.
    **values : object
        What stands in its braces.

    Returns
    -------
    text : str
        In that language.

    See Also
    --------
    bci_online.gui.panel.scalp_map.ScalpMap : Shows it.
    """
    return texts(f"scalp.{key}", **values)


@cache
def _shipped(language: str) -> dict[str, str]:
    """Return the texts of a language by their keys: the names of tables, joined with dots."""
    file = resources.files("bci_online.gui.lab.texts") / f"{language}.toml"
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(tables: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tables.items():
        key = before + name
        found += _flat(value, f"{key}.") if isinstance(value, dict) else [(key, value)]
    return found
