"""What samples and stamps say against a stream's description."""

from concurrent.futures import wait
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from recorded import AMPLIFIER, EVENTS, refusal
from recorded import written as written_streams

from bci_online.acquisition.eeg_triggers import unread_triggers
from bci_online.acquisition.measured_rate import N_STRETCHES, STRETCH_N, measured_rate
from bci_online.acquisition.stream_survey import surveyed
from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream
from bci_online.config import Config, EegStream, Preprocessing, preprocessing_for
from bci_online.decoding.decoder import match_stream
from bci_online.errors import DecoderMismatchError
from bci_online.input_findings import InputFinding, ordered
from bci_online.messages import Chunk, ClockOffset, Reading, StreamSpec
from bci_online.runtime.surveyed_readings import SurveyedReadings

N = 4000
NOISE = 10 * np.random.default_rng(0).normal(size=(N, 4))
PULSES = np.where(np.arange(N) % 40 < 5, 7.0 + np.arange(N) // 40 % 12, -8191999.0)
# The name of each channel says what is wrong with it; the first three are sound.
CHANNELS = {
    "a": NOISE[:, 0],
    "b": NOISE[:, 1].round(),
    "c": np.where(np.arange(N) < N // 3, 0.0, NOISE[:, 2]),
    "flat from beginning to end": np.full(N, 3.0),
    "no numbers": np.full(N, np.nan),
    "counting": np.arange(N) % 128,
    "resting but for pulses": PULSES,
}
SOUND = ("a", "b", "c")


def amplifier(sfreq: float = 250.0, true_sfreq: float = 250.0, **changes) -> XdfStream:
    data = np.column_stack(list(CHANNELS.values()))
    own = {"ch_names": tuple(CHANNELS), "data": data, "sfreq": sfreq, "unit": "", "offsets": ()}
    own |= {"stamps": 100 + np.arange(len(data)) / true_sfreq, "every_stamp": True}
    return replace(AMPLIFIER, **(own | changes))


def written(folder, stream: XdfStream):
    events = replace(EVENTS, stamps=101 + np.arange(6), data=["m"] * 6, offsets=())
    return written_streams(folder, stream, events)


def opened(path, eeg: EegStream | None = None) -> XdfSource:
    source = XdfSource(path, eeg or EegStream())
    source.open()
    return source


def kinds(findings) -> list[str]:
    return [finding.kind for finding in findings]


def test_channels_that_hold_no_signal_are_left_out_and_named_with_the_reason(tmp_path):
    source = opened(written(tmp_path, amplifier()))

    assert preprocessing_for(Config(), source.spec).ch_names == SOUND
    said = {finding.text.partition(", left out")[0] for finding in source.findings}
    assert said == {f"channel {name}: {name}" for name in CHANNELS if name not in SOUND}


def test_a_channel_that_the_configuration_names_takes_part_whatever_it_holds(tmp_path):
    eeg = EegStream(channels=("a", "counting"))

    source = opened(written(tmp_path, amplifier()), eeg)

    assert preprocessing_for(Config(eeg=eeg), source.spec).ch_names == ("a", "counting")
    said = " ".join(finding.text for finding in source.findings)
    assert "channel counting: counting, but takes part: eeg.channels names it" in said
    # The others take no part, whatever they hold.
    assert "left out" not in said


def test_where_no_channel_would_be_left_all_take_part_and_are_named(tmp_path):
    flat = np.zeros((N, 2))

    source = opened(written(tmp_path, amplifier(data=flat, ch_names=("1", "2"))))

    assert source.spec.eeg_names == ("1", "2")
    assert kinds(source.findings) == ["no electrode"]


@pytest.mark.parametrize(
    ("stamps", "differs"),
    [
        (np.arange(N) / 200, True),
        (np.arange(N) / 250, False),
        (np.arange(N) / 253, False),
        (np.arange(N) / 256, True),
        # Bursts of nine, each with the stamp of its last sample.
        ((np.arange(N) // 9 * 9 + 8) / 250, False),
        (np.arange(N) / 250 + np.random.default_rng(1).uniform(0, 0.003, N), False),
        # A tenth of the samples is lost, one by one: losses are reported as losses.
        (np.flatnonzero(np.random.default_rng(2).random(N) > 0.1) / 250, False),
        # A break of five minutes, and a clock that steps back.
        (np.arange(N) / 250 + 300 * (np.arange(N) > N // 2), False),
        (np.arange(N) / 250 - 300 * (np.arange(N) > N // 2), False),
    ],
)
def test_another_rate_than_the_stated_one_is_told_from_losses_bursts_and_jumps(stamps, differs):
    assert measured_rate(stamps).differs(250.0) == differs


def test_the_rate_of_hours_of_stamps_is_taken_from_stretches_of_them():
    n = 2 * N_STRETCHES * STRETCH_N

    rate = measured_rate(np.arange(n) / 200 + 300 * (np.arange(n) > n // 2))

    assert rate.is_regular
    assert (round(rate.sfreq, 6), round(rate.steps_sfreq, 4)) == (200.0, 200.0)


def test_a_wrong_rate_is_reported_with_both_numbers_and_the_setting(tmp_path):
    source = opened(written(tmp_path, amplifier(sfreq=256.0, true_sfreq=200.0)))

    (finding,) = [one for one in source.findings if one.kind == "rate"]

    assert "sends 200 samples a second" in finding.text
    assert "taken for 256 Hz" in finding.text
    assert 'eeg.sfreq = "measured"' in finding.setting
    assert kinds(source.findings)[0] == "rate"


@pytest.mark.parametrize("stated", [256.0, 0.0])
@pytest.mark.parametrize("sfreq", ["measured", 200.0])
def test_the_configuration_replaces_the_stated_rate(tmp_path, stated, sfreq):
    path = written(tmp_path, amplifier(sfreq=stated, true_sfreq=200.0))

    source = opened(path, EegStream(sfreq=sfreq))

    assert source.spec.sfreq == 200.0
    assert "rate" not in kinds(source.findings)
    assert source.duration_s == pytest.approx(N / 200, abs=0.01)


def test_a_rate_of_0_and_one_that_cannot_be_measured_are_refused_with_the_way_out(tmp_path):
    irregular = 100 + np.cumsum(np.random.default_rng(0).exponential(0.004, N) ** 3)
    path = written(tmp_path, amplifier(sfreq=0.0, stamps=irregular))

    assert "set eeg.sfreq = 'measured'" in refusal(path)
    assert "give it in Hz" in refusal(path, EegStream(sfreq="measured"))


def test_two_measurements_of_one_amplifier_fit_each_other():
    spec = StreamSpec(name="amp", sfreq=200.3, ch_names=("Cz",), ch_types=("EEG",))
    trained = Preprocessing(ch_names=("Cz",), sfreq=199.9)

    picks, _ = match_stream(trained, msgspec.structs.replace(spec, measured=True))

    assert picks == [0]
    with pytest.raises(DecoderMismatchError, match=r"eeg\.sfreq"):
        match_stream(trained, spec)


@pytest.mark.parametrize(("factor", "told"), [(1e-6, True), (1.0, False), (1e3, True)])
def test_microvolts_that_cannot_be_are_reported(factor, told):
    spec = StreamSpec(
        name="amp", sfreq=250.0, ch_names=("1",), ch_types=("EEG",), unit="microvolts"
    )

    _, findings = surveyed(spec, EegStream(), [factor * NOISE[:250, :1]] * 10, np.arange(N) / 250)

    assert kinds(findings) == ["size"] * told


@pytest.mark.parametrize(
    ("factor", "times", "unit"),
    [
        (1.0, 1e-6, "volts"),
        (1e3, 1e-3, "volts"),
        (1e6, 1e6, "microvolts"),
        (1e3, 1e3, "microvolts"),
    ],
)
def test_the_way_out_is_the_unit_that_the_stored_numbers_have(factor, times, unit):
    names = {"ch_names": ("1",), "ch_types": ("EEG",), "unit": "microvolts", "factor": factor}
    spec = StreamSpec(name="amp", sfreq=250.0, **names)

    _, [finding] = surveyed(spec, EegStream(), [times * NOISE[:250, :1]] * 10, np.arange(N) / 250)

    assert finding.line == f'eeg.unit = "{unit}"'


def test_a_channel_that_is_much_smaller_than_the_others_is_named():
    spec = StreamSpec(
        name="amp", sfreq=250.0, ch_names=("1", "2"), ch_types=("EEG",) * 2, unit="microvolts"
    )

    _, findings = surveyed(
        spec, EegStream(), [NOISE[:250, :2] * [1, 1e-6]] * 10, np.arange(N) / 250
    )

    assert [finding.what for finding in findings] == ["channel 2"]


def test_a_nan_in_each_second_does_not_hide_the_size():
    spec = StreamSpec(
        name="amp", sfreq=250.0, ch_names=("1",), ch_types=("EEG",), unit="microvolts"
    )
    second = 1e-6 * NOISE[:250, :1]
    second[100] = np.nan

    _, findings = surveyed(spec, EegStream(), [second] * 10, np.arange(N) / 250)

    assert kinds(findings) == ["size"]


@pytest.mark.parametrize("line", [[np.inf] * 9, [np.nan] * 9, [7.0]])
def test_a_channel_without_pulses_holds_no_triggers(line):
    spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("Cz", "T"), ch_types=("EEG", "AUX"))

    finding = unread_triggers(spec, np.array([line, line]).T, ["amp"])

    assert finding.value == "none of them holds markers"


class OnDisk:
    """Rows of a file, of which only some fit into memory."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: slice) -> np.ndarray:
        found = self._rows[which]
        assert len(found) <= 1 << 16
        return found


def test_the_pulses_of_hours_are_counted_block_by_block():
    spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("A", "B"), ch_types=("AUX", "AUX"))
    stored = np.zeros((140_000, 2))
    # One pulse lies over the end of the first block.
    for start in (20_000, (1 << 16) - 2, 90_000, 100_000, 139_000):
        stored[start : start + 5, 1] = 7

    finding = unread_triggers(spec, OnDisk(stored), ["amp"])

    assert finding.value.endswith("channel B has 5 pulses")


class Played:
    """A source that delivers samples in the pieces that it was given."""

    spec = StreamSpec(
        name="amp", sfreq=256.0, ch_names=("1",), ch_types=("EEG",), unit="microvolts"
    )

    def __init__(self, lengths: list[int], rate: float = 200.0, data=1e-6 * NOISE[:, :1]) -> None:
        # A sender's clock may begin anywhere.
        stamps = np.arange(N) / rate - 5000.0
        cuts = np.cumsum(lengths)
        pieces = zip(np.split(data, cuts), np.split(stamps, cuts), strict=True)
        self._readings = [
            Reading(chunks=(Chunk(*piece),), offsets=(ClockOffset("eeg", 0.0, 0.0),))
            for piece in pieces
        ]

    def read(self, timeout: float = 0.0) -> Reading | None:
        return self._readings.pop(0) if self._readings else None


class Surveyed(SurveyedReadings):
    """Its thread is done before the next reading."""

    def read(self, timeout: float = 0.0) -> Reading | None:
        reading = super().read(timeout)
        wait([] if self._survey is None else [self._survey])
        return reading


def surveyed_readings(readings: Played, spec: StreamSpec = Played.spec) -> SurveyedReadings:
    return Surveyed(readings, spec, EegStream(), spec.eeg_names[:3], clock=lambda: 5.0)


def test_a_live_channel_that_takes_part_and_is_no_electrode_is_named():
    names = ("1", "2", "3", "4", "5")
    spec = StreamSpec(
        name="amp", sfreq=256.0, ch_names=names, ch_types=("EEG",) * 5, unit="microvolts"
    )
    counter = np.arange(N, dtype=float)
    data = np.column_stack([NOISE[:, 0], counter, np.zeros(N), counter, NOISE[:, 0]])
    source = surveyed_readings(Played([500] * 7, rate=256.0, data=data), spec)

    said = [status.text for reading in iter(source.read, None) for status in reading.statuses]

    # Channel 3 is dead, which is said elsewhere, and 4 and 5 do not take part.
    (line,) = said
    assert line.startswith("channel 2: counting: it is no electrode, but takes part")


def test_pulses_that_nobody_reads_live_are_named():
    spec = StreamSpec(
        name="amp", sfreq=256.0, ch_names=("1", "Trig1"), ch_types=("EEG", "TRIG"),
        unit="microvolts",
    )  # fmt: skip
    data = np.column_stack([NOISE[:, 0], np.arange(N) % 100 < 3])
    source = surveyed_readings(Played([500] * 7, rate=256.0, data=data), spec)

    (line,) = [status.text for reading in iter(source.read, None) for status in reading.statuses]

    assert line.endswith('pulses; markers.channel_of_eeg = "Trig1"')


@pytest.mark.parametrize("lengths", [[500] * 7, [7] * 500, [0, 500, 0, 500, 0] * 3])
def test_a_live_stream_is_compared_with_its_description_as_a_recording_is(lengths):
    source = surveyed_readings(Played(lengths))

    statuses = []
    while (reading := source.read()) is not None:
        statuses += reading.statuses

    assert [status.level for status in statuses] == ["warning"] * 2
    assert "no EEG in microvolts" in statuses[1].text
    assert "sends 200 samples a second" in statuses[0].text


def test_a_live_stream_whose_stamps_stand_still_is_compared_by_its_samples():
    readings = Played([100] * 39, rate=1e9)
    source = surveyed_readings(readings)
    source.MOST_SECONDS = 12.0

    statuses = [source.read().statuses for _ in range(40)]

    assert [bool(found) for found in statuses].index(True) == 12 * 256 // 100 + 1
    assert sum(map(len, statuses)) == 1


def test_findings_are_shown_once_and_the_costliest_first():
    electrode = InputFinding("no electrode", "channel 1", "counting")
    rate = InputFinding("rate", "stream 'amp'", "sends 200 Hz")

    assert ordered([electrode, rate, electrode]) == [rate, electrode]
