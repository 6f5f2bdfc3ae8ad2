"""Both languages say the same things, with the same values in their braces."""

import re
import string
import tomllib
from importlib import resources

from bci_online.config.keys import config_keys
from bci_online.gui.lab import texts
from bci_online.gui.lab.texts import LANGUAGES, Texts

ROOM = resources.files(texts)


def flat(tables, before=""):
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def read(name):
    return dict(flat(tomllib.loads((ROOM / f"{name}.toml").read_text(encoding="utf-8"))))


def braces(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_every_language_has_every_text_with_the_same_values_in_its_braces():
    english = read("en")

    for language in LANGUAGES:
        other = read(language)
        assert set(other) == set(english), language
        assert {key: braces(other[key]) for key in other} == {
            key: braces(english[key]) for key in english
        }
        # A letter to be reached with Alt is there in all of them, and once in each part.
        assert {key for key in other if "&" in other[key]} == {
            key for key in english if "&" in english[key]
        }
        letters = [re.findall("&(.)", text.lower()) for text in other.values() if "&" in text]
        assert len({str(each) for each in letters}) == len(letters), language


def test_every_key_and_table_of_a_configuration_means_something_in_every_language():
    keys = {key.path for key in config_keys()}
    tables = {f"tables.{key.table}" for key in config_keys() if key.table}

    for language in set(LANGUAGES) - {"en"}:
        meanings = read(f"keys_{language}")
        assert set(meanings) == keys | tables
        assert all(text.endswith(".") for text in meanings.values())


def test_the_meaning_of_a_key_is_said_in_the_language_of_the_window():
    (key,) = [key for key in config_keys() if key.path == "filter.order"]

    assert Texts("en").meaning(key) == key.help
    assert Texts("de_CH").meaning(key).startswith("Ordnung")
    assert Texts("fr").table_meaning("filter") == "The band."
