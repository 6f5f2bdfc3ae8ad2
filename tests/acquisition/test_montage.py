import mne
import numpy as np
import pytest

from bci_online.acquisition.montage import located, sensor_positions, topography
from bci_online.errors import ConfigError


def angle(first: str, second: str) -> float:
    one, other = located([first, second])
    return float(np.degrees(np.arccos(one @ other)))


def test_every_position_is_on_the_unit_sphere():
    lengths = [np.linalg.norm(place) for place in sensor_positions().values()]

    np.testing.assert_allclose(lengths, 1, atol=1e-12)


@pytest.mark.parametrize(("left", "right"), [("F3", "F4"), ("PO7", "PO8"), ("T9", "T10")])
def test_left_and_right_mirror_each_other(left, right):
    one, other = located([left, right])

    np.testing.assert_allclose(one * (-1, 1, 1), other, atol=1e-12)
    assert one[0] < 0


@pytest.mark.parametrize(("front", "back"), [("F5", "P5"), ("AFz", "POz"), ("Fp1", "O1")])
def test_front_and_back_mirror_each_other(front, back):
    one, other = located([front, back])

    np.testing.assert_allclose(one * (1, -1, 1), other, atol=1e-12)
    assert one[1] > 0


@pytest.mark.parametrize(
    ("first", "second", "degrees"),
    [("Cz", "Fz", 36), ("Cz", "C3", 36), ("Cz", "T7", 72), ("Fpz", "Oz", 144), ("Nz", "Iz", 180)],
)
def test_distances_are_those_of_the_ten_percent_steps(first, second, degrees):
    assert angle(first, second) == pytest.approx(degrees, abs=1e-4)


def test_a_row_is_cut_into_equal_steps():
    steps = [angle(*pair) for pair in (("F7", "F5"), ("F5", "F3"), ("F3", "F1"), ("F1", "Fz"))]

    assert steps == pytest.approx([steps[0]] * 4)


def test_older_names_and_any_case_are_the_same_places():
    np.testing.assert_array_equal(located(["T3", "fz", "CPZ"]), located(["T7", "Fz", "CPz"]))


@pytest.mark.parametrize("ch_names", [["Cz", "EEG 7"], ["Cz", "CZ"], []])
def test_a_name_that_is_no_position_is_refused_with_the_way_out(ch_names):
    with pytest.raises(ConfigError, match=r"must be different positions of the 10-10 system, such"):
        located(ch_names)


def test_a_source_reaches_its_own_place_fully_and_farther_ones_less():
    places = located(["Pz", "P1", "P3", "P7"])

    heights = topography(places, places[:1], width=30)[0]

    assert heights[0] == 1
    assert np.all(np.diff(heights) < 0)


@pytest.mark.skipif(
    "spherical_1005" not in mne.channels.get_builtin_montages(), reason="MNE has it from 1.13 on"
)
def test_the_places_are_those_of_mne_to_its_four_decimals():
    theirs = mne.channels.make_standard_montage("spherical_1005").get_positions()["ch_pos"]
    both = sorted(theirs.keys() & sensor_positions().keys())

    assert len(both) == len(sensor_positions()) - len({"Nz", "T3", "T4", "T5", "T6", "M1", "M2"})
    expected = np.array([theirs[name] / np.linalg.norm(theirs[name]) for name in both])
    np.testing.assert_allclose(located(both), expected, atol=1e-4)
