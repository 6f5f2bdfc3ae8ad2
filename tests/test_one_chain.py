"""Live, replayed and offline processing give the same epochs and the same decisions."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from recorded_signal import RecordedSignal, ran

from bci_online.config import Config, DecoderHeader, LayoutSpec
from bci_online.decoding.linear import LinearDecoder
from bci_online.markers import Flash, parse_marker
from bci_online.messages import EEG, MARKERS, ClockOffset, Gap, Rejected, Retracted
from calibration.p300.fitted import FittedDecoder
from calibration.p300.fitting import LinearMethod
from calibration.p300.labelled_epochs import labelled_epochs
from calibration.p300.recorded_epochs import epochs_of

CONFIG = Config()
BCI2000_ROWS = ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789?")
BCI2000 = Config(layout=LayoutSpec(rows=BCI2000_ROWS, numbering="rows-first"))


def decoder_of(fitted: FittedDecoder, config: Config) -> LinearDecoder:
    """Return the online form, without the file in between."""
    header = DecoderHeader(
        method="lda",
        preprocessing=fitted.preprocessing,
        layout=config.layout,
        stopping=config.stopping,
        evidence=fitted.evidence,
    )
    return LinearDecoder(header, fitted.arrays())


@pytest.fixture(scope="module")
def wadsworth(data_dir: Path) -> RecordedSignal:
    return RecordedSignal.of(data_dir / "p300_wadsworth/sub-01_ses-11_run-01.xdf")


@pytest.fixture(scope="module")
def decoder(data_dir: Path) -> LinearDecoder:
    """Trained on another session, on a few sensors to be quick."""
    config = msgspec.structs.replace(
        CONFIG, eeg=msgspec.structs.replace(CONFIG.eeg, channels=("Fz", "Cz", "Pz", "PO7", "PO8"))
    )
    recorded = epochs_of(sorted((data_dir / "p300_wadsworth").glob("*ses-10*.xdf")), config)
    rows = np.arange(len(recorded.all()))
    return decoder_of(LinearMethod(name="lda").fit(recorded, rows, config), config)


@pytest.fixture(scope="module")
def whole(decoder: LinearDecoder, wadsworth: RecordedSignal):
    return ran(decoder, wadsworth)


def same(found, expected) -> None:
    """Compare scores bit by bit, and decisions whole."""
    assert found.scores.keys() == expected.scores.keys()
    for marker, score in expected.scores.items():
        np.testing.assert_array_equal(found.scores[marker].values, score.values)
        assert found.scores[marker].onset == score.onset
    assert found.decisions == expected.decisions


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [pytest.param(1, marks=pytest.mark.slow), 7, 32, 1000])
def test_decisions_do_not_depend_on_how_the_recording_is_cut(
    decoder, wadsworth, whole, chunk_n
) -> None:
    found = ran(decoder, wadsworth, chunk_n)

    same(found, whole)
    assert len(whole.decisions) == 3
    assert len(whole.scores) == 540


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [23, 1000])
def test_offline_arrays_are_the_online_epochs(data_dir, chunk_n) -> None:
    path = data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"
    signal = RecordedSignal.of(path)

    class Pieces:
        spec = signal.spec
        findings = notes = ()

        def open(self) -> None:
            self.readings = signal.readings(chunk_n)

        def read(self, timeout: float = 0.0):
            return next(self.readings, None)

        def close(self) -> None: ...

    offline = epochs_of([path], BCI2000).all()
    online = labelled_epochs([("pieces", Pieces())], BCI2000)

    np.testing.assert_array_equal(online.X, offline.X)
    np.testing.assert_array_equal(online.y, offline.y)
    np.testing.assert_array_equal(online.letter, offline.letter)
    assert len(offline) == 720


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.1, 0.5])
def test_a_marker_that_arrives_late_changes_no_score_and_no_decision(
    decoder, wadsworth, whole, delay_s
) -> None:
    rng = np.random.default_rng(0)
    delays = rng.uniform(0, delay_s, len(wadsworth.markers))

    found = ran(decoder, replace(wadsworth, delays=delays), chunk_n=32)

    same(found, whole)


def wandering(signal: RecordedSignal, size: float) -> RecordedSignal:
    """Let both clock offsets wander by about `size` seconds."""
    rng = np.random.default_rng(1)
    offsets = tuple(
        ClockOffset(offset.stream, offset.time, offset.value + rng.uniform(-size, size))
        for offset in signal.offsets
    )
    return replace(signal, offsets=offsets)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1e-4, 1e-3])
def test_wandering_clock_offsets_give_the_same_decisions_at_any_cut(
    decoder, wadsworth, size
) -> None:
    signal = wandering(wadsworth, size)

    whole = ran(decoder, signal)
    pieces = ran(decoder, signal, chunk_n=7)

    same(pieces, whole)
    assert {offset.stream for offset in signal.offsets} == {EEG, MARKERS}


@pytest.mark.slow
@pytest.mark.parametrize("error", [2e-3, -2e-3])
def test_clock_offsets_wrong_by_less_than_half_a_sample_change_no_score(
    decoder, wadsworth, whole, error
) -> None:
    """These markers lie on samples, which are 4.2 ms apart."""
    wrong = tuple(
        msgspec.structs.replace(offset, value=offset.value + error * (offset.stream == MARKERS))
        for offset in wadsworth.offsets
    )

    found = ran(decoder, replace(wadsworth, offsets=wrong))

    assert found.scores.keys() == whole.scores.keys()
    for marker, score in whole.scores.items():
        np.testing.assert_array_equal(found.scores[marker].values, score.values)
    assert found.letters == whole.letters


def test_one_wrong_measurement_moves_onsets_only_until_the_third_outvotes_it(
    decoder, wadsworth, whole
) -> None:
    """Two measurements are averaged: 6 ms become 3 ms, which is more than half a sample."""
    n_markers_before, wrong = 0, []
    for offset in wadsworth.offsets:
        n_markers_before += offset.stream == MARKERS
        is_second = offset.stream == MARKERS and n_markers_before == 2
        wrong.append(msgspec.structs.replace(offset, value=offset.value + 6e-3 * is_second))
    times = [offset.time for offset in wadsworth.offsets if offset.stream == MARKERS]

    found = ran(decoder, replace(wadsworth, offsets=tuple(wrong)))

    moved = [m for m, s in whole.scores.items() if found.scores[m].onset != s.onset]
    assert moved == [m for m in whole.scores if times[1] <= m.time < times[2]]
    assert {found.scores[m].onset - whole.scores[m].onset for m in moved} == {1}


@pytest.mark.slow
def test_markers_beside_the_sample_grid_give_the_same_decisions_at_any_cut_and_delay(
    decoder, wadsworth
) -> None:
    rng = np.random.default_rng(2)
    moved = [
        msgspec.structs.replace(marker, time=marker.time + rng.uniform(0, 1 / 240))
        for marker in wadsworth.markers
    ]
    signal = wadsworth.with_markers(moved)
    late = replace(signal, delays=rng.uniform(0, 0.5, len(moved)))

    whole = ran(decoder, signal)

    same(ran(decoder, signal, chunk_n=7), whole)
    same(ran(decoder, late, chunk_n=32), whole)


def test_decisions_stay_when_every_label_is_unknown(decoder, wadsworth, whole) -> None:
    hidden = []
    for marker in wadsworth.markers:
        event = parse_marker(marker.text)
        text = Flash(event.code, None).text() if isinstance(event, Flash) else marker.text
        text = "trial/start/?" if text.startswith("trial/start") else text
        hidden.append(msgspec.structs.replace(marker, text=text))

    found = ran(decoder, wadsworth.with_markers(hidden))

    assert [d.value for d in found.decisions] == [d.value for d in whole.decisions]
    assert [d.confidence for d in found.decisions] == [d.confidence for d in whole.decisions]
    assert {d.truth for d in found.decisions} == {""}


@pytest.mark.slow
@pytest.mark.parametrize(("n_lost", "bridged"), [(8, True), (100, False), (1000, False)])
def test_lost_samples_are_reported_at_once_and_nothing_is_made_of_them(
    decoder, wadsworth, whole, n_lost, bridged
) -> None:
    first = 12_000
    cut = wadsworth.without(first, n_lost)

    found = ran(decoder, cut, chunk_n=32)

    (gap,) = found.of(Gap)
    assert (gap.n_lost, gap.bridged, gap.late) == (n_lost, bridged, False)
    assert not found.of(Retracted)
    reasons = {message.reason for message in found.of(Rejected)}
    assert reasons == ({"gap"} if bridged else {"gap", "settling"})
    # Later scores differ by what the hole left in the filter, and that dies away.
    hole = wadsworth.stamps[first] + 0.0031
    for marker, score in whole.scores.items():
        onset = marker.time - 0.0042
        if onset + 0.76 < hole:
            np.testing.assert_array_equal(found.scores[marker].values, score.values)
        elif onset > hole + n_lost / 240 + 12:
            np.testing.assert_allclose(found.scores[marker].values, score.values, atol=1e-6)
    # The hole lies in the second letter.
    assert found.letters[0] + found.letters[2] == whole.letters[0] + whole.letters[2]


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [8, 30])
def test_chunk_jitter_without_loss_is_no_gap(decoder, wadsworth, whole, chunk_n) -> None:
    rng = np.random.default_rng(3)
    late = rng.uniform(0, 0.05, len(wadsworth.stamps) // chunk_n + 1)
    stamps = wadsworth.stamps + late[np.arange(len(wadsworth.stamps)) // chunk_n]

    found = ran(decoder, replace(wadsworth, stamps=stamps), chunk_n)

    assert not found.of(Gap)
    assert not found.of(Rejected)
    assert len(found.scores) == len(whole.scores)


@pytest.mark.slow
def test_a_loss_in_jittered_stamps_is_found_late_and_its_epochs_are_retracted(
    decoder, wadsworth
) -> None:
    rng = np.random.default_rng(4)
    late = rng.uniform(0, 0.005, len(wadsworth.stamps) // 8 + 1)
    stamps = wadsworth.stamps + late[np.arange(len(wadsworth.stamps)) // 8]
    cut = replace(wadsworth, stamps=stamps).without(12_000, 50)

    by_eight = ran(decoder, cut, chunk_n=8)
    by_thousand = ran(decoder, cut, chunk_n=1000)

    (gap,) = by_eight.of(Gap)
    assert gap.late
    assert abs(gap.n_lost - 50) <= 1
    assert by_eight.of(Retracted)
    assert by_eight.of(Retracted) == by_thousand.of(Retracted)
    same(by_eight, by_thousand)


@pytest.mark.slow
def test_a_stream_with_other_sensors_beside_in_another_order_decides_the_same(
    decoder, wadsworth, whole
) -> None:
    order = np.random.default_rng(5).permutation(len(wadsworth.spec.ch_names))
    spec = msgspec.structs.replace(
        wadsworth.spec, ch_names=tuple(wadsworth.spec.ch_names[i] for i in order)
    )
    chosen = [wadsworth.spec.ch_names.index(n) for n in decoder.header.preprocessing.ch_names]
    alone = msgspec.structs.replace(
        spec, ch_names=decoder.header.preprocessing.ch_names, ch_types=("EEG",) * len(chosen)
    )

    shuffled = ran(decoder, replace(wadsworth, spec=spec, data=wadsworth.data[:, order]))
    only = ran(decoder, replace(wadsworth, spec=alone, data=wadsworth.data[:, chosen]))

    same(shuffled, whole)
    same(only, whole)
