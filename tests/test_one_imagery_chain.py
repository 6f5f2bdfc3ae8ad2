"""Live, replayed and offline processing give the same windows and the same decisions of imagery."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from looking import look_at
from recorded_signal import Ran, RecordedSignal, ran

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.markers import Cue, parse_marker
from bci_online.messages import CARRIED, LEFT, ClockOffset, Gap, Journal, Reading, Rejected, Score
from bci_online.paradigms.motor_imagery.session_fit import SessionFit
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.earlier_runs import carried_over, going_on
from bci_online.runtime.session_recentring import recentring_of
from bci_online.runtime.sources import recording
from calibration.motor_imagery.methods import CANDIDATES, CSP_LDA
from calibration.motor_imagery.offline_decisions import decided, decisions
from calibration.motor_imagery.window_set import WindowSet
from calibration.motor_imagery.windows import labelled_windows, windows_of

CONFIG = read_config(Path(__file__).resolve().parents[1] / "configs" / "motor_imagery.toml")
CONFIG = msgspec.structs.replace(
    CONFIG,
    eeg=msgspec.structs.replace(
        CONFIG.eeg, channels=("FC3", "FCz", "FC4", "C3", "Cz", "C4", "CP3", "CPz", "CP4")
    ),
)
BANK = msgspec.structs.replace(
    CONFIG, filter=msgspec.structs.replace(CONFIG.filter, l_freq=8.0, h_freq=20.0, band_width=4.0)
)
GEL = read_config(Path(__file__).resolve().parents[1] / "configs" / "motor_imagery.toml")
TRAINED, PLAYED = (f"mi_hands_feet/sub-01_ses-01_run-{run}.xdf" for run in ("06", "10"))


@pytest.fixture(scope="module")
def signal(data_dir: Path) -> RecordedSignal:
    return RecordedSignal.of(data_dir / PLAYED)


def trained(data_dir: Path, config) -> Decoder:
    windows = windows_of([data_dir / TRAINED], config)
    return CSP_LDA.fit(windows, np.arange(len(windows)), config)


@pytest.fixture(scope="module")
def decoder(data_dir: Path) -> Decoder:
    return trained(data_dir, CONFIG)


@pytest.fixture(scope="module")
def whole(decoder, signal) -> Ran:
    return ran(decoder, signal)


@pytest.fixture(scope="module")
def offline(data_dir: Path, decoder) -> WindowSet:
    return windows_of([data_dir / PLAYED], CONFIG)


def recentring(decoder: Decoder) -> Decoder:
    own = decoder.header.preprocessing
    window = msgspec.structs.replace(own.window, recentre=True)
    preprocessing = msgspec.structs.replace(own, window=window)
    header = msgspec.structs.replace(decoder.header, preprocessing=preprocessing)
    return make_decoder(header, dict(decoder.arrays))


def windows_in(found: Ran) -> list[tuple]:
    """Return each score with its cue and first sample, in order: one marker has many."""
    scores = found.of(Score)
    return [(s.marker.text, s.marker.time, s.onset, s.time, tuple(s.values)) for s in scores]


def same(found: Ran, expected: Ran) -> None:
    """Compare bit by bit."""
    assert windows_in(found) == windows_in(expected)
    assert found.decisions == expected.decisions


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [3, 32, 1000])
def test_decisions_do_not_depend_on_how_the_recording_is_cut(
    decoder, signal, whole, chunk_n
) -> None:
    same(ran(decoder, signal, chunk_n), whole)

    assert len(whole.decisions) == 15
    # The recording ends in zeros, which are rejected as a channel that never moves.
    n_zeros = sum(message.reason == "channel" for message in whole.of(Rejected))
    assert len(windows_in(whole)) == 15 * 21 - n_zeros
    assert n_zeros < 5


@pytest.mark.slow
@pytest.mark.parametrize(("delay_s", "chunk_n"), [(0.1, 32), (0.5, 8), (0.5, 1000)])
def test_markers_that_arrive_late_change_no_score_and_no_decision(
    decoder, signal, whole, delay_s, chunk_n
) -> None:
    delays = np.random.default_rng(0).uniform(0, delay_s, len(signal.markers))

    same(ran(decoder, replace(signal, delays=delays), chunk_n), whole)


@pytest.mark.slow
@pytest.mark.parametrize(("chunk_n", "look"), [(11, lambda *_: None), (300, look_at)])
def test_recentred_decisions_do_not_depend_on_cuts_late_markers_and_who_looks_either(
    decoder, signal, chunk_n, look
) -> None:
    delays = np.random.default_rng(1).uniform(0, 0.5, len(signal.markers))
    expected = ran(recentring(decoder), signal)
    late = replace(signal, delays=delays)

    same(ran(recentring(decoder), late, chunk_n, look=look), expected)
    assert len(expected.decisions) == 15


def test_recentring_changes_nothing_before_the_first_trial_is_over(decoder, signal, whole) -> None:
    found, expected = (
        np.stack([one.values for one in run.of(Score)])
        for run in (ran(recentring(decoder), signal), whole)
    )

    # Scores of covariances, and of the samples: a rounding apart.
    np.testing.assert_allclose(found[:21], expected[:21], rtol=1e-12)
    assert np.abs(found[21:] - expected[21:]).max() > 0.01


@pytest.mark.slow
def test_a_filter_bank_does_not_depend_on_cuts_either(data_dir, signal) -> None:
    bank = trained(data_dir, BANK)

    expected = ran(bank, signal)

    same(ran(bank, signal, 50), expected)
    assert bank.arrays["filters"].shape == (3, 4, 9)
    assert sum(d.value == d.truth for d in ran(bank, signal, dynamic=False).decisions) >= 12


@pytest.mark.slow
def test_offline_windows_are_the_online_ones_at_any_cut(data_dir, signal, offline) -> None:
    class Pieces:
        spec = signal.spec
        findings = notes = ()

        def open(self) -> None:
            self.readings = signal.readings(16)

        def read(self, timeout: float = 0.0):
            return next(self.readings, None)

        def close(self) -> None: ...

    online = labelled_windows([("pieces", Pieces())], CONFIG)

    for name in ("X", "y", "trial", "time"):
        np.testing.assert_array_equal(getattr(online, name), getattr(offline, name))


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("change", [lambda decoder: decoder, recentring])
def test_offline_decisions_are_the_online_ones(decoder, signal, offline, dynamic, change) -> None:
    run = ran(change(decoder), signal, dynamic=dynamic)
    online = run.decisions
    assert decoder.header.evidence.idle
    # Offline there is nothing of a rejected window; the recording ends in zeros.
    rejected = Counter(message.marker.time for message in run.of(Rejected))
    cues = [rejected[m.time] for m in signal.markers if m.text.startswith("cue/")]

    known = offline.classes
    found = [d for d in decisions(change(decoder), offline, dynamic) if d.truth in known]

    assert [(d.value, d.truth, d.flashes) for d in found] == [
        (d.value, d.truth, d.flashes - n_rejected)
        for d, n_rejected in zip(online, cues, strict=True)
    ]
    confidences = [d.confidence for d in online]
    np.testing.assert_allclose([d.confidence for d in found], confidences, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("method", CANDIDATES, ids=lambda method: method.name)
def test_every_method_decides_alike_at_any_cut_and_offline(data_dir, signal, method) -> None:
    config, _ = method.configured(CONFIG)
    needed = method.needs_samples
    training = windows_of([data_dir / TRAINED], config, needs_samples=needed)
    offline = windows_of([data_dir / PLAYED], config, needs_samples=needed)
    decoder = method.fit(training, np.arange(len(training)), config)
    assert decoder.header.preprocessing.window.recentre

    whole = ran(decoder, signal)
    found = [d for d in decisions(decoder, offline) if d.truth in offline.classes]

    same(ran(decoder, signal, 11), whole)
    assert [(d.value, d.truth) for d in found] == [(d.value, d.truth) for d in whole.decisions]
    confidences = [d.confidence for d in whole.decisions]
    np.testing.assert_allclose([d.confidence for d in found], confidences, rtol=1e-9)


def test_a_decision_rests_on_no_sample_that_came_after_it(decoder, signal, whole) -> None:
    first = next(d for d in whole.decisions if d.value is not None)
    kept = signal.stamps + signal.offset_at("eeg", 0.0) <= first.time + 2 / 160

    found = ran(decoder, replace(signal, data=signal.data[kept], stamps=signal.stamps[kept]))

    assert found.decisions[first.trial - 1] == first


def test_decisions_stay_when_every_label_is_unknown(decoder, signal, whole) -> None:
    hidden = [
        msgspec.structs.replace(marker, text="cue/unknown")
        if isinstance(parse_marker(marker.text), Cue)
        else marker
        for marker in signal.markers
    ]

    found = ran(decoder, signal.with_markers(hidden))

    assert [d.value for d in found.decisions] == [d.value for d in whole.decisions]
    assert [d.confidence for d in found.decisions] == [d.confidence for d in whole.decisions]
    assert {d.truth for d in found.decisions} == {""}


def test_feedback_markers_change_nothing(decoder, signal, whole) -> None:
    kept = [marker for marker in signal.markers if not marker.text.startswith("feedback")]
    more = [
        msgspec.structs.replace(marker, text=f"feedback/{what}", time=marker.time + shift)
        for marker in signal.markers
        if marker.text.startswith("cue")
        for what, shift in (("start", 1.25), ("hit", 3.0))
    ]

    same(ran(decoder, signal.with_markers(kept)), whole)
    same(ran(decoder, signal.with_markers([*kept, *more])), whole)


@pytest.mark.slow
def test_wandering_clock_offsets_give_the_same_decisions_at_any_cut(decoder, signal) -> None:
    rng = np.random.default_rng(1)
    offsets = tuple(
        ClockOffset(o.stream, o.time, o.value + rng.uniform(-1e-3, 1e-3)) for o in signal.offsets
    )
    wandering = replace(signal, offsets=offsets)

    same(ran(decoder, wandering, 16), ran(decoder, wandering))


@pytest.mark.slow
@pytest.mark.parametrize(("n_lost", "bridged"), [(8, True), (100, False), (1000, False)])
def test_over_lost_samples_windows_are_rejected_and_other_trials_stay(
    decoder, signal, whole, n_lost, bridged
) -> None:
    cue = next(m for m in signal.markers if m.text.startswith("cue") and m.time > 1050)
    at = cue.time + signal.offset_at("markers", 0.0) + 2.0
    first = int(np.searchsorted(signal.stamps + signal.offset_at("eeg", 0.0), at))
    cut = signal.without(first, n_lost)

    found = ran(decoder, cut, chunk_n=32)

    (gap,) = found.of(Gap)
    assert (gap.n_lost, gap.bridged) == (n_lost, bridged)
    # The recording ends in zeros: a channel that never moves.
    rejected = [message for message in found.of(Rejected) if message.reason != "channel"]
    assert {message.reason for message in rejected} <= {"gap", "settling"}
    assert any(message.marker.time == cue.time for message in rejected)
    n_trials = len(found.decisions)
    assert n_trials == 15
    hit = {message.marker.time for message in rejected}
    before = [d for d in whole.decisions if d.time < at]
    assert found.decisions[: len(before)] == before
    assert len(hit) <= 1 + n_lost // 500


def test_the_journal_names_each_cues_sample_and_a_replay_finds_it_again(
    decoder, signal, whole
) -> None:
    onsets = {(j.text, j.time): j for j in whole.of(Journal) if j.kind == "onset"}
    cues = [marker for marker in signal.markers if marker.text.startswith("cue")]
    assert len(onsets) == len(cues) == 15

    # Half a sample of error in the markers' clock would move them, but for the journal.
    moved = [
        msgspec.structs.replace(marker, onset_stamp=onsets[marker.text, marker.time].value)
        if marker in cues
        else marker
        for marker in signal.markers
    ]
    shifted = tuple(
        msgspec.structs.replace(o, value=o.value + 0.003) if o.stream == "markers" else o
        for o in signal.offsets
    )
    found = ran(decoder, replace(signal.with_markers(moved), offsets=shifted))

    assert [s.onset for s in found.of(Score)] == [s.onset for s in whole.of(Score)]
    assert [d.value for d in found.decisions] == [d.value for d in whole.decisions]


@pytest.mark.slow
def test_a_replay_of_the_file_decides_as_the_arrays_do(data_dir, decoder, whole) -> None:
    from bci_online.runtime.assembly import online_chain

    source = XdfSource(data_dir / PLAYED, chunk_s=0.125)
    source.open()
    chain, _ = online_chain(decoder, source.spec)

    messages = [m for reading in iter(source.read, None) for m in chain.push(reading)]

    same(Ran(messages + chain.finish()), whole)


@pytest.mark.slow
def test_a_run_goes_on_from_the_one_before_and_its_journal_is_enough_to_do_so_again(
    data_dir, decoder, signal
):
    own = decoder.header.preprocessing
    window = msgspec.structs.replace(own.window, recentre=True)
    header = msgspec.structs.replace(
        decoder.header, preprocessing=msgspec.structs.replace(own, window=window)
    )
    recentred = make_decoder(header, dict(decoder.arrays))

    def run(first: Reading):
        source = XdfSource(data_dir / PLAYED)
        source.open()
        chain, _ = online_chain(recentred, source.spec)
        messages = chain.push(first)
        for reading in iter(source.read, None):
            messages += chain.push(reading)
        scores = [one.values for one in messages if isinstance(one, Score)]
        lines = [one for one in messages if isinstance(one, Journal) and one.kind == CARRIED]
        return np.stack(scores), lines

    # The run that the decoder was trained on would change nothing.
    carried = carried_over(recentred, [data_dir / PLAYED], CONFIG)
    alone, none = run(Reading())
    after, (line,) = run(going_on(carried))
    again, _ = run(Reading(journal=(line,)))

    assert none == []
    assert np.abs(after[0] - alone[0]).max() > 0.01
    np.testing.assert_array_equal(again, after)


@pytest.fixture(scope="module")
def session(data_dir: Path) -> tuple[Decoder, list[Path]]:
    """Return a decoder of one day, and the runs of another day's session."""
    training = windows_of([data_dir / "mi_gel" / "sub-04_ses-01_run-01.xdf"], GEL)
    decoder = recentring(CSP_LDA.fit(training, np.arange(len(training)), GEL))
    assert {"reference", "class_references"} <= set(decoder.arrays)
    return decoder, sorted((data_dir / "mi_gel").glob("*ses-02*.xdf"))


