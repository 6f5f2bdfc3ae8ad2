import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt, sosfilt_zi
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from bci_online.acquisition.simulator import SimulatedAmplifier, simulate
from bci_online.config import LayoutSpec, Simulation
from bci_online.markers import Cue, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import EEG, MARKERS, Marker

FEW = Simulation(ch_names=("Fz", "C3", "C4", "Pz", "PO7"), sfreq=128.0)
MATRIX = {1: ("A", "C"), 2: ("B", "D"), 3: ("A", "B"), 4: ("C", "D")}


def samples(readings) -> np.ndarray:
    return np.concatenate([chunk.data for reading in readings for chunk in reading.chunks])


def everything(amplifier: SimulatedAmplifier, step: float = 0.25) -> list:
    readings = []
    while (reading := amplifier.read(step)) is not None:
        readings.append(reading)
    return readings


def spelling(word: str, repetitions: int, soa: float = 0.175, seed: int = 0):
    """A copy-spelling session: its markers, its flashes (time, letter, target), its end."""
    matrix, rng = LayoutSpec().symbols_of_code, np.random.default_rng(seed)
    markers, flashes, time = [Marker(Layout(matrix).text(), 1.0)], [], 5.0
    for letter, symbol in enumerate(word):
        markers.append(Marker(TrialStart(letter, symbol).text(), time))
        time += 1.5
        for _ in range(repetitions):
            for code in rng.permutation(list(matrix)):
                target = symbol in matrix[int(code)]
                markers.append(Marker(Flash(int(code), target).text(), time))
                flashes.append((time, letter, target))
                time += soa
        markers.append(Marker(TrialEnd(letter).text(), time + 1))
        time += 2.5
    return markers, flashes, time


def filtered(signal: np.ndarray, sfreq: float, band: tuple[float, float]) -> np.ndarray:
    """A causal band-pass that starts at the first sample."""
    sos = butter(4, band, "bandpass", fs=sfreq, output="sos")
    state = sosfilt_zi(sos)[:, :, np.newaxis] * signal[0]
    return sosfilt(sos, signal, axis=0, zi=state)[0]


@pytest.mark.slow
def test_a_plain_linear_classifier_tells_the_flashes_of_the_default_subject_as_in_real_life():
    markers, flashes, end = spelling("QUICKBROWN", repetitions=15)

    signal = samples(simulate(Simulation(), markers, end))

    signal, sfreq = filtered(signal, 250.0, (0.5, 8.0)), 250.0
    latencies = np.rint(np.arange(16) * 0.05 * sfreq).astype(int)
    X = np.array([signal[round(time * sfreq) + latencies].ravel() for time, _, _ in flashes])
    letters, targets = np.array([(letter, target) for _, letter, target in flashes]).T
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    with threadpool_limits(1):
        scores = cross_val_predict(
            classifier, X, targets, groups=letters, cv=GroupKFold(10), method="decision_function"
        )
    assert 0.80 < roc_auc_score(targets, scores) < 0.92


