import pytest

from bci_online.sensor_names import same_sensors, sensor_place


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FZ", "Fz"),
        ("EEG Fz", "fz"),
        ("Fz.", "Fz"),
        ("EEG T3-Ref", "T7"),
        ("t6", "P8"),
        ("P7", "T5"),
        ("Cz-A1A2", "Cz"),
        ("PO7-M1+M2", "PO7"),
        ("EEG:Pz-Avg", "Pz"),
        ("Fz (uV)", "Fz"),
        ("EEG Cz-AR [1]", "Cz"),
        ("CP1-0", "CP1"),
    ],
)
def test_two_spellings_are_one_place(written, meant):
    assert sensor_place(written) == sensor_place(meant)


@pytest.mark.parametrize(
    "pair",
    [("P3", "P4"), ("T7", "TP7"), ("Ch1", "Ch2"), ("A1", "A2"), ("Fz-Cz", "Fz"), ("Fz-Cz", "Cz")],
)
def test_two_places_stay_two(pair):
    first, second = map(sensor_place, pair)

    assert first != second


def test_an_exact_name_is_preferred_and_no_two_become_one():
    assert same_sensors(("T7", "Fz"), ("T3", "T7", "FZ")) == {"T7": "T7", "Fz": "FZ"}
    assert same_sensors(("Cz",), ("cz", "CZ")) == {}
    assert same_sensors(("T3", "T7"), ("t7",)) == {}
