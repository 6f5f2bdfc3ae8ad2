"""Which channels of a stream are electrodes, and how many microvolts their samples are."""

from dataclasses import replace

import numpy as np
import pytest
from recorded import AMPLIFIER, EVENTS, SAMPLES, STAMPS, joined, readings_of
from recorded import written as written_streams

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream
from bci_online.config import Config, EegStream, preprocessing_for
from bci_online.errors import RecordingError
from bci_online.runtime.sources import recording
from bci_online.sensor_names import other_than_sensors

LABELS = ("Fz", "Cz", "Pz", "Oz")
ANY_EEG = EegStream()


def amplifier(
    ch_names: tuple[str, ...],
    units: tuple[str, ...] = (),
    ch_types: tuple[str, ...] = (),
    type: str = "EEG",
    **changes,
) -> XdfStream:
    data = np.random.default_rng(0).normal(size=(STAMPS.size, len(ch_names)))
    own = {"ch_names": ch_names, "units": units, "ch_types": ch_types, "type": type, "data": data}
    return replace(AMPLIFIER, **(own | changes))


def written(folder, stream: XdfStream):
    return written_streams(folder, stream, EVENTS)


def opened(path, eeg: EegStream = ANY_EEG) -> XdfSource:
    source = recording(path, Config(eeg=eeg), chunk_s=1.0)
    source.open()
    return source


def sensors(source: XdfSource, eeg: EegStream = ANY_EEG) -> tuple[str, ...]:
    return preprocessing_for(Config(eeg=eeg), source.spec).ch_names


def test_names_and_units_of_others_are_left_out_and_named(tmp_path):
    names = ("Timestamp", "Counter", *LABELS, "HardwareMarker")
    units = ("seconds", "", *["microvolts"] * 4, "")

    source = opened(written(tmp_path, amplifier(names, units)))

    assert sensors(source) == LABELS
    assert source.spec.unit == "microvolts"
    said = " | ".join(finding.text for finding in source.findings)
    assert all(name in said for name in ("Timestamp", "Counter", "HardwareMarker", "'seconds'"))
    assert {finding.kind for finding in source.findings} == {"no electrode"}


def test_what_the_configuration_names_wins(tmp_path):
    eeg = EegStream(channels=("Cz", "Trig1"))

    source = opened(written(tmp_path, amplifier((*LABELS, "Trig1"))), eeg)

    assert sensors(source, eeg) == ("Cz", "Trig1")
    assert source.findings == ()


@pytest.mark.parametrize(
    ("names", "others"),
    [
        (("EEG 1", "EEG 2", "Accelerometer X", "Battery Level", "Validation Indicator"), (2, 3, 4)),
        (("EEG Fz-A1", "Cz-REF", "fp1.", "FFC1h", "T3", "Pz-2"), ()),
        (("Fz", "Cz", "Pz", "REF", "X7"), (3, 4)),
        (("Fz", "A1", "Ch3", "Ch4"), ()),
        (("A1", "A2", "A3", "A4"), ()),
        (("C1", "C2", "TRG", "timeStamp"), (2, 3)),
        (("TRG", "Counter"), ()),
    ],
)
def test_a_name_is_none_of_a_sensor_beside_names_that_are(names, others):
    assert other_than_sensors(names) == {names[place] for place in others}


def test_channels_without_a_type_are_eeg_in_a_stream_of_another_type(tmp_path):
    path = written(tmp_path, amplifier(LABELS, type="signal", ch_types=("", "", "signal", "EOG")))
    eeg = EegStream(type="signal")

    assert sensors(opened(path, eeg), eeg) == LABELS[:3]


def test_a_stream_without_eeg_is_refused_with_all_its_channels(tmp_path):
    source = opened(written(tmp_path, amplifier(("A", "B"), ch_types=("AUX", "EOG"))))

    with pytest.raises(RecordingError, match=r"it has A \(AUX\), B \(EOG\)"):
        sensors(source)


@pytest.mark.parametrize("exclude", [(), ("TRG",)])
def test_a_channel_that_does_not_take_part_decides_no_unit(tmp_path, exclude):
    path = written(tmp_path, amplifier((*LABELS, "TRG"), units=("V",) * 4 + ("code",)))

    source = opened(path, EegStream(exclude=exclude))

    assert source.spec.unit == "microvolts"
    assert source.spec.no_voltages == ("TRG",)


def test_integers_are_multiplied_by_their_scaling_factor_and_fractions_are_not(tmp_path):
    part = "<channel><label>{}</label><unit>mV</unit><scaling_factor>0.5</scaling_factor></channel>"
    desc = f"<channels>{''.join(map(part.format, ('Fz', 'Cz', 'Pz')))}</channels>"
    steps = np.arange(3 * STAMPS.size, dtype=np.int16).reshape(-1, 3)

    read = {
        data.dtype: joined(
            readings_of(opened(written(tmp_path, replace(AMPLIFIER, desc=desc, data=data))))
        )[0]
        for data in (steps, SAMPLES)
    }

    np.testing.assert_array_equal(read[steps.dtype], 500.0 * steps)
    np.testing.assert_allclose(read[SAMPLES.dtype], 1000 * SAMPLES, rtol=1e-6)


def test_the_unit_of_the_configuration_holds_whatever_the_stream_states(tmp_path):
    source = opened(written(tmp_path, AMPLIFIER), EegStream(unit="volts"))

    data, _ = joined(readings_of(source))

    assert source.spec.unit == "microvolts"
    np.testing.assert_allclose(data, 1e6 * SAMPLES, rtol=1e-6)


def test_labels_that_belong_to_other_channels_are_reported_and_judge_none(tmp_path):
    names = ("REF", "GND", *LABELS)
    parts = "".join(f"<channel><label>{name}</label></channel>" for name in names)
    desc = f"<channels>{parts}</channels>"

    source = opened(written(tmp_path, amplifier(LABELS, desc=desc)))

    assert sensors(source) == names[:4]
    (finding,) = source.findings
    assert finding.kind == "channels unmatched"
    assert "6 channels are described, 4 recorded" in finding.text
