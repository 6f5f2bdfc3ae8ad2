import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import Preprocessing
from bci_online.decoding.decoder import MISSING, match_stream
from bci_online.errors import DecoderMismatchError
from bci_online.messages import StreamSpec

TRAINED = Preprocessing(
    ch_names=("Cz", "Pz", "Oz"), sfreq=256.0, unit="microvolts", stream_reference="A1",
    amplifier="box",
)  # fmt: skip
STREAM = StreamSpec(
    name="amp", sfreq=256.0, ch_names=("Cz", "Pz", "Oz"), ch_types=("eeg",) * 3,
    unit="microvolts", reference="A1", amplifier="box",
)  # fmt: skip


def stream(**keys) -> StreamSpec:
    return msgspec.structs.replace(STREAM, **keys)


@settings(max_examples=30)
@given(order=st.permutations(["Cz", "Pz", "Oz", "EOG", "Fp1"]).map(tuple))
def test_extra_and_reordered_channels_are_mapped_by_name(order):
    picks, warnings = match_stream(TRAINED, stream(ch_names=order))

    assert tuple(order[pick] for pick in picks) == TRAINED.ch_names
    assert warnings == []


def refusal(preprocessing=TRAINED, **keys) -> str:
    with pytest.raises(DecoderMismatchError) as caught:
        match_stream(preprocessing, stream(**keys))
    message = str(caught.value)
    assert "\n" not in message
    assert "stream 'amp' does not fit the decoder" in message
    return message


def test_missing_sensors_are_named_with_what_there_is():
    message = refusal(ch_names=("Cz", "EOG"))

    assert "sensors Pz, Oz are missing (the stream has Cz, EOG)" in message


def test_a_sensor_whose_unit_is_no_voltage_is_missing():
    # What is called left out is not decoded.
    assert "sensors Pz are missing" in refusal(no_voltages=("Pz",))


@pytest.mark.parametrize("name", ["cz", "CZ", "Cz ", "EEG Cz", "Cz.", "EEG Cz-A1"])
def test_another_spelling_is_the_same_sensor(name):
    assert match_stream(TRAINED, stream(ch_names=("Pz", name, "Oz")))[0][0] == 1


@pytest.mark.parametrize(
    "names", [("cz", "CZ", "Pz", "Oz"), ("CPz", "Pz", "Oz"), ("C", "Pz", "Oz")]
)
def test_a_sensor_that_two_channels_could_be_is_missing(names):
    assert "sensors Cz are missing" in refusal(ch_names=names, ch_types=("EEG",) * len(names))


def test_a_missing_sensor_that_is_spared_has_no_column():
    asked = []

    picks, _ = match_stream(
        TRAINED, stream(ch_names=("Oz", "Cz")), lambda places: not asked.append(list(places))
    )

    assert (picks, asked) == ([1, MISSING, 0], [[1]])


@pytest.mark.parametrize("sfreq", [128.0, 250.0, 255.9, 512.0])
def test_another_sampling_rate_is_refused_with_both(sfreq):
    assert f"sfreq is {sfreq:g} Hz, the decoder was trained at 256 Hz" in refusal(sfreq=sfreq)


def test_a_rate_that_is_too_low_for_the_band_is_refused_with_the_lowest_one():
    assert "(a band to 8 Hz needs 64 Hz or more)" in refusal(sfreq=50.0)
    assert "needs" not in refusal(sfreq=64.0)


@pytest.mark.parametrize("sfreq", [256.0, 256.01, 255.99])
def test_a_rate_that_is_off_by_the_amplifiers_crystal_is_the_same(sfreq):
    assert match_stream(TRAINED, stream(sfreq=sfreq)) == ([0, 1, 2], [])


@pytest.mark.parametrize("unit", ["unknown", "au", "millivolts", ""])
def test_another_unit_is_refused_with_both(unit):
    said = refusal(unit=unit)
    assert f"unit is {unit!r}, the decoder was trained on 'microvolts' (eeg.unit states it" in said


def test_a_missing_sample_counter_is_refused():
    counted = msgspec.structs.replace(TRAINED, counter="count")

    assert "sample counter 'count' is missing" in refusal(counted)
    assert match_stream(counted, stream(ch_names=("count", "Cz", "Pz", "Oz")))[0] == [1, 2, 3]


def test_all_that_differs_is_said_at_once():
    message = refusal(ch_names=("Cz",), sfreq=100.0, unit="au")

    assert all(word in message for word in ("Pz, Oz", "sfreq is 100 Hz", "unit is 'au'"))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"reference": "linked ears"}, "reference is linked ears, was A1"),
        ({"reference": ""}, "reference is not stated, was A1"),
        ({"amplifier": "other"}, "amplifier is other, was box"),
    ],
)
def test_another_reference_or_amplifier_only_warns(keys, said):
    picks, warnings = match_stream(TRAINED, stream(**keys))

    assert picks == [0, 1, 2]
    assert warnings == [said]