@pytest.mark.slow
def test_common_spatial_patterns_tell_the_hands_of_the_default_subject_as_in_real_life():
    # Loads torch, among others.
    from pyriemann.estimation import Covariances
    from pyriemann.spatialfilters import CSP

    rng, markers, cues, time = np.random.default_rng(0), [], [], 5.0
    for hand in rng.permutation(np.repeat(["left_hand", "right_hand"], 40)):
        markers.append(Marker(TrialStart().text(), time))
        markers.append(Marker(Cue(str(hand)).text(), time + 2))
        markers.append(Marker(TrialEnd().text(), time + 6))
        cues.append((time + 2, hand))
        time += 8 + rng.uniform(-0.5, 1.5)

    signal = samples(simulate(Simulation(), markers, time))

    signal, sfreq = filtered(signal, 250.0, (8.0, 30.0)), 250.0
    windows = [signal[round((cue + 0.5) * sfreq) :][: int(2.5 * sfreq)].T for cue, _ in cues]
    X, y = np.array(windows), np.array([hand for _, hand in cues])
    chain = make_pipeline(
        Covariances(estimator="oas"), CSP(nfilter=4), LinearDiscriminantAnalysis()
    )
    accuracy = cross_val_score(chain, X, y, cv=StratifiedKFold(5, shuffle=True, random_state=0))
    assert 0.75 < accuracy.mean() < 0.97


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.floats(0, 0.9), max_size=8))
def test_the_signal_does_not_depend_on_how_often_it_is_read(steps):
    markers, _, _ = spelling("A", repetitions=2)
    whole = SimulatedAmplifier(FEW, duration=12.0)
    parts = SimulatedAmplifier(FEW, duration=12.0)
    for marker in markers:
        whole.mark(marker)
        parts.mark(marker)
    whole.advance(20.0)

    at_once = [whole.read()]
    readings = []
    for step in steps:
        parts.advance(step)
        readings.append(parts.read())
    readings += everything(parts, step=3.0)

    np.testing.assert_allclose(samples(readings), samples(at_once), atol=1e-9, rtol=0)


def test_a_closed_loop_and_a_list_of_markers_given_in_advance_give_the_same_recording():
    markers, _, end = spelling("AB", repetitions=1)
    amplifier, readings = SimulatedAmplifier(FEW, duration=end), []

    for marker in markers:
        amplifier.advance_to(marker.time)
        readings.append(amplifier.read())
        amplifier.mark(marker)
    readings += everything(amplifier)
    listed = list(simulate(FEW, markers[::-1], end))

    assert amplifier.late_marks == 0
    np.testing.assert_allclose(samples(readings), samples(listed), atol=1e-9, rtol=0)
    assert [m for reading in readings for m in reading.markers] == markers
    assert [m for reading in listed for m in reading.markers] == markers


TARGET, NONTARGET = Flash(1, target=True), Flash(1, target=False)


def answer(*events, attend: str = "", layout=MATRIX) -> np.ndarray:
    """What `events`, all at 0.5 s, add to the signal."""
    silent, amplifier = (SimulatedAmplifier(FEW, layout=layout, duration=2.0) for _ in range(2))
    amplifier.attend(attend)
    for event in events:
        amplifier.mark(Marker(event.text(), 0.5))
    return samples(everything(amplifier)) - samples(everything(silent))


@pytest.mark.parametrize(
    ("events", "attend"),
    [
        ((TARGET,), "D"),
        ((Flash(1),), "C"),
        ((NONTARGET,), "C"),
        ((TrialStart(1, "C"), Flash(1)), ""),
        ((TrialStart(None, "C"), Flash(1)), "D"),
        ((Layout({1: ("E",)}), Flash(1)), "E"),
        ((TrialStart(1, "?"), Flash(1)), "A"),
        ((TrialStart(1, ""), Flash(1)), "A"),
    ],
)
def test_a_flash_is_attended_by_its_label_by_the_symbol_named_or_by_the_symbol_cued(events, attend):
    np.testing.assert_allclose(answer(*events, attend=attend), answer(TARGET), atol=1e-9)


@pytest.mark.parametrize(
    ("events", "attend", "layout"),
    [
        ((Flash(1),), "", MATRIX),
        ((Flash(1),), "D", MATRIX),
        ((TrialStart(1, "D"), Flash(1)), "C", MATRIX),
        ((TrialStart(1, "C"), TrialEnd(1), Flash(1)), "", MATRIX),
        ((Layout({1: ("E",)}), Flash(1)), "C", MATRIX),
        ((Flash(1),), "C", None),
    ],
)
def test_a_flash_of_other_symbols_is_not_attended(events, attend, layout):
    added = answer(*events, attend=attend, layout=layout)

    np.testing.assert_allclose(added, answer(NONTARGET), atol=1e-9)
    assert abs(added).max() > 1


