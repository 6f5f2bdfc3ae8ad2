import tomllib
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import Config, config_of
from bci_online.config.document import ConfigDocument
from bci_online.config.key_texts import text_of, value_of
from bci_online.config.keys import ConfigKey, config_keys
from bci_online.errors import ConfigError

CONFIGS = Path(__file__).parents[2] / "configs"
KEYS = {key.path: key for key in config_keys()}

# Every way of laying out a table, with a comment wherever TOML allows one.
ODD = """\
# what it is for
paradigm = "p300"   # above all tables
presentation.words = [  # a dotted key
    "ONE",  # the first
    "TWO",
]

# about the band
[filter]   # the band
l_freq = 1   # whole
# h_freq = 9.0
order=4# tight

# at the end of the band


[ eeg ]
rename = { "EEG 001" = "Fz" }   # inline
sfreq = 2.5e2

[eeg.unknown_to_nobody]
"""
ODD = ODD.replace("\n[eeg.unknown_to_nobody]\n", "")
IN_PARTS = """\
[imagery.words]   # first the table within
feet = "Füße"   # what is read
# hands = "Hände"

[markers]
mask = 0xFF   # the lower eight

[[markers.translate]]   # the first rule
exact = "Trial Started"
to = "trial/start"   # a trial begins

[[markers.translate]]
number = 111
to = ""   # dropped

[imagery]   # then the table around it
cue = 1.0   # s
"""
TEXTS = {
    "empty": "", "odd": ODD, "in parts": IN_PARTS,
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(CONFIGS.glob("*.toml"))},
}  # fmt: skip


def another(key: ConfigKey, value: object) -> object:
    """Return a value of a key's kind that it does not have, right or not."""
    match key.kind:
        case "flag":
            return value is not True
        case "choice":
            return next(choice for choice in key.choices if choice != value)
        case "number":
            return 7 if key.is_whole else 0.375
        case "text":
            return 'another "one" = [x]'
        case "list":
            return [*value, "ZWEI, DREI"]
        case "table":
            return value | {"feet": "up", "EEG 001": "Cz"}
    return [*value, {"regex": r"s,(\d+),t", "to": r"flash/\1/target"}]


def comments(text: str) -> Counter[str]:
    lines = (line.partition("#") for line in text.splitlines())
    return Counter(said.strip() for _, sign, said in lines if sign)


def written(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        # Every key in a file of every key.
        pytest.param(name, marks=pytest.mark.slow) if name == "p300_speller" else name
        for name in TEXTS
    ],
)
def test_an_edit_of_any_key_changes_that_key_and_keeps_every_comment(name):
    text = TEXTS[name]
    for key in config_keys():
        document = ConfigDocument(Path("lab.toml"), text)
        value = another(key, document.value(key))
        expected = tomllib.loads(text)
        (expected.setdefault(key.table, {}) if key.table else expected)[key.name] = value

        document.edit(key, value)

        edited = document.text()
        assert tomllib.loads(edited) == expected, key.path
        assert not comments(text) - comments(edited), key.path
        # Its own line, and no other, was replaced or taken away.
        steps = SequenceMatcher(None, written(text), written(edited), autojunk=False)
        gone = [end - begin for kind, begin, end, *_ in steps.get_opcodes() if kind != "equal"]
        assert sum(gone) <= 1, key.path


@pytest.mark.parametrize("name", TEXTS)
def test_an_edit_that_is_taken_back_leaves_the_file_as_it_was(name):
    document = ConfigDocument(Path("lab.toml"), TEXTS[name])

    for key in config_keys():
        before = document.value(key)
        document.edit(key, another(key, before))
        document.edit(key, before)

    assert document.edited == ()
    assert document.text() == TEXTS[name]


def test_a_new_key_stands_below_its_table_and_not_below_what_follows():
    document = ConfigDocument(Path("lab.toml"), ODD)

    document.edit(KEYS["filter.h_freq"], 9.0)
    document.edit(KEYS["live.on_lost"], "wait")

    lines = document.text().splitlines()
    assert lines[lines.index("order=4# tight") + 1] == "h_freq = 9.0"
    assert lines[-2:] == ["[live]", 'on_lost = "wait"']


