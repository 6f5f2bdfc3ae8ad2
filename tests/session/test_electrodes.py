"""How good the electrodes are, before a session begins."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from bci_online.channel_quality import Electrodes
from bci_online.messages import Chunk, Marker, Reading, Status, StreamSpec
from bci_online.runtime.judged_readings import JudgedReadings
from bci_online.session.electrodes import accept_by_itself, faults_of

SPEC = StreamSpec(
    name="amp", sfreq=100.0, ch_names=("Cz", "Pz", "AUX"), ch_types=("EEG", "EEG", "AUX"),
    unit="microvolts", impedances=(4.0, None, None),
)  # fmt: skip


class Given:
    """Readings that were given."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = list(readings)

    def read(self, timeout: float = 0.0) -> Reading | None:
        return self._readings.pop(0) if self._readings else None


def seconds(n: float, markers: tuple[Marker, ...] = (), seed: int = 0) -> Reading:
    """Return seconds in which Pz is flat, and AUX full of the mains."""
    times = np.arange(round(100 * n)) / 100.0
    noise = np.random.default_rng(seed).normal(scale=9, size=times.size)
    data = np.stack([noise, np.zeros_like(noise), np.sin(2 * np.pi * 45 * times)], axis=1)
    return Reading(chunks=(Chunk(data, times),), markers=markers)


def said(readings: Sequence[Reading]) -> list[Electrodes]:
    """Return all that a source says of these readings."""
    source = JudgedReadings(Given(readings), SPEC, ("Cz", "Pz"), lambda: 7.0)
    lines: list[Electrodes] = []
    while (reading := source.read()) is not None:
        lines += reading.journal
    assert {(type(line), line.time) for line in lines} <= {(Electrodes, 7.0)}
    return lines


@pytest.mark.parametrize("cut", [0.1, 0.25, 1.0, 2.0])
def test_every_two_seconds_the_channels_that_take_part_are_judged(cut):
    found = said([seconds(cut, seed=n) for n in range(round(6 / cut))])

    assert len(found) == 3
    for electrodes in found:
        assert [one.name for one in electrodes.channels] == ["Cz", "Pz"]
        assert faults_of(electrodes) == {"Pz": "flat"}
        assert [one.impedance_kohm for one in electrodes.channels] == [4.0, None]
        assert electrodes.unit == "microvolts"


def test_once_the_session_has_begun_nothing_more_is_said():
    note, start = Marker("note/probe", 0.0), Marker("session/start/{}", 0.0)

    assert len(said([seconds(2, (note,)), seconds(2, (note,))])) == 2
    assert len(said([seconds(2), seconds(2, (start,)), seconds(2), seconds(2)])) == 1


def test_readings_go_through_as_they_are_and_what_they_say_stays():
    empty, status = Reading(), Status("info", "connected")
    given = [empty, msgspec.structs.replace(seconds(2), statuses=(status,)), seconds(1)]
    source = JudgedReadings(Given(given), SPEC, ("Cz",), lambda: 0.0)

    first, second, third = (source.read() for _ in range(3))

    assert first is empty
    assert third is given[2]
    assert second.chunks is given[1].chunks
    assert second.statuses == (status,)
    assert source.read() is None


def test_samples_that_are_no_numbers_make_a_channel_no_good_and_break_nothing():
    chunk = Chunk(np.full((200, 3), np.nan), np.arange(200) / 100.0)

    (electrodes,) = said([Reading(chunks=(chunk,))])

    assert faults_of(electrodes) == {"Cz": "flat", "Pz": "flat"}


def test_what_nobody_was_asked_is_accepted_by_itself_and_names_what_is_wrong():
    (electrodes,) = said([seconds(2)])

    accepted = accept_by_itself(lambda ready=None: electrodes)

    assert accepted.words == "electrodes accepted by itself, in spite of Pz flat"
