from dataclasses import replace

import numpy as np
import pytest
from recorded import AMPLIFIER, EVENTS, SAMPLES, STAMPS, joined, readings_of, texts, written

from bci_online.acquisition.channel_description import stream_spec
from bci_online.acquisition.stream_header import parse_header
from bci_online.acquisition.xdf import XdfSource


def test_the_description_is_read(tmp_path):
    amplifier = replace(AMPLIFIER, reference="A1", manufacturer="Maker", model="M1")
    source = XdfSource(written(tmp_path, amplifier, EVENTS))

    source.open()

    spec = source.spec
    assert (spec.name, spec.type, spec.source_id, spec.sfreq) == ("amp", "EEG", "amp-1", 100.0)
    assert spec.ch_names == ("Fz", "Cz", "Pz")
    assert spec.ch_types == ("EEG",) * 3
    assert (spec.reference, spec.amplifier, spec.unit) == ("A1", "Maker M1", "microvolts")
    assert source.n_samples == 1000
    assert source.duration_s == pytest.approx(10.0, abs=0.01)
    assert source.notes == ()


def test_unnamed_channels_are_numbered_and_names_given_twice_made_different(tmp_path):
    labels = ("Fz", "Fz", "")
    source = XdfSource(written(tmp_path, replace(AMPLIFIER, ch_names=labels)))

    source.open()

    assert source.spec.ch_names == ("Fz", "Fz-2", "3")


@pytest.mark.parametrize(
    ("unit", "factor", "said"),
    [
        ("microvolts", 1, "microvolts"), ("uV", 1, "microvolts"), ("Microvolt", 1, "microvolts"),
        ("\u00b5V", 1, "microvolts"), ("\u03bcV", 1, "microvolts"), ("V", 1e6, "microvolts"),
        ("volts", 1e6, "microvolts"), ("mV", 1e3, "microvolts"), ("nanovolts", 1e-3, "microvolts"),
        ("au", 1, "au"), ("a.u.", 1, "au"), ("", 1, "unknown"), ("unknown", 1, "unknown"),
        ("Counts", 1, "counts"),
    ],
)  # fmt: skip
def test_voltages_become_microvolts_and_other_units_are_said(tmp_path, unit, factor, said):
    source = XdfSource(written(tmp_path, replace(AMPLIFIER, unit=unit)))

    data, _ = joined(readings_of(source))

    assert source.spec.unit == said
    np.testing.assert_allclose(data, SAMPLES * np.float32(factor), rtol=1e-6)


def test_each_channel_has_its_own_factor_and_integers_keep_their_digits(tmp_path):
    steps = np.array([[1, 2, 3], [-4, 5, 6]], np.int16)
    amplifier = replace(
        AMPLIFIER, stamps=STAMPS[:2], data=steps, units=("mV", "uV", "steps"),
        ch_types=("EEG", "EEG", "AUX"),
    )  # fmt: skip
    source = XdfSource(written(tmp_path, amplifier))

    data, _ = joined(readings_of(source))

    assert source.spec.unit == "microvolts"
    np.testing.assert_array_equal(data, [[1000, 2, 3], [-4000, 5, 6]])


def test_one_eeg_channel_of_unknown_unit_makes_all_unknown_and_unchanged(tmp_path):
    source = XdfSource(written(tmp_path, replace(AMPLIFIER, units=("mV", "mV", ""))))

    data, _ = joined(readings_of(source))

    assert source.spec.unit == "unknown"
    np.testing.assert_array_equal(data, SAMPLES)


@pytest.mark.parametrize(
    "desc",
    [
        "<channels/>", "words", "<channels><channel/></channels>", "<a>" * 3000 + "</a>" * 3000,
        "<channels><channel><label>\u202e[/bold]\u0085x</label></channel></channels>",
        "<channels><channel><label>broken", "&unknown;", "<reference><label/></reference>",
        "<channels>" + "<channel><label>L</label></channel>" * 50 + "</channels>",
    ],
)  # fmt: skip
def test_no_description_makes_a_recording_unreadable(tmp_path, desc):
    source = XdfSource(written(tmp_path, replace(AMPLIFIER, desc=desc)))

    data, _ = joined(readings_of(source))

    np.testing.assert_array_equal(data, SAMPLES)
    assert len(set(source.spec.ch_names)) == 3
    assert all(name.isprintable() for name in source.spec.ch_names)


def test_text_from_the_file_holds_no_control_characters(tmp_path):
    events = replace(EVENTS, data=["\x1b[31mred\n", *EVENTS.data[1:]])
    amplifier = replace(AMPLIFIER, name="a\u2028b\u202ec", source_id="x" * 500)
    source = XdfSource(written(tmp_path, amplifier, events))

    readings = readings_of(source)

    assert texts(readings)[0] == "[31mred"
    assert source.spec.name == "abc"
    assert len(source.spec.source_id) < 100


def header(*channels: str) -> bytes:
    described = "".join(f"<channel>{text}</channel>" for text in channels)
    return (
        f"<info><channel_count>{len(channels)}</channel_count><name>amp</name><type>EEG</type>"
        "<channel_format>float32</channel_format><nominal_srate>100</nominal_srate>"
        f"<desc><channels>{described}</channels></desc></info>"
    ).encode()


@pytest.mark.parametrize(
    ("channels", "impedances"),
    [
        (("<impedance>4.5</impedance>", "<impedance> 12 </impedance>"), (4.5, 12.0)),
        (("<impedance>4.5</impedance>", "<label>Cz</label>"), (4.5, None)),
        (("<impedance>open</impedance>", "<impedance>-1</impedance>"), ()),
        (("<impedance>nan</impedance>", "<impedance>inf</impedance>"), ()),
    ],
)
def test_impedances_are_read_where_the_stream_gives_them(channels, impedances):
    spec = stream_spec(parse_header(header(*channels), 1)).spec

    assert spec.impedances == impedances


def header_xml(**fields: str) -> bytes:
    own = {
        "name": "amp", "type": "EEG", "channel_count": "3", "nominal_srate": "250",
        "channel_format": "float32",
    }  # fmt: skip
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in (own | fields).items())
    return f"<info>{inner}</info>".encode()


@pytest.mark.parametrize("n_channels", ["10001", "999999999", "9" * 400, "0", "-1"])
def test_a_header_with_an_impossible_number_of_channels_is_refused(n_channels):
    with pytest.raises(ValueError, match="is impossible"):
        parse_header(header_xml(channel_count=n_channels), number=1)

    assert parse_header(header_xml(channel_count="10000"), number=1).n_channels == 10_000


def test_a_header_longer_than_any_description_is_not_parsed():
    with pytest.raises(ValueError, match="at most 16777216 are read"):
        parse_header(header_xml(desc="<a/>" * (1 << 22)), number=1)


def test_a_long_name_is_cut():
    assert len(parse_header(header_xml(name="n" * 100_000), number=1).name) == 80
