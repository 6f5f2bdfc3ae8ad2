"""A channel that fails while a speller runs: what is rejected, counted, said and asked again."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import (
    DecoderHeader,
    EpochSpec,
    Evidence,
    Preprocessing,
    Simulation,
    Stopping,
)
from bci_online.decoding.decoder_file import make_decoder
from bci_online.messages import (
    Chunk,
    Decision,
    Journal,
    Marker,
    Reading,
    Rejected,
    Score,
    Status,
)
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.tally import Tally

SFREQ = 128.0
CH_NAMES = ("Cz", "Pz", "Oz")
LETTERS, CODES, REPETITIONS = 4, 12, 15
LETTER_S, FIRST_S, FLASH_S = 20.0, 8.0, 0.1
FAILS_S, BACK_S = 32.0, 60.0


def decoder(unused: str = "", goes_on: bool = False, least_auc: float = 0.7):
    own = Preprocessing(
        ch_names=CH_NAMES, sfreq=SFREQ, unit="microvolts", epoch=EpochSpec(tmax=0.6)
    )
    weights = np.array([[float(name != unused)] * 13 for name in CH_NAMES])
    arrays = {"coef": weights, "center": np.zeros((3, 13)), "scale": np.ones(3)}
    header = DecoderHeader(
        method="lda",
        preprocessing=own,
        evidence=Evidence(spread=100.0),
        metrics={"auc": 0.9},
        stopping=Stopping(least_auc=least_auc),
    )
    arrays |= {"intercept": np.zeros(1)}
    if goes_on:
        nearby = 0.5 * np.eye(3) + 0.5
        lags = np.stack([nearby * 0.7**lag for lag in range(13)])
        arrays |= {"lags": lags, "class_means": np.stack([np.zeros((3, 13)), np.ones((3, 13))])}
    return make_decoder(header, arrays)


def markers() -> list[Marker]:
    found = []
    for letter in range(LETTERS):
        start = FIRST_S + LETTER_S * letter
        found.append(Marker(f"trial/start/{letter + 1}/?", start))
        for n in range(CODES * REPETITIONS):
            found.append(Marker(f"flash/{n % CODES + 1}/unknown", start + 1 + FLASH_S * n))
        found.append(Marker(f"trial/end/{letter + 1}", start + 19.5))
    return found


@pytest.fixture(scope="module")
def sound() -> Reading:
    amplifier = SimulatedAmplifier(Simulation(sfreq=SFREQ, ch_names=CH_NAMES))
    for marker in markers():
        amplifier.mark(marker)
    amplifier.advance(FIRST_S + LETTER_S * LETTERS + 2)
    return amplifier.read()


def uncalibrated():
    own = Preprocessing(
        ch_names=CH_NAMES, sfreq=SFREQ, unit="microvolts", epoch=EpochSpec(tmax=0.6)
    )
    return make_decoder(DecoderHeader(method="none", kind="uncalibrated", preprocessing=own), {})


def run(sound: Reading, fault: float, *channels: str, cuts=(), own=None, **keys):
    """Return the messages of a run in which channels fail, and its summary."""
    ((data, stamps),) = [(chunk.data.copy(), chunk.stamps) for chunk in sound.chunks]
    failing = (stamps >= FAILS_S) & (stamps < BACK_S)
    for channel in channels or ("Pz",):
        data[failing, CH_NAMES.index(channel)] = fault
    amplifier = SimulatedAmplifier(Simulation(sfreq=SFREQ, ch_names=CH_NAMES))
    own = own or decoder(**keys)
    chain, _ = online_chain(own, amplifier.spec)
    messages = chain.push(msgspec.structs.replace(sound, chunks=()))
    for piece in zip(np.split(data, sorted(cuts)), np.split(stamps, sorted(cuts)), strict=True):
        messages += chain.push(Reading(chunks=(Chunk(*piece),)))
    messages += chain.finish()
    tally = Tally(own.header, ())
    for message in messages:
        tally.take(message)
    return messages, tally.summary(chain, 90.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def uncut(sound):
    """Return what comes of a flat channel: for a decoder that stops, and one that goes on."""
    return [run(sound, 0.0, goes_on=goes_on)[0] for goes_on in (False, True)]


@pytest.fixture(scope="module")
def broken(sound):
    """Return what comes of a channel that is not finite."""
    return run(sound, np.nan)[0]


def of(messages, kind) -> list:
    return [message for message in messages if isinstance(message, kind)]


@pytest.mark.parametrize("fault", [np.nan, np.inf, 0.0, 187_500.0])
def test_flashes_over_a_bad_channel_are_rejected_and_counted_for_it(sound, fault):
    messages, summary = run(sound, fault)

    rejected = of(messages, Rejected)
    assert {(one.reason, one.channels) for one in rejected} == {("channel", ("Pz",))}
    assert summary.bad_channels["Pz"].rejected == len(rejected) > 200
    assert summary.bad_channels["Pz"].seconds == pytest.approx(BACK_S - FAILS_S, abs=1.1)
    assert list(summary.bad_channels) == ["Pz"]
    used = [score.time for score in of(messages, Score)]
    # The epochs of a flat channel hold at most a quarter of a second of it.
    assert not [time for time in used if FAILS_S < time + 0.35 and time < BACK_S]
    assert max(used) > BACK_S + 5


@pytest.mark.slow
@pytest.mark.parametrize("fault", [np.nan, 0.0])
def test_a_bad_channel_without_weights_rejects_nothing_and_changes_no_score(sound, fault):
    messages, summary = run(sound, fault, unused="Pz")
    whole, _ = run(sound, fault, "Pz", unused="Pz", cuts=range(50, 11000, 50))

    assert not of(messages, Rejected)
    assert summary.bad_channels["Pz"].seconds == pytest.approx(BACK_S - FAILS_S, abs=1.1)
    scores = [score.values[1] for score in of(messages, Score)]
    np.testing.assert_allclose(scores, [score.values[1] for score in of(whole, Score)])


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, 11_000), max_size=8))
def test_how_the_signal_is_cut_changes_nothing_around_a_bad_channel(sound, uncut, cuts):
    def outcomes(messages):
        kinds = Score | Rejected | Decision
        return [(type(one).__name__, one.time) for one in messages if isinstance(one, kinds)]

    assert outcomes(run(sound, 0.0, cuts=cuts)[0]) == outcomes(uncut[0])


def test_letters_over_a_bad_channel_are_not_decided_and_the_second_in_a_row_asks_for_a_pause(
    broken,
):
    said = [one for one in of(broken, Status) if one.text.startswith("trial")]
    disturbed = [one.trial for one in of(broken, Decision) if one.disturbed]
    assert disturbed == [2, 3]
    assert [one.level for one in said] == ["warning", "alarm"]
    assert "because of Pz (" in said[0].text
    assert said[0].text.endswith("it is asked again")
    assert said[1].text.endswith("2 in a row: pause, mend these electrodes, then resume")
    assert not any(one.is_empty for one in of(broken, Decision) if one.disturbed)


def test_a_channel_is_reported_when_it_fails_and_when_it_is_good_again(broken):
    said = [one for one in of(broken, Status) if one.channels == ("Pz",)]
    assert [one.kind for one in said] == ["bad_channels", "good_channels"]
    assert said[0].time == pytest.approx(FAILS_S, abs=2)
    assert said[1].time == pytest.approx(BACK_S, abs=2)


def swaps(messages) -> list[str]:
    return [one.text for one in of(messages, Journal) if one.kind == "swap"]


@pytest.mark.parametrize("fault", [np.nan, 0.0, 187_500.0])
def test_a_decoder_with_a_covariance_goes_on_without_the_channel(sound, fault):
    messages, _ = run(sound, fault, goes_on=True)
    unhurt, _ = run(sound, fault, "Pz", unused="Pz")

    assert not of(messages, Rejected)
    assert swaps(messages) == ["Pz", ""]
    scores = of(messages, Score)
    without = [score.time for score in scores if score.without == ("Pz",)]
    assert FAILS_S - 0.65 < min(without)
    # The filter of a channel that is good again must settle first.
    assert BACK_S < max(without) < BACK_S + 5
    assert len(scores) == len(of(unhurt, Score))
    (lost, back) = [one for one in of(messages, Status) if "decod" in one.text]
    assert lost.text.startswith("without Pz decoding goes on, with weights solved again: expected")
    assert (lost.level, back.level) == ("warning", "info")


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, 11_000), max_size=8))
def test_how_the_signal_is_cut_changes_no_score_of_a_decoder_that_goes_on(sound, uncut, cuts):
    def scores(messages):
        return [(one.time, one.without, one.values[1]) for one in of(messages, Score)]

    assert scores(run(sound, 0.0, cuts=cuts, goes_on=True)[0]) == scores(uncut[1])


@pytest.fixture(scope="module")
def noisy(sound: Reading) -> Reading:
    """Return a run in which one sensor is noisy for some time."""
    (chunk,) = sound.chunks
    failing = (chunk.stamps >= FAILS_S) & (chunk.stamps < BACK_S)
    data = chunk.data.copy()
    noise = np.random.default_rng(0).normal(size=failing.sum())
    data[failing, 1] += 300.0 * noise
    return msgspec.structs.replace(sound, chunks=(Chunk(data, chunk.stamps),))


def listening(goes_on: bool = True, **keys):
    """Return a decoder that knows how loud its sensors were, and the limits of artefacts."""
    own = decoder(goes_on=goes_on, **keys)
    rms = {"band_rms": np.full(3, 5.0), "limits": np.full(3, 60.0)}
    return make_decoder(own.header, dict(own.arrays) | rms)


def decoded(own, reading: Reading, cuts=()):
    ((data, stamps),) = [(chunk.data, chunk.stamps) for chunk in reading.chunks]
    amplifier = SimulatedAmplifier(Simulation(sfreq=SFREQ, ch_names=CH_NAMES))
    chain, _ = online_chain(own, amplifier.spec)
    messages = chain.push(msgspec.structs.replace(reading, chunks=()))
    for piece in zip(np.split(data, sorted(cuts)), np.split(stamps, sorted(cuts)), strict=True):
        messages += chain.push(Reading(chunks=(Chunk(*piece),)))
    return messages + chain.finish()


@pytest.fixture(scope="module")
def noisy_uncut(noisy):
    return decoded(listening(), noisy)


def test_a_sensor_that_stays_noisy_is_decoded_without_until_it_is_good_again(noisy_uncut):
    assert [one for one in swaps(noisy_uncut) if one] == ["Pz"]
    assert swaps(noisy_uncut)[-1] == ""
    without = [one.time for one in of(noisy_uncut, Score) if one.without == ("Pz",)]
    assert FAILS_S + 4 < min(without) < FAILS_S + 7
    assert BACK_S < max(without) < BACK_S + 15
    # Artefact limits are those of the sensors that are left.
    late = [one.time for one in of(noisy_uncut, Rejected) if FAILS_S + 7 < one.time < BACK_S + 15]
    assert late == []


def test_a_decoder_that_needs_all_of_its_sensors_keeps_a_noisy_one(noisy):
    messages = decoded(listening(goes_on=False), noisy)

    assert not any(score.without for score in of(messages, Score))
    assert {one.reason for one in of(messages, Rejected)} == {"artefact"}


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, 11_000), max_size=8))
def test_how_the_signal_is_cut_changes_no_score_beside_a_noisy_sensor(noisy, noisy_uncut, cuts):
    def scores(messages):
        kinds = Score | Rejected | Decision
        return [
            (
                type(one).__name__,
                one.time,
                getattr(one, "without", ()),
                str(getattr(one, "values", "")),
            )
            for one in messages
            if isinstance(one, kinds)
        ]

    assert scores(decoded(listening(), noisy, cuts)) == scores(noisy_uncut)


def test_a_sensor_that_the_stream_lacks_is_decoded_without_like_one_that_is_dead(sound):
    ((data, stamps),) = [(chunk.data, chunk.stamps) for chunk in sound.chunks]
    own = decoder(goes_on=True)

    def scored(names, columns, fault=None):
        amplifier = SimulatedAmplifier(Simulation(sfreq=SFREQ, ch_names=names))
        chain, _ = online_chain(own, amplifier.spec)
        some = data[:, columns].copy()
        if fault is not None:
            some[:, 1] = fault
        messages = chain.push(msgspec.structs.replace(sound, chunks=(Chunk(some, stamps),)))
        return [one.values[1] for one in of(messages + chain.finish(), Score)], chain

    missing, chain = scored(("Cz", "Oz"), [0, 2])
    dead, _ = scored(CH_NAMES, [0, 1, 2], np.nan)

    assert len(missing) > 600
    np.testing.assert_allclose(missing, dead)
    assert any(text.startswith("Pz missing: decoding goes on") for text in chain.warnings)
    assert chain.n_not_finite == 0
    assert chain.bad_seconds == {}


def test_below_the_least_accuracy_it_stops_and_says_so(sound):
    messages, _ = run(sound, np.nan, goes_on=True, least_auc=0.89)

    assert {one.channels for one in of(messages, Rejected)} == {("Pz",)}
    assert not any(score.without for score in of(messages, Score))
    (alarm,) = [one for one in of(messages, Status) if "least_auc" in one.text]
    assert alarm.level == "alarm"
    assert alarm.text.startswith("nothing is decoded without Pz: expected AUC 0.8")


@pytest.mark.parametrize("fault", [np.nan, 0.0])
def test_a_session_without_calibration_goes_on_without_the_channel_and_says_so(sound, fault):
    messages, _ = run(sound, fault, own=uncalibrated())

    assert not of(messages, Rejected)
    assert swaps(messages) == ["Pz", ""]
    said = [one for one in of(messages, Status) if "decod" in one.text]
    assert [(one.level, one.text) for one in said] == [
        ("warning", "without Pz decoding goes on with 2 of 3 sensors"),
        ("info", "all sensors are decoded again"),
    ]


def test_a_session_without_calibration_stops_where_few_sensors_are_left_and_says_so(sound):
    messages, _ = run(sound, np.nan, "Cz", "Pz", own=uncalibrated())

    assert {one.channels for one in of(messages, Rejected)} == {("Cz", "Pz")}
    (alarm,) = [one for one in of(messages, Status) if "decoded without" in one.text]
    assert alarm.text == (
        "nothing is decoded without Cz, Pz: fewer than half of 3 sensors are left; "
        "mend these electrodes"
    )
