"""Markers of numbers: events and sampled lines, channels, rests and masks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import AMPLIFIER, EVENTS, STAMPS, read, refusal, written

from bci_online.acquisition.line_markers import LineMarkers
from bci_online.acquisition.marker_columns import chosen_column
from bci_online.acquisition.number_markers import NumberMarkers
from bci_online.acquisition.xdf.writer import XdfStream
from bci_online.config import MarkerStream
from bci_online.errors import BciError
from bci_online.messages import EEG

CODES = [3, 3, 7, 12, 7, 7]


def line(rest: float, codes=CODES, length: int = 20, held: int = 5) -> np.ndarray:
    """Return a line that leaves its rest for each code."""
    return np.concatenate([[rest] * length + [code] * held for code in codes] + [[rest] * length])


def markers_of(
    values, sfreq: float, stamps=None, cuts=(), labels=None, **chosen
) -> list[tuple[float, str]]:
    values = np.asarray(values, dtype=float).reshape(len(values), -1)
    stamps = np.arange(len(values)) / sfreq if stamps is None else np.asarray(stamps)
    names = labels or [""] * values.shape[1]
    numbers = NumberMarkers(sfreq, names, MarkerStream(**chosen))
    found = []
    for piece, when in zip(np.split(values, cuts), np.split(stamps, cuts), strict=True):
        found += numbers.push(piece, when)
    return found + numbers.flush()


def texts(found) -> list[str]:
    return [text for _, text in found]


@pytest.mark.parametrize("sfreq", [0.0, 100.0, 500.0, 10_000.0])
@pytest.mark.parametrize("values", [[0, 1, 1, 1, 2, 1], [1, 1, 1, 2, 1], [7]])
def test_numbers_now_and_then_are_all_events_whatever_rate_is_stated(sfreq, values):
    stamps = 10 + 0.175 * np.arange(len(values))

    found = markers_of(values, sfreq, stamps)

    assert found == [(t, str(v)) for t, v in zip(stamps.tolist(), values, strict=True)]


@pytest.mark.parametrize("rest", [0, 255, -1, -8191999])
def test_a_sampled_line_gives_a_marker_where_it_leaves_its_rest(rest):
    codes = [code + rest for code in CODES] if rest == -8191999 else CODES

    found = markers_of(line(rest, codes), 100.0)

    assert texts(found) == [str(code) for code in CODES]
    assert [time for time, _ in found] == [(20 + 25 * k) / 100 for k in range(len(CODES))]


def test_a_code_that_follows_another_without_rest_is_a_marker_too():
    assert texts(markers_of([0] * 60 + [3, 3, 4, 4, 0, 0, 3, 0], 100.0)) == ["3", "4", "3"]


def test_a_rest_is_what_a_line_returns_to_and_not_what_it_holds_longest():
    """Codes are held for most of the time, and one of them is much more frequent than the rest."""
    assert texts(markers_of(line(0, [1, 1, 1, 2, 1, 1, 2], 3, 20), 100.0)) == list("1112112")


def test_the_value_at_the_beginning_is_no_marker_of_a_line():
    assert texts(markers_of([9] * 10 + [0] * 50 + [4] * 3 + [0] * 9, 100.0))[-1] == "4"
    assert "9" not in texts(markers_of([9] * 10 + [0] * 50 + [4] * 3 + [0] * 9, 100.0))


@pytest.mark.parametrize(
    ("rest", "code", "n_first"), [(0, 1, 0), (255, 3, 0), (1, 0, 0), (0, 1, 2), (0, 9, 2)]
)
def test_a_line_of_one_code_has_its_pulses_also_if_it_begins_within_one(rest, code, n_first):
    values = [code] * n_first + ([rest] * 20 + [code] * 3) * 10
    expected = [n_first + 20 + 23 * k for k in range(10)]

    found = LineMarkers().push(np.array(values))

    # Before a rest and a pulse are over, nothing tells which of them is the rest.
    assert [row for row, text in found if text == str(code)][-9:] == expected[-9:]
    assert [text for _, text in found].count(str(rest)) <= 1


def test_samples_that_are_no_numbers_begin_no_marker():
    assert texts(markers_of([0] * 60 + [np.nan, 0, 5, np.nan, 5, 0, np.nan], 100.0)) == ["5"]


@given(
    cuts=st.lists(st.integers(0, 170), max_size=8).map(sorted),
    sfreq=st.sampled_from([100.0, 900.0]),
)
def test_markers_do_not_depend_on_how_samples_are_cut(cuts, sfreq):
    """At 100 Hz it is a line, at 900 Hz the same stamps are those of events."""
    values, stamps = line(0), np.arange(170) / 100

    whole = markers_of(values, sfreq, stamps)

    assert markers_of(values, sfreq, stamps, cuts) == whole
    assert len(whole) == (len(CODES) if sfreq == 100.0 else 170)


def test_a_line_that_pauses_stays_a_line():
    stamps = np.arange(170) / 100 + 30 * (np.arange(170) > 100)

    assert texts(markers_of(line(0), 100.0, stamps)) == [str(code) for code in CODES]


def test_of_several_numbers_the_value_is_the_marker_and_not_its_time_or_duration():
    values = np.column_stack([[3, 5, 3], [1.7e9, 1.7e9 + 1, 1.7e9 + 2], [1.0, 1.0, 1.0]])
    stamps = [1.0, 2.0, 3.0]

    assert texts(markers_of(values, 0.0, stamps)) == ["3", "5", "3"]
    assert texts(markers_of(values, 0.0, stamps, channel=3)) == ["1", "1", "1"]
    labels = ["Duration", "MarkerTime", "MarkerValue"]
    assert texts(markers_of(values[:, [2, 1, 0]], 0.0, stamps, labels=labels)) == ["3", "5", "3"]
    assert texts(
        markers_of(values[:, [2, 1, 0]], 0.0, stamps, labels=labels, channel="Duration")
    ) == ["1", "1", "1"]


@pytest.mark.parametrize("sfreq", [0.0, 100.0], ids=["events", "line"])
def test_one_hot_channels_give_their_labels(sfreq):
    labels = ["rest", "target", "other"]
    hot = [1, 2, 1, 1]
    if sfreq:
        values = np.zeros((200, 3))
        for k, column in enumerate(hot):
            values[60 + 30 * k : 65 + 30 * k, column] = 1
    else:
        values = np.eye(3)[hot]

    found = markers_of(values, sfreq, None if sfreq else np.arange(4.0), labels=labels)

    assert texts(found) == [labels[column] for column in hot]


def test_a_mask_takes_some_bits():
    values = line(0xF300, [code + 0xF300 for code in CODES])

    assert texts(markers_of(values, 100.0, mask=0xFF)) == [str(code) for code in CODES]
    assert texts(markers_of([0x105, 0x203], 0.0, [1.0, 2.0], mask=0xFF)) == ["5", "3"]


@pytest.mark.parametrize("channel", ["nothing", 3])
def test_a_channel_that_is_not_there_is_refused_with_those_that_are(channel):
    with pytest.raises(BciError, match=f"markers.channel={channel!r} is not there.*time, code"):
        chosen_column(["time", "code"], MarkerStream(channel=channel))


def test_a_recordings_texts_may_be_those_of_one_channel(tmp_path):
    said = [["flash/1/target", "7"], ["trial/end", "8"]]
    path = written(tmp_path, AMPLIFIER, replace(EVENTS, stamps=STAMPS[[100, 200]], data=said))

    found = [
        one.text for part in read(path, markers=MarkerStream(channel=2)) for one in part.markers
    ]

    assert found == ["7", "8"]


def with_triggers(rest: float) -> XdfStream:
    triggers = np.full(STAMPS.size, rest)
    for k, code in enumerate(CODES):
        triggers[200 + 100 * k : 205 + 100 * k] += code
    data = np.column_stack([np.asarray(AMPLIFIER.data), triggers])
    return replace(AMPLIFIER, data=data, ch_names=("Fz", "Cz", "Pz", "Stat"))


@pytest.mark.parametrize("rest", [0.0, -8191999.0])
@pytest.mark.parametrize("chunk_s", [0.01, 0.37, 5.0])
def test_triggers_in_the_eeg_stream_have_the_stamps_of_their_samples(tmp_path, rest, chunk_s):
    path = written(tmp_path, with_triggers(rest))

    readings = read(path, markers=MarkerStream(channel_of_eeg="Stat"), chunk_s=chunk_s)

    found = [marker for reading in readings for marker in reading.markers]
    assert [marker.text for marker in found] == [str(code) for code in CODES]
    assert {marker.stream for marker in found} == {EEG}
    np.testing.assert_allclose([one.time for one in found], STAMPS[200::100][:6], atol=1e-9)


def test_a_channel_of_triggers_that_is_not_there_is_refused_with_the_channels(tmp_path):
    path = written(tmp_path, AMPLIFIER)

    line = refusal(path, markers=MarkerStream(channel_of_eeg="Trig"))

    assert "markers.channel_of_eeg='Trig' is not in stream 'amp', which has Fz, Cz, Pz" in line


def test_a_line_counts_its_own_codes():
    triggers = LineMarkers()

    triggers.push(line(0))

    assert triggers.texts == {"3", "7", "12"}


@pytest.mark.parametrize("rest", [0, 7, 255])
@pytest.mark.parametrize("n_codes", [1, 3, 12])
def test_every_code_that_a_line_leaves_its_rest_for_is_a_marker(rest, n_codes):
    rng = np.random.default_rng(n_codes)
    codes = rng.integers(n_codes, size=200) + 10
    runs = [([rest] * rng.integers(6, 30), [code] * rng.integers(1, 6)) for code in codes]
    values = np.array([value for pair in runs for run in pair for value in run])
    onsets = np.cumsum([len(run) for pair in runs for run in pair])[::2]

    pieces = np.split(values, np.sort(rng.integers(values.size, size=50)))
    at = np.cumsum([0] + [piece.size for piece in pieces])
    line = LineMarkers()
    found = [
        (start + row, text)
        for start, piece in zip(at, pieces, strict=False)
        for row, text in line.push(piece)
    ]

    assert found == [(row, str(code)) for row, code in zip(onsets, codes, strict=True)]


def test_a_stream_whose_stamps_stand_still_is_not_held_back_for_ever():
    numbers = NumberMarkers(1000.0, [""], MarkerStream())

    found = [numbers.push(np.array([[k]]), np.array([7.0])) for k in range(10_000)]

    assert sum(map(len, found)) == 10_000
    assert not numbers.holds_back


@pytest.mark.parametrize(
    ("value", "text"), [(-5.0, "251"), (1e300, "0"), (np.inf, "inf"), (-np.inf, "-inf")]
)
def test_a_mask_meets_any_number(value, text):
    events = NumberMarkers(0.0, [""], MarkerStream(mask=255))

    assert events.push(np.array([[value]]), np.array([7.0])) == [(7.0, text)]
    codes = [text] if np.isfinite(value) and text != "0" else []
    assert [text for _, text in LineMarkers(255).push(np.array([0.0, value, 0.0]))] == codes
