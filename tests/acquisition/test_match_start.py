"""Markers whose clock was never compared begin with the EEG, if the configuration says so."""

import pytest
from foreign_session import amplifier, events, markers, times, written

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import EegStream, MarkerStream

MATCHED = MarkerStream(clock="match-start")


def opened(path, chosen) -> XdfSource:
    source = XdfSource(path, EegStream(), chosen)
    source.open()
    return source


def placed(source: XdfSource) -> list[float]:
    """Return common times of the markers: raw time and its stream's last offset."""
    offset, found = 0.0, []
    while (reading := source.read()) is not None:
        for one in reading.offsets:
            offset = one.value if one.stream == "markers" else offset
        found += [marker.time + offset for marker in reading.markers]
    return found


@pytest.mark.parametrize("away", [-1e5, 1.5e9])
def test_the_first_marker_comes_with_the_first_sample_and_the_others_keep_their_distance(
    away, tmp_path
):
    said = [(at + away, text) for at, text in events()]
    source = opened(written(tmp_path, amplifier(), markers(said)), MATCHED)

    assert [finding.kind for finding in source.findings] == []
    assert "markers.clock" in source.notes[0]
    found = placed(source)
    assert found[0] == pytest.approx(times()[0], abs=1e-6)
    assert found[-1] - found[0] == pytest.approx(events()[-1][0] - events()[0][0], abs=1e-5)


def test_markers_whose_clock_was_compared_stay_where_they_are(tmp_path):
    source = opened(written(tmp_path, amplifier(), markers()), MATCHED)

    assert source.notes == ()
    assert placed(source) == pytest.approx([at for at, _ in events()])


def test_without_the_key_nothing_is_moved_and_the_finding_names_it(tmp_path):
    said = [(at + 1e5, text) for at, text in events()]

    [finding] = opened(written(tmp_path, amplifier(), markers(said)), MarkerStream()).findings

    assert finding.kind == "clocks apart"
    assert 'markers.clock = "match-start"' in finding.setting
