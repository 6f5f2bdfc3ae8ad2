import contextlib
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import (
    Config,
    DecoderHeader,
    EpochSpec,
    FilterSpec,
    LayoutSpec,
    Preprocessing,
    Presentation,
    read_config,
)
from bci_online.config.reading import LARGEST
from bci_online.errors import ConfigError

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "mine.toml"


def refusal(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_each_config_that_comes_with_the_program_is_read(file):
    assert isinstance(read_config(file), Config)


def test_the_commented_config_says_the_defaults():
    (path,) = [path for path in CONFIGS if path.name == "p300_speller.toml"]

    assert read_config(path) == Config()


def test_there_are_configs_for_each_recording_and_paradigm():
    assert {file.stem for file in CONFIGS} == {
        "p300_speller", "p300_wadsworth", "p300_bci2000", "motor_imagery", "simulated_p300",
        "simulated_mi",
    }  # fmt: skip


def test_the_two_matrices_number_rows_and_columns_differently():
    wadsworth, bci2000 = (read_config(CONFIGS[0].parent / f"p300_{name}.toml").layout
                          for name in ("wadsworth", "bci2000"))  # fmt: skip

    assert wadsworth.symbols_of_code[1] == tuple("AGMSY5")
    assert wadsworth.symbols_of_code[7] == tuple("ABCDEF")
    assert bci2000.symbols_of_code[1] == tuple("ABCDEF")
    assert bci2000.symbols_of_code[12] == tuple("FLRX4?")


def test_every_key_has_a_default(path):
    path.write_text("")

    assert read_config(path) == read_config(None) == Config()


@pytest.mark.parametrize(
    "source",
    ["lsl", "fieldtrip://amp.lab:1972", "fieldtrip://10.0.0.7:1972?unit=microvolts",
     "mne-mock:old/session_raw.fif"],
)  # fmt: skip
def test_the_eeg_comes_from_lsl_or_from_a_client_of_mne_realtime(path, source):
    path.write_text(f'[eeg]\nsource = "{source}"\n')

    assert read_config(path).eeg.source == source


@pytest.mark.parametrize(
    "source",
    ["", "LSL", "fieldtrip://amp", "fieldtrip://amp:0", "fieldtrip://amp:99999", "mne-mock:",
     "fieldtrip://amp:1972?unit=furlongs", "mne-mock:recording.xdf", "tcp://amp:1"],
)  # fmt: skip
def test_a_source_that_cannot_be_is_refused_with_the_forms(path, source):
    said = refusal(path, f'[eeg]\nsource = "{source}"\n')

    assert f"eeg: source={source!r} must be 'lsl', 'fieldtrip://HOST:PORT'" in said


def test_what_is_given_replaces_the_default_and_nothing_else(path):
    # What nothing asks for any more is read, too.
    former = "[live]\nqueue_readings = 7\n"
    path.write_text('[filter]\nl_freq = 1\n[eeg]\nchannels = ["Cz"]\n' + former)

    config = read_config(path)

    assert config.filter == FilterSpec(l_freq=1.0)
    assert config.eeg.channels == ("Cz",)
    assert msgspec.structs.replace(config, filter=FilterSpec(), eeg=Config().eeg) == Config()


def test_a_config_cannot_be_changed():
    with pytest.raises(AttributeError):
        Config().filter.l_freq = 3.0


@pytest.mark.parametrize(
    ("text", "key", "rule", "value"),
    [
        ("colour = 1", "", "there is no key `colour`", ""),
        ("[eeg]\ncolour = 1", "eeg", "there is no key `colour`", ""),
        ("[[markers.translate]]\nfrom = 'a'", "markers.translate[0]", "key", ""),
        ("layout.codes = {A = ['B']}", "layout.codes", "each key in it must be a whole number", ""),
        ("filter = 3", "filter", "must be a table", "got 3"),
        ("[filter]\nl_freq = 'low'", "filter.l_freq", "must be a number", "got 'low'"),
        ("[filter]\nl_freq = true", "filter.l_freq", "must be a number", "got True"),
        ("[filter]\nl_freq = 0", "filter.l_freq", ">= 0.01", "got 0"),
        ("[filter]\nl_freq = -inf", "filter.l_freq", ">= 0.01", "got -inf"),
        ("[filter]\nh_freq = inf", "filter.h_freq", "<= 50000.0", "got inf"),
        ("[filter]\nl_freq = nan", "filter.l_freq", ">= 0.01", "got nan"),
        ("[markers]\ndisplay_delay = nan", "markers.display_delay", ">= -10.0", "got nan"),
        ("[filter]\nl_freq = 1e400", "filter.l_freq", "<= 50000.0", "got inf"),
        ("[filter]\nl_freq = 9", "filter", "must satisfy l_freq < h_freq", "(9, 8) Hz"),
        ("[filter]\norder = 9", "filter.order", "<= 8", "got 9"),
        ("[filter]\norder = 2.5", "filter.order", "must be a whole number", "got 2.5"),
        ("[filter]\nh_freq = 12", "", "must be at most 10 Hz", "filter.h_freq=12 Hz"),
        ("[epoch]\ntmax = 0.04", "epoch", "tmin + step <= tmax", "tmax=0.04"),
        ("[epoch]\ntmax = 11", "epoch.tmax", "<= 10.0", "got 11"),
        ("[epoch]\nstep = 1e-9", "epoch.step", ">= 0.001", "got 1e-09"),
        ("[eeg]\nmax_bridge = 2", "eeg.max_bridge", "<= 1.0", "got 2"),
        ("[eeg]\ncounter_step = 129", "eeg", "at most half of counter_modulus=256", "129"),
        ("[eeg]\nchannels = 'Cz'", "eeg.channels", "must be a list", "got 'Cz'"),
        ("[eeg]\nchannels = ['Cz', 3]", "eeg.channels[1]", "must be a text", "got 3"),
        ("[layout]\nrows = ['AB', 3]", "layout.rows[1]", "must be a text or a list", "got 3"),
        ("[layout]\nrows = [['A', 3]]", "layout.rows[0][1]", "must be a text", "got 3"),
        ("[layout]\nrows = ['AB', 'C']", "layout", "same number of symbols", ""),
        ("[layout]\nrows = ['AB', 'BC']", "layout", "symbols must be different", "['B']"),
        ("[layout]\nrows = [['A', '']]", "layout", "not empty", "['']"),
        ("[layout]\nnumbering = 'both'", "layout.numbering", "must be one of columns-first, ",
         "got 'both'"),
        ("paradigm = 'ssvep'", "paradigm", "must be one of p300, ", "got 'ssvep'"),
        ("[stopping]\nerror_rate = 1", "stopping.error_rate", "< 1.0", "got 1"),
        ("[stopping]\nfalse_activations_per_minute = 0", "stopping.false_activations_per_minute",
         ">= 1e-09", "got 0"),
        ("[stopping]\nidle = 1", "stopping.idle", "must be true or false", "got 1"),
        ("[stopping]\nmin_repetitions = 0", "stopping.min_repetitions", ">= 1", "got 0"),
        ("[simulation]\nseed = -1", "simulation.seed", ">= 0", "got -1"),
        ("[eeg]\nname = 1979-05-27", "eeg.name", "must be a text", "1979"),
        ("[[markers.translate]]\nto = 'a'", "markers.translate[0]", "exactly one of", ""),
        ("[[markers.translate]]\nto = 'a'\nregex = '('", "markers.translate[0]", "'('", ""),
        ("[[markers.translate]]\nto = '\\1'\nregex = 'a'", "markers.translate[0]", "'a'", ""),
        ("[[markers.translate]]\nto = 'a'\nnumber = nan", "markers.translate[0].number", ">= -1",
         "nan"),
        ("[[markers.translate]]\nto = 'a'\nregex = 'a{1001}'", "markers.translate[0]",
         "is not valid", ""),
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_line_with_file_key_rule_and_value(path, text, key, rule, value):
    message = refusal(path, text)

    assert message.startswith(f"{path}: {key}")
    assert rule in message
    assert value in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = ", "is not TOML"),
        ("a = 1\na = 2", "is not TOML"),
        ("a = " + "[" * 100_000, "is not TOML"),
        ("a = " + "[" * 500 + "]" * 500, "is not TOML"),
        ("a." * 5000 + "b = 1", ""),
        ("[simulation]\nseed = 1" + "0" * 5000, "is not TOML"),
        ("[simulation]\nsfreq = 1" + "0" * 400, "simulation.sfreq: Number out of range"),
        ("[filter]\norder = 1" + "0" * 30, "filter.order"),
        ("d = 2020-99-99", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"a = '\x00'", "is not TOML"),
        (b"XDF:\x0a", "is not TOML"),
    ],
    ids=lambda value: ascii(value[:20]),
)
def test_what_is_no_configuration_is_one_line(path, text, said):
    assert said in refusal(path, text)


@pytest.mark.slow
@settings(max_examples=60)
@given(text=st.text("[]={}.,'\"#\n ab1-_filtereeg", max_size=60))
def test_no_text_gives_anything_but_a_config_or_one_refusal(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8")

    # Any other exception fails the test.
    with contextlib.suppress(ConfigError):
        assert isinstance(read_config(path), Config)


def test_a_file_larger_than_any_configuration_is_not_read(path):
    said = refusal(path, "# " + "x" * LARGEST)

    assert said == f"{path}: has {LARGEST + 2} bytes, at most {LARGEST} are read"


def test_a_value_of_any_length_is_not_repeated_whole(path):
    said = refusal(path, f"eeg.counter = '{'x' * 100_000}'")

    assert said.startswith(f"{path}: eeg.counter: must be a text of length <= 200, got 'xxx")
    assert len(said) < len(str(path)) + 400


def test_a_missing_file_and_a_folder_are_one_line(tmp_path):
    with pytest.raises(ConfigError, match=r"missing.toml: cannot be read: No such file"):
        read_config(tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match="is not a file"):
        read_config(tmp_path)


# The structs that two rooms share


@pytest.mark.parametrize(
    ("tmin", "tmax", "step", "n"),
    [(0.0, 0.75, 0.05, 16), (0.1, 0.3, 0.2, 2), (0.0, 0.3, 0.1, 4), (0.0, 0.79, 0.05, 16),
     (0.05, 0.7, 0.05, 14), (0.0, 10.0, 0.001, 10_001)],
)  # fmt: skip
def test_latencies_run_from_tmin_to_tmax_by_step(tmin, tmax, step, n):
    latencies = EpochSpec(tmin=tmin, tmax=tmax, step=step).latencies

    assert latencies.shape == (n,)
    np.testing.assert_allclose(latencies, tmin + step * np.arange(n))
    assert latencies[-1] <= tmax + 1e-9


@settings(max_examples=40)
@given(first=st.integers(0, 20), n=st.integers(1, 60), step=st.sampled_from([0.05, 0.1, 0.004]))
def test_a_window_of_whole_steps_holds_both_its_ends(first, n, step):
    spec = EpochSpec(tmin=first * step, tmax=(first + n) * step, step=step)

    assert spec.latencies.size == n + 1
    assert spec.latencies[-1] == pytest.approx(spec.tmax)


@given(rows=st.integers(1, 6), columns=st.integers(1, 6))
def test_in_a_matrix_one_row_and_one_column_meet_in_each_symbol(rows, columns):
    names = [[f"s{row}.{column}" for column in range(columns)] for row in range(rows)]
    by_columns = LayoutSpec(rows=tuple(map(tuple, names))).symbols_of_code
    by_rows = LayoutSpec(rows=tuple(map(tuple, names)), numbering="rows-first").symbols_of_code

    assert list(by_columns) == list(by_rows) == list(range(1, rows + columns + 1))
    assert by_rows[1] == tuple(names[0])
    assert by_columns[columns + 1] == tuple(names[0])
    assert by_columns[1] == tuple(row[0] for row in names)
    assert sorted(map(sorted, by_rows.values())) == sorted(map(sorted, by_columns.values()))


LETTERS, ANSWERS = LayoutSpec(), LayoutSpec(rows=(("YES", "NO"), ("HELP ME", "Y"), ("N", "O")))


@pytest.mark.parametrize(
    ("layout", "word", "symbols"),
    [
        (LETTERS, "HELLO", tuple("HELLO")),
        (LETTERS, "hello", tuple("HELLO")),
        (LETTERS, ("H", "I"), ("H", "I")),
        (LETTERS, "H I", ("H", "I")),
        (LayoutSpec(rows=("abc", "ABC")), "aB", ("a", "B")),
        (LayoutSpec(rows=("abc",)), "CAB", tuple("cab")),
        (LayoutSpec(rows=("AB ",)), "A B", ("A", " ", "B")),
        (ANSWERS, "YES", ("YES",)),
        (ANSWERS, "no", ("NO",)),
        (ANSWERS, "NOYON", tuple("NOYON")),
        (ANSWERS, "HELP ME", ("HELP ME",)),
        (ANSWERS, "yes no y", ("YES", "NO", "Y")),
        (ANSWERS, "N O", ("N", "O")),
    ],
)
def test_a_word_is_a_symbol_or_its_characters_or_symbols_with_spaces_between(layout, word, symbols):
    assert layout.spelled(word) == symbols


@pytest.mark.parametrize(
    ("layout", "word", "missing"),
    [
        (LETTERS, "hello!", "!"),
        (LETTERS, "HELLO WORLD", "' '"),
        (LETTERS, "É", "É"),
        (ANSWERS, "YES PLEASE", "' ', A, E, L, P, S"),
        (ANSWERS, ("YES", "PLEASE"), "PLEASE"),
        (LETTERS, "", "yet"),
        (LETTERS, (), "yet"),
    ],
)
def test_a_word_that_cannot_be_spelled_names_what_the_layout_lacks(layout, word, missing):
    with pytest.raises(ValueError, match="the layout has no symbol ") as caught:
        layout.spelled(word)

    assert str(caught.value).endswith(f"no symbol {missing}")


@pytest.mark.parametrize(
    ("layout", "text", "words"),
    [
        (LETTERS, "the fox", ("the", "fox")),
        (ANSWERS, "HELP ME", ("HELP ME",)),
        (ANSWERS, "YES NO", ("YES NO",)),
        (LETTERS, " ", ()),
    ],
)
def test_a_text_is_one_word_where_the_layout_can_spell_its_spaces(layout, text, words):
    assert layout.words(text) == words


@pytest.mark.parametrize(
    ("key", "value"),
    [("refresh_hz", 1e9), ("refresh_hz", 0.5), ("flash_ms", 1e6), ("gap_ms", 1e6), ("cue_s", 1e9)],
)
def test_a_screen_that_would_never_come_to_an_end_is_refused(path, key, value):
    message = refusal(path, f"[presentation]\n{key} = {value}")

    assert f"presentation.{key}: " in message
    assert f"got {value!r}" in message


def test_a_layout_without_rows_has_no_codes():
    assert LayoutSpec(rows=()).symbols_of_code == {}


@pytest.mark.parametrize(
    ("flash_ms", "gap_ms", "refresh_hz", "frames"),
    [(100, 75, 60, (6, 4)), (125, 62.5, 60, (8, 4)), (1, 0, 60, (1, 0)), (100, 50, 144, (14, 7))],
)
def test_flash_and_gap_are_whole_frames(flash_ms, gap_ms, refresh_hz, frames):
    shown = Presentation(flash_ms=flash_ms, gap_ms=gap_ms, refresh_hz=refresh_hz)

    assert shown.frames() == frames


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"sfreq": 16.0}, r"must satisfy h_freq < 8 Hz \(half of sfreq=16 Hz\)"),
        ({"ch_names": ("Cz", "Cz")}, "ch_names must be different"),
        ({"ch_names": ()}, "ch_names must be different and not empty"),
        ({"amplifier_delay": math.inf}, "amplifier_delay must be finite, got inf"),
    ],
)
def test_preprocessing_that_cannot_be_is_refused(keys, said):
    with pytest.raises(ValueError, match=said):
        Preprocessing(**({"ch_names": ("Cz",), "sfreq": 256.0} | keys))


def test_a_decoder_header_is_the_same_after_json():
    header = DecoderHeader(
        method="lda",
        preprocessing=Preprocessing(ch_names=("Cz", "ü"), sfreq=256.0),
        layout=LayoutSpec(rows=("AB", ("C", "<-"))),
        metrics={"auc": 0.9, "letters": "3 of 3", "n": 3, "none": None},
    )

    text = msgspec.json.encode(header)

    assert msgspec.json.decode(text, type=DecoderHeader) == header


@pytest.mark.parametrize("until", ["9", "9/", "/10", "10/9", "9/9", "0/10", "-1/2", "0.9/1", "a/b"])
def test_a_calibration_ends_at_a_share_of_letters_or_at_none(until):
    with pytest.raises(ValueError, match="must be like '9/10'"):
        Presentation(until=until)
    assert Presentation(until="9/10").wanted == 0.9
    assert Presentation().wanted is None


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbf[filter]\nh_freq = 9.0\n", b"[filter]\r\nh_freq = 9.0\r\n"]
)
def test_a_file_that_an_editor_of_windows_wrote_is_read(tmp_path, text):
    path = tmp_path / "c.toml"
    path.write_bytes(text)

    assert read_config(path).filter.h_freq == 9.0
