"""Every text that is said exists, in each language, with the same values in it."""

import ast
import inspect
import re
from pathlib import Path
from string import Formatter

import pytest

import bci_online
from bci_online.channel_quality import FAULT_WORDS
from bci_online.config.keys import config_keys
from bci_online.gui.lab.doing import doing_in
from bci_online.gui.lab.texts import LANGUAGES, Texts, _shipped
from bci_online.gui.panel.scalp_map import WORDS
from bci_online.session import running_session

PROJECT = Path(bci_online.__file__).parent
SAID = [*(PROJECT / "lab").glob("*.py"), *(PROJECT / "gui" / "lab").glob("*.py")]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_with_the_same_values(language):
    english, own = _shipped("en"), _shipped(language)

    assert set(own) == set(english)
    assert {key: fields(text) for key, text in own.items()} == {
        key: fields(text) for key, text in english.items()
    }


def keys_of(module: Path) -> set[str]:
    """Return the keys that a module says; of one that is put together, its beginning."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        parts = ast.walk(node.args[0]) if name in {"Said", "texts", "_texts"} else ()
        values = (getattr(part, "value", None) for part in parts)
        found |= {value for value in values if isinstance(value, str) and "." in value}
    return found


def test_every_key_that_is_said_has_a_text():
    english = _shipped("en")
    said = {key for module in SAID for key in keys_of(module)}

    unknown = {key for key in said if not any(re.match(re.escape(key), known) for known in english)}
    assert len(said) > 50
    assert unknown == set()


def test_what_is_said_has_its_values():
    assert Texts("en")("job.of", done=2, of=5) == "2 of 5"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_fields_are_reached_with_the_same_letter(language):
    texts = _shipped(language)
    letters = [letter for text in texts.values() for letter in re.findall("&(.)", text.lower())]

    assert len(set(letters)) == len(letters)
    assert {key for key in texts if "&" in texts[key]} == {
        key for key, text in _shipped("en").items() if "&" in text
    }


def test_every_key_and_table_of_a_configuration_means_something_in_every_language():
    keys = {key.path for key in config_keys()}
    tables = {f"tables.{key.table}" for key in config_keys() if key.table}

    for language in set(LANGUAGES) - {"en"}:
        meanings = _shipped(f"keys_{language}")
        assert set(meanings) == keys | tables
        assert all(text.endswith(".") for text in meanings.values())


def test_the_meaning_of_a_key_is_said_in_the_language_of_the_window():
    (key,) = [key for key in config_keys() if key.path == "filter.order"]

    assert Texts("en").meaning(key) == key.help
    assert Texts("de_CH").meaning(key).startswith("Ordnung")
    assert Texts("fr").table_meaning("filter") == "The band."


def test_every_fault_of_a_channel_and_every_word_beside_the_head_is_said():
    english = _shipped("en")

    for kind, words in FAULT_WORDS.items():
        assert fields(english[f"fault.{kind}"]) == fields(words)
        assert f"advice.{kind}" in english
    for key, words in WORDS.items():
        assert fields(english[f"scalp.{key}"]) == fields(words)


# The sessions of a lab have no terminal.
NEVER_IN_A_LAB = "the terminal asks about the electrodes"


def test_what_a_session_does_is_said_in_the_language_of_the_window():
    german, session = Texts("de"), inspect.getsource(running_session)
    said = set(re.findall(r'_say\("([^"]+)"\)', session)) - {NEVER_IN_A_LAB}

    assert "waiting for the streams" in said
    assert [text for text in sorted(said) if doing_in(german, text) == text] == []
    assert doing_in(german, "2 of 5 methods tried, now asgsvm") == "2 von 5 Verfahren versucht"
