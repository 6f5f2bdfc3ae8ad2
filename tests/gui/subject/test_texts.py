from importlib import resources

import msgspec
import pytest

from bci_online.errors import ConfigError
from bci_online.gui.subject import texts
from bci_online.gui.subject.texts import Texts, read_texts

LANGUAGES = ["de", "en"]


def test_all_languages_are_packaged():
    names = {file.name for file in resources.files(texts).iterdir()}

    assert {f"{language}.toml" for language in LANGUAGES} <= names


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_comes_with_the_program_is_complete(language):
    read = read_texts(language)

    assert read.place(3, 18) != read.progress
    assert {"3", "18"} <= set(read.place(3, 18).split())
    assert "{" not in read.place(3, 18)
    for key in ("ready", "paused", "ended", "warning", "warning_body", "warning_hint", "unlocked"):
        assert getattr(read, key).strip()


def test_german_translates_every_text():
    english, german = (msgspec.structs.asdict(read_texts(language)) for language in ("en", "de"))

    same = {key for key in english if english[key] and english[key] == german[key]}
    assert same == {"paused"}


def test_a_file_of_ones_own_replaces_what_it_gives(tmp_path):
    path = tmp_path / "fr.toml"
    path.write_text('cue = "regardez ici"\n', encoding="utf-8")

    read = read_texts(str(path))

    assert read.cue == "regardez ici"
    assert read.ended == read_texts("en").ended


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("cues = 'a'", "own.toml: there is no key `cues`"),
        ("cue = 1", "own.toml: cue: must be a text, got 1"),
        ("cue =", "not TOML"),
    ],
)
def test_a_file_that_is_no_language_is_one_line(tmp_path, content, said):
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigError, match=said) as caught:
        read_texts(str(path))

    assert "\n" not in str(caught.value)


def test_a_language_that_is_not_there_names_those_that_are(tmp_path):
    with pytest.raises(ConfigError, match="must be one of de, en"):
        read_texts("tlh")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_texts(str(tmp_path / "none.toml"))


def test_texts_know_all_states():
    for state in ("ready", "between", "cue", "flashing", "deciding", "decided", "undecided",
                  "paused", "ended"):  # fmt: skip
        assert state in Texts.__struct_fields__