def left_by(run: Ran) -> str:
    """Return what a run leaves to the next one of its session."""
    *_, last = (one.text for one in run.of(Journal) if one.kind == LEFT)
    return last


@pytest.fixture(scope="module")
def runs(session) -> list[Ran]:
    """Return the runs of the session, each going on from what the one before has left."""
    decoder, paths = session
    found: list[Ran] = []
    for path in paths:
        first = going_on(left_by(found[-1])) if found else Reading()
        found.append(ran(decoder, RecordedSignal.of(path), first=first))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [101, 5000])
def test_a_session_of_several_runs_does_not_depend_on_cuts_and_late_markers(
    session, runs, chunk_n
) -> None:
    decoder, paths = session
    left = ""

    for path, expected in zip(paths, runs, strict=True):
        signal = RecordedSignal.of(path)
        delays = np.random.default_rng(2).uniform(0, 0.5, len(signal.markers))
        found = ran(decoder, replace(signal, delays=delays), chunk_n, first=going_on(left))
        left = left_by(found)

        same(found, expected)
        assert left == left_by(expected)


@pytest.mark.slow
def test_a_session_of_several_runs_is_replayed_from_its_files_alike(session, runs) -> None:
    decoder, paths = session
    *earlier, path = paths

    carried = carried_over(decoder, earlier, GEL)
    source = recording(path, GEL, chunk_s=0.3)
    source.open()
    chain, _ = online_chain(decoder, source.spec)
    messages = chain.push(going_on(carried))
    for reading in iter(source.read, None):
        messages += chain.push(reading)
    replayed = Ran(messages + chain.finish())

    assert carried == left_by(runs[-2])
    same(replayed, runs[-1])
    assert left_by(replayed) == left_by(runs[-1])


@pytest.mark.slow
def test_a_session_of_several_runs_is_decided_offline_as_online(session, runs) -> None:
    decoder, paths = session
    windows = windows_of(paths, GEL)
    whole, fit = recentring_of(decoder), SessionFit.of(decoder.header)

    cued = [number for number, trial in enumerate(windows.trials) if trial.cued]
    found = [one for n in cued for one in decided(decoder, windows, n, whole, fit=fit)]

    online = [one for run in runs for one in run.decisions]
    assert [(d.value, d.truth) for d in found] == [(d.value, d.truth) for d in online]
    confidences = [d.confidence for d in online]
    np.testing.assert_allclose([d.confidence for d in found], confidences, rtol=1e-9)
    assert len(online) == 60
    # The shares of the classes, and what values are worth, went over from run to run.
    assert left_by(runs[-1]).startswith("60 ")
    assert float(left_by(runs[0]).split()[0]) == 20