def test_a_rule_that_stays_keeps_its_comment():
    document = ConfigDocument(Path("lab.toml"), IN_PARTS)
    first, second = document.value(KEYS["markers.translate"])

    document.edit(KEYS["markers.translate"], [first, second | {"to": "trial/end"}])

    assert 'to = "trial/start"   # a trial begins' in document.text()
    assert tomllib.loads(document.text())["markers"]["translate"][1]["to"] == "trial/end"


@pytest.mark.parametrize("path", ["markers.translate", "imagery.words", "layout.codes"])
def test_what_is_emptied_is_empty(path):
    document = ConfigDocument(Path("lab.toml"), IN_PARTS)
    empty = [] if KEYS[path].kind == "rules" else {}

    document.edit(KEYS[path], empty)

    table, name = path.split(".")
    assert tomllib.loads(document.text()).get(table, {}).get(name, empty) == empty


def test_a_value_that_has_no_form_in_toml_is_left_out_and_its_comment_stays():
    document = ConfigDocument(Path("a.toml"), "[window]\nrecentre = true  # or by method\n")

    document.edit(KEYS["window.recentre"], None)

    assert document.text() == "[window]\n# or by method\n"


# What is wrong


def test_what_is_wrong_stands_at_its_key_in_the_words_of_the_command_line(tmp_path):
    path = tmp_path / "lab.toml"
    wrong = {
        "filter.order": 9, "eeg.channels": ["Cz", 3], "layout.numbering": "both",
        "live.on_lost": "wait", "stopping.idle": "yes",
    }  # fmt: skip
    document = ConfigDocument(path)

    for name, value in wrong.items():
        document.edit(KEYS[name], value)

    said = document.problems()
    assert set(said) == set(wrong) - {"live.on_lost"}
    for name in said:
        table, key = name.split(".")
        with pytest.raises(ConfigError) as refused:
            config_of({table: {key: wrong[name]}}, str(path))
        assert said[name] == str(refused.value)


@pytest.mark.parametrize(
    ("edits", "at"),
    [
        # Within a table, and between two tables.
        ({"filter.l_freq": 9.0, "filter.order": 4}, {"filter.l_freq"}),
        ({"epoch.step": 0.5, "filter.order": 4}, {"epoch.step"}),
        ({"imagery.cue": 5.0, "imagery.end": 4.0, "imagery.shape": "ball"},
         {"imagery.cue", "imagery.end"}),
        ({"layout.rows": ["AB", "C"]}, {"layout.rows"}),
    ],
)  # fmt: skip
def test_a_rule_between_keys_stands_at_those_that_were_edited(edits, at):
    document = ConfigDocument(Path("lab.toml"))

    for name, value in edits.items():
        document.edit(KEYS[name], value)

    assert set(document.problems()) == at


def test_two_keys_that_fit_each_other_only_together_are_right_once_both_are_there():
    document = ConfigDocument(Path("lab.toml"))

    document.edit(KEYS["filter.l_freq"], 8.0)
    alone = document.problems()
    document.edit(KEYS["filter.h_freq"], 9.0)

    assert set(alone) == {"filter.l_freq"}
    assert document.problems() == {}


def test_what_was_wrong_in_the_file_before_stands_at_its_place():
    texts = {
        "filter.order": "[filter]\norder = 9\n", "filter": "filter = 3\n",
        "": "[nonsense]\n", "eeg": "[eeg]\ncolour = 1\n",
    }  # fmt: skip
    for place, text in texts.items():
        document = ConfigDocument(Path("lab.toml"), text)
        document.edit(KEYS["filter.l_freq"], 0.75)

        assert set(document.problems()) == {place}


# What is saved


