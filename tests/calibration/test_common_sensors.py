import pytest

from bci_online.errors import RecordingError
from bci_online.sensor_names import sensor_place
from calibration.common_sensors import common_sensors


@pytest.mark.parametrize(
    ("written", "meant"),
    [("T3", "T7"), ("t5", "P7"), ("Fc5.", "FC5"), (" CZ ", "Cz"), ("T8", "T4")],
)
def test_a_sensor_is_known_by_any_of_its_spellings(written, meant):
    assert sensor_place(written) == sensor_place(meant)


def test_common_sensors_keep_the_new_subjects_order_and_spelling_and_are_said():
    common, notes = common_sensors(
        ["Oz", "Cz", "T3", "POz"], {"a": ["T7", "OZ", "CZ", "Fz"], "b": ["cz", "oz", "T3", "POz"]}
    )

    assert common == ("Oz", "Cz", "T3")
    assert notes[0] == "a: has 3 of the new subject's 4 sensors"
    assert notes[1] == "b: has 4 of the new subject's 4 sensors"
    assert notes[2] == "pooled on Oz Cz T3; dropped: POz"


def test_caps_without_common_sensors_are_refused_in_one_line_that_names_them():
    with pytest.raises(RecordingError, match=r"1 sensors are common.*C3 C4 Cz.*muse: TP9 Cz") as e:
        common_sensors(["C3", "C4", "Cz"], {"muse": ["TP9", "Cz"]})

    assert "\n" not in str(e.value)
