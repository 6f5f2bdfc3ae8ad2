import msgspec
import numpy as np
import pytest

from bci_online.acquisition.xdf.journal import follow
from bci_online.messages import EEG, MARKERS, Journal, Marker


def line(*entry, **fields) -> str:
    return msgspec.json.encode(Journal(*entry, **fields)).decode()


LINES = [
    line("offset", 5.0, text=EEG, value=0.25),
    line("segment", 5.0, 0),
    line("onset", 7.5, 640, "flash/1/target", 107.25),
    line("offset", 10.0, text=EEG, value=0.5),
]


def loaded(lines: list[str]) -> dict:
    """Streams as pyxdf returns them: the EEG is 1, the markers are 2, the journal is 3."""
    file_offsets = {"clock_times": [0.0], "clock_values": [9.0]}
    return {1: dict(file_offsets), 2: dict(file_offsets), 3: {"time_series": [[x] for x in lines]}}


def test_streams_take_the_offsets_that_the_live_run_went_by():
    streams = loaded(LINES)

    follow(streams, {EEG: 1, MARKERS: 2}, 3)

    assert (streams[1]["clock_times"], streams[1]["clock_values"]) == ([5.0, 10.0], [0.25, 0.5])
    # The journal says nothing of the markers' clock: the file's own offsets hold.
    assert streams[2]["clock_values"] == [9.0]


def test_a_marker_takes_the_onset_that_it_had_live_and_any_other_stays_as_it_is():
    journal = follow(loaded(LINES), {EEG: 1}, 3)
    flash = Marker("flash/1/target", 7.5, MARKERS)
    later = Marker("flash/1/target", 8.5, MARKERS)

    assert journal.placed(flash) == msgspec.structs.replace(flash, onset_stamp=107.25)
    assert journal.placed(later) is later


def test_a_marker_that_the_live_run_refused_is_left_out():
    journal = follow(loaded([*LINES, line("refused", 7.5, text="layout/{}")]), {EEG: 1}, 3)

    assert journal.placed(Marker("layout/{}", 7.5, MARKERS)) is None
    assert journal.placed(Marker("layout/{}", 8.5, MARKERS)) is not None
    assert journal.placed(Marker("flash/1/target", 7.5, MARKERS)) is not None


@pytest.mark.parametrize("damaged", [1.0, np.nan, np.inf])
def test_samples_after_the_last_one_of_the_live_run_are_left_out(damaged):
    streams = loaded([*LINES, line("end", 5.5, 49, value=100.49)])
    stamps = 100 + np.arange(70) / 100
    stamps[20] = damaged
    streams[1] |= {"time_stamps": stamps}

    follow(streams, {EEG: 1}, 3)

    assert len(streams[1]["time_stamps"]) == 50


def test_without_a_journal_nothing_is_changed():
    streams = loaded(LINES)

    assert follow(streams, {EEG: 1, MARKERS: 2}, None) is None
    assert streams == loaded(LINES)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{",
        "[" * 100_000,
        '{"type": "decision"}',
        '{"kind": 3}',
        '{"kind":"offset","time":1e999}',
    ],
)
def test_a_line_that_is_no_entry_is_passed_over(damaged):
    streams = loaded([damaged, *LINES])

    journal = follow(streams, {EEG: 1}, 3)

    assert streams[1]["clock_values"] == [0.25, 0.5]
    assert len(journal.onsets) == 1