def test_nothing_is_written_until_every_value_is_right(tmp_path):
    path = tmp_path / "lab.toml"
    path.write_bytes(ODD.encode())
    document = ConfigDocument.read(path)

    document.edit(KEYS["filter.order"], 9)
    with pytest.raises(ConfigError, match="order"):
        document.save()
    untouched = path.read_bytes()
    document.edit(KEYS["filter.order"], 3)
    document.save()

    assert untouched == ODD.encode()
    assert path.read_text("utf-8") == ODD.replace("order=4#", "order=3#")
    assert document.edited == ()


def test_a_file_that_another_program_changed_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "lab.toml"
    document = ConfigDocument.read(path)
    document.edit(KEYS["filter.order"], 3)
    path.write_text("# mine\n")

    with pytest.raises(ConfigError, match="changed by another program"):
        document.save()

    assert path.read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.toml", b"= 3", "is not TOML"),
        ("a.toml", b"\xff", "is not UTF-8"),
        ("a.json", b"{}", "is JSON"),
    ],
)
def test_what_a_form_cannot_edit_is_refused_in_one_line(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ConfigError, match=said):
        ConfigDocument.read(tmp_path / name)


# Texts

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
VALUES = {
    "flag": st.booleans(),
    "choice": st.nothing(),
    "text": WORDS,
    "list": st.lists(WORDS | st.lists(WORDS, max_size=3), max_size=4),
    "table": st.dictionaries(WORDS, WORDS | st.lists(WORDS, max_size=3), max_size=3),
    "rules": st.lists(
        st.dictionaries(st.sampled_from(["exact", "to", "regex"]), WORDS, max_size=3), max_size=3
    ),
}


def values(key: ConfigKey) -> st.SearchStrategy[object]:
    if key.kind == "choice":
        return st.sampled_from(key.choices)
    if key.kind == "number":
        number = st.integers(-(1 << 60), 1 << 60) if key.is_whole else st.floats(allow_nan=False)
        return number | st.sampled_from(key.choices) if key.choices else number
    also = st.integers(1, 10_000) if key.path == "markers.channel" else st.nothing()
    return VALUES[key.kind] | also


@settings(max_examples=150)
@given(data=st.data())
def test_a_value_is_the_same_after_a_person_read_and_typed_it(data):
    key = data.draw(st.sampled_from(config_keys()))
    value = data.draw(values(key))

    typed = value_of(key, text_of(key, value))

    assert typed == value
    assert type(typed) is type(value)


def test_every_default_that_is_shown_is_that_of_the_struct():
    for key in config_keys():
        shown = value_of(key, text_of(key, key.default))
        tables = {} if shown is None else {key.name: shown}

        read = config_of({key.table: tables} if key.table else tables, "")

        assert read == Config(), key.path


@pytest.mark.parametrize(
    ("path", "typed", "value"),
    [
        ("filter.l_freq", "1", 1.0), ("filter.l_freq", "0,5", "0,5"), ("filter.order", "2.5", 2.5),
        ("filter.order", " 3 ", 3), ("filter.l_freq", "", ""),
        ("filter.l_freq", "1\nb = 2", "1\nb = 2"),
        ("eeg.sfreq", "measured", "measured"), ("eeg.sfreq", "250", 250.0),
        ("markers.mask", "0xFF", 255), ("markers.channel", "3", 3), ("markers.channel", '"3"', "3"),
        ("markers.channel", "TRIG", "TRIG"), ("eeg.channels", '["a, b", "c"]', ["a, b", "c"]),
        ("eeg.channels", " ", []), ("eeg.channels", "Cz,", ["Cz", ""]),
        ("window.recentre", "", None), ("window.recentre", "false", False),
        ("stopping.idle", "ja", "ja"), ("live.lost_after", "2026-01-01", "2026-01-01"),
        ("markers.translate", '{ number = 7, to = "" },\n', [{"number": 7, "to": ""}]),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_a_value_or_stays_a_text_that_is_refused(path, typed, value):
    assert value_of(KEYS[path], typed) == value


def test_a_table_that_is_no_toml_is_refused_with_its_key():
    with pytest.raises(ConfigError, match=r"^eeg\.rename: is not TOML: "):
        value_of(KEYS["eeg.rename"], "Fz = ")
