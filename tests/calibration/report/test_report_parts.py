"""What the pictures and words of a report rest on."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bci_online.channel_quality import ChannelQuality
from bci_online.config import DecoderHeader, HeldOut, LearningCurve, Preprocessing
from bci_online.page.blocks import facts, lines, paragraph, table
from calibration.head_pictures import placed
from calibration.networks.history import EpochRecord, History, learning_curve
from calibration.report.drawing import INK, drawn
from calibration.report.flashes import clustered_mean
from calibration.report.learning import draw_learning
from calibration.report.scalp import draw_map
from calibration.report.signal_quality import SignalQuality, states_of, typical_rms


def test_the_band_of_single_flashes_is_students_interval() -> None:
    values = np.random.default_rng(0).normal(size=(12, 3))

    mean, half = clustered_mean(values, np.arange(12))

    low, high = stats.t.interval(0.95, 11, values.mean(axis=0), stats.sem(values, axis=0))
    np.testing.assert_allclose(mean - half, low)
    np.testing.assert_allclose(mean + half, high)


@given(times=st.integers(2, 9))
def test_the_same_flash_again_in_its_letter_makes_no_band_narrower(times) -> None:
    values = np.random.default_rng(1).normal(size=(6, 2))

    once = clustered_mean(values, np.arange(6))
    again = clustered_mean(np.repeat(values, times, axis=0), np.repeat(np.arange(6), times))

    np.testing.assert_allclose(again, once)


def test_one_letter_has_no_band() -> None:
    assert np.isnan(clustered_mean(np.zeros((5, 2)), np.zeros(5, int))[1]).all()


def test_sensors_lie_where_the_10_10_system_has_them_and_each_place_is_taken_once() -> None:
    rows, places, nowhere = placed(["Oz", "X1", "cz", "C3", "C4", "T7", "T3"])

    assert rows == [0, 2, 3, 4, 5]
    assert nowhere == ["X1", "T3"]
    np.testing.assert_allclose(places[0], [0.0, -1.0], atol=1e-9)
    np.testing.assert_allclose(places[1], [0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(places[2] * [-1, 1], places[3], atol=1e-9)
    np.testing.assert_allclose(places[4], [-1.0, 0.0], atol=1e-9)


def test_without_any_known_place_there_is_none() -> None:
    rows, places, nowhere = placed(["1", "2"])

    assert (rows, places.shape, nowhere) == ([], (0, 2), ["1", "2"])


def test_text_is_escaped_wherever_it_goes_in() -> None:
    bad = "<script>&\"'"

    for html in (paragraph(bad), lines([bad]), facts([(bad, bad)]), table([bad], [[bad]], bad)):
        assert "<script>" not in html
        assert "&lt;script&gt;&amp;" in html


def test_a_picture_takes_the_pages_colours_and_is_described() -> None:
    picture = drawn(lambda figure: figure.text(0, 0, "<$x", color=INK), 1.0, 'a "b" <c>', "d")

    assert picture.svg.startswith('<svg role="img" aria-label="a &quot;b&quot; &lt;c&gt;"')
    assert "var(--ink)" in picture.svg
    assert INK not in picture.svg
    assert "&lt;$x" in picture.svg


def quality(name: str, **values: float | bool) -> ChannelQuality:
    good = {"rms": 10.0, "flat": False, "railing": False, "line_noise": 0.01}
    return ChannelQuality(name, **{**good, **values})


def test_what_is_wrong_with_a_channel_is_said_in_words() -> None:
    block = [
        quality("flat", rms=0.0, flat=True), quality("humming", line_noise=0.9),
        quality("railing", railing=True), quality("loud", rms=90.0),
        *map(quality, ("good", "fine", "well")),
    ]  # fmt: skip

    states = states_of([SignalQuality(20.0, [block, block])])

    told = {state.name: state.complaints(typical_rms(states)) for state in states}
    assert told["flat"].startswith("flat in 100 % of the time")
    assert told["humming"] == "90 % of its power is mains noise"
    assert told["railing"] == "at its limit in 100 %"
    assert told["loud"] == "9 times as loud as the median channel"
    assert told["good"] == ""


def test_channels_of_different_recordings_are_put_together_by_name() -> None:
    one = SignalQuality(10.0, [[quality("A", rms=1.0), quality("B", rms=2.0)]])
    two = SignalQuality(10.0, [[quality("B", rms=4.0), quality("A", rms=3.0, flat=True)]])

    states = {state.name: state for state in states_of([one, two])}

    assert (states["A"].rms, states["B"].rms) == (2.0, 3.0)
    assert (states["A"].flat, states["B"].flat) == (0.5, 0.0)
    assert states["A"].complaints(0.0) == pytest.approx("flat in 50 % of the time")


def history(norms: list[list[float]]) -> History:
    """Two passes of two steps each, with two losses."""
    losses = np.array([[4.0, 1.0], [2.0, 1.0], [2.0, 0.5], [1.0, 0.5]])
    epochs = tuple(
        EpochRecord(
            names=("triplet", "classification"), number=number, of=2,
            training=losses[2 * number - 2 : 2 * number].mean(axis=0),
            validation=np.array([1.0, 1 / 3]), weights=np.array([1.2, 0.8]), watched=1.0,
            accuracy=0.5, macro_f1=0.5, learning_rate=1e-3,
        )
        for number in (1, 2)
    )  # fmt: skip
    return History(
        names=epochs[0].names, losses=losses, weights=np.ones_like(losses), norms=np.array(norms),
        first_norms=np.array(norms[0]), epochs=epochs, best=epochs[1], n_not_finite=1,
    )  # fmt: skip


def test_a_learning_curve_has_a_row_a_pass_and_leaves_out_what_was_not_finite() -> None:
    curve = learning_curve(history([[1.0, np.nan], [3.0, np.nan], [np.nan, 2.0], [5.0, 4.0]]))

    assert curve.losses == ("triplet", "classification")
    assert curve.training == ((3.0, 1.0), (1.5, 0.5))
    assert curve.norms == ((2.0, None), (5.0, 3.0))
    assert curve.validation[0] == (1.0, 0.33333)
    assert curve.kept == 2


def test_a_training_without_norms_is_drawn_all_the_same() -> None:
    picture = draw_learning(learning_curve(history([[np.nan, np.nan]] * 4)))

    assert "gradient norm" not in picture.svg
    assert "classification" in picture.svg
    assert "the network of pass 2 was kept" in picture.caption


def test_what_was_held_out_and_learnt_stays_with_the_decoder() -> None:
    header = DecoderHeader(
        method="min2net", preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
        held_out=HeldOut(edges=(0.0, 1.0), target=(3,), nontarget=(5,)),
        learning=learning_curve(history([[1.0, 2.0]] * 4)),
    )  # fmt: skip

    again = msgspec.json.decode(msgspec.json.encode(header), type=DecoderHeader)

    assert again == header


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: HeldOut(edges=(0.0, 1.0), target=(3, 4), nontarget=(5,)), "2 edges must hold 1"),
        (lambda: curve_of(kept=2), "must be of the same passes"),
        (lambda: curve_of(norms=((1.0, 2.0),)), "every pass needs 1 values"),
        (lambda: curve_of(weights=()), "must be of the same passes"),
    ],
)
def test_counts_and_curves_that_do_not_hold_together_are_refused(made, said) -> None:
    with pytest.raises(ValueError, match=said):
        made()


def curve_of(**changes) -> LearningCurve:
    rows = ((1.0,),)
    parts = {"training": rows, "validation": rows, "weights": rows, "norms": rows, "kept": 1}
    return LearningCurve(losses=("classification",), **(parts | changes))


@pytest.mark.parametrize(
    ("names", "interpolates"),
    [
        ("Cz", False),
        ("TP9 AF7 AF8 TP10", False),
        ("Fpz AFz Fz FCz Cz CPz Pz POz Oz", False),
        ("Fp1 Fp2 F7 F8 T7 T8 P7 P8 O1 O2", False),
        ("Fp1 Fp2 F7 F8 T7 Cz T8 P7 P8 O1 O2", True),
        ("Fz C3 Cz C4 Pz PO7 Oz PO8", True),
    ],
)
def test_a_map_is_interpolated_only_where_sensors_lie_around_it(names, interpolates) -> None:
    _, places, _ = placed(names.split())
    values = np.linspace(-1, 1, len(places))

    picture = drawn(lambda f: draw_map(f.subplots(), f, values, places, "µV"), 3.0, "a", "b")

    # The colour bar is an image, too.
    assert (picture.svg.count("<image") == 2) == interpolates