def test_markers_come_out_once_the_clock_has_reached_them_in_the_order_of_time():
    amplifier = SimulatedAmplifier(FEW)
    for text, time in (("note/b", 0.5), ("note/a", 0.2), ("note/c", 0.5)):
        amplifier.mark(Marker(text, time))

    readings = []
    for _ in range(3):
        amplifier.advance(0.25)
        readings.append(amplifier.read())

    assert [[m.text for m in reading.markers] for reading in readings] == [
        ["note/a"], ["note/b", "note/c"], [],
    ]  # fmt: skip


def test_two_clocks_that_disagree_are_one_common_time_after_their_offsets():
    same = SimulatedAmplifier(FEW, duration=2.0)
    same.mark(Marker(Flash(1, target=True).text(), 0.5))
    apart = SimulatedAmplifier(
        FEW, duration=2.0, start=100.0, eeg_offset=-7.0, marker_offset=40.0, marker_stream="screen"
    )
    apart.mark(Marker(Flash(1, target=True).text(), 60.5))

    readings = everything(apart)

    np.testing.assert_allclose(samples(readings), samples(everything(same)), atol=1e-9)
    assert [(o.stream, o.value) for o in readings[0].offsets] == [(EEG, -7.0), ("screen", 40.0)]
    assert not any(reading.offsets for reading in readings[1:])
    assert readings[0].chunks[0].stamps[0] == 107.0
    assert [m for r in readings for m in r.markers] == [
        Marker("flash/1/target", 60.5, stream="screen")
    ]


def test_a_late_marker_is_counted_and_answered_from_the_next_sample_on():
    flash = Marker(Flash(1, target=True).text(), 0.5)
    timely, late = (SimulatedAmplifier(FEW, duration=2.0) for _ in range(2))
    timely.mark(flash)
    expected = samples(everything(timely))

    late.advance(0.75)
    before = late.read()
    late.mark(flash)
    late.advance(1.25)
    after = late.read()

    assert (timely.late_marks, late.late_marks) == (0, 1)
    assert before.markers == ()
    assert after.markers == (flash,)
    assert len(samples([before])) == 96
    np.testing.assert_allclose(samples([after]), expected[96:], atol=1e-9)


def test_a_marker_at_this_very_moment_is_not_late():
    amplifier = SimulatedAmplifier(FEW)

    for _ in range(40):
        amplifier.mark(Marker(Flash(1).text(), amplifier.now))
        amplifier.advance(0.175)
        amplifier.read()

    assert amplifier.late_marks == 0


def test_waiting_moves_the_clock_only_where_nothing_is_due():
    amplifier = SimulatedAmplifier(FEW)

    nothing = amplifier.read()
    waited = amplifier.read(timeout=0.5)
    amplifier.advance(0.25)
    due = amplifier.read(timeout=0.5)

    assert nothing.chunks == ()
    assert [len(samples([reading])) for reading in (waited, due)] == [64, 32]
    assert amplifier.now == 0.75


def test_stamps_are_the_sample_number_over_the_sampling_rate():
    readings = everything(SimulatedAmplifier(FEW, duration=3.0), step=0.1)

    stamps = np.concatenate([chunk.stamps for reading in readings for chunk in reading.chunks])

    np.testing.assert_array_equal(stamps, np.arange(3 * 128) / 128)


def test_the_clock_refuses_to_go_back():
    amplifier = SimulatedAmplifier(FEW, start=5.0)

    with pytest.raises(ValueError, match=r"time=4.0 s must be finite and not before .* 5.0 s"):
        amplifier.advance_to(4.0)


def test_the_recording_ends_with_its_last_sample_and_for_good():
    amplifier = SimulatedAmplifier(FEW, duration=1.0)

    readings = everything(amplifier)
    amplifier.mark(Marker("note/late", 0.5, MARKERS))

    assert len(samples(readings)) == 128
    assert amplifier.read(timeout=1.0) is None
