import io
import logging
import struct

import numpy as np
import pytest
import pyxdf
from hypothesis import given
from hypothesis import strategies as st
from recorded import AMPLIFIER, written

from bci_online.acquisition.stream_header import SAMPLE_TYPES
from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.chunks import scan
from bci_online.acquisition.xdf.file import load_streams
from bci_online.acquisition.xdf.writer import chunk
from bci_online.errors import RecordingError

CHUNKS = st.lists(st.lists(st.booleans(), max_size=6), min_size=1, max_size=6)


def file_of(flags: list[list[bool]], sample_type: str, n_channels: int, sfreq: float) -> bytes:
    """Return a file whose samples have a stamp where their flag says so."""
    rng = np.random.default_rng(0)
    xml = (
        f"<info><name>a</name><type>EEG</type><channel_count>{n_channels}</channel_count>"
        f"<nominal_srate>{sfreq}</nominal_srate><channel_format>{sample_type}</channel_format>"
        "</info>"
    )
    content = b"XDF:" + chunk(1, b"<info/>") + chunk(2, struct.pack("<I", 1) + xml.encode())
    content += chunk(4, struct.pack("<Idd", 1, 5.0, -0.25))
    for of_chunk in flags:
        body = struct.pack("<IBB", 1, 1, len(of_chunk))
        for is_stamped in of_chunk:
            # The last byte of a stamp of 0 looks like the flag of a sample without one.
            stamp = rng.normal(100) * rng.integers(2)
            body += b"\x08" + struct.pack("<d", stamp) if is_stamped else b"\x00"
            body += (100 * rng.normal(size=n_channels)).astype(SAMPLE_TYPES[sample_type]).tobytes()
        content += chunk(3, body)
    return content


@pytest.mark.filterwarnings("ignore::RuntimeWarning:pyxdf")
@given(CHUNKS, st.sampled_from(sorted(SAMPLE_TYPES)), st.integers(1, 3), st.sampled_from([0, 7.0]))
def test_samples_and_stamps_are_those_of_pyxdf_to_the_last_bit(
    tmp_path_factory, flags, sample_type, n_channels, sfreq
):
    content = file_of(flags, sample_type, n_channels, sfreq)
    path = tmp_path_factory.mktemp("rows") / "a.xdf"
    path.write_bytes(content)
    logging.disable(logging.CRITICAL)
    (theirs,), _ = pyxdf.load_xdf(
        io.BufferedReader(io.BytesIO(content)), synchronize_clocks=False, dejitter_timestamps=False
    )
    logging.disable(logging.NOTSET)

    with path.open("rb") as file:
        contents = scan(file)
        ours = load_streams(file, contents, [1])[1]

    rows = ours["time_series"]
    assert contents.notes == []
    np.testing.assert_array_equal(rows[:], theirs["time_series"])
    for start in range(len(rows)):
        np.testing.assert_array_equal(rows[start : start + 4], theirs["time_series"][start:][:4])
    assert rows.dtype == theirs["time_series"].dtype or not len(rows)
    np.testing.assert_array_equal(ours["time_stamps"], theirs["time_stamps"])
    for part in ("clock_times", "clock_values"):
        assert ours[part] == theirs[part]


def test_a_file_that_becomes_shorter_while_it_is_played_is_one_line(tmp_path):
    path = written(tmp_path, AMPLIFIER)
    source = XdfSource(path)
    source.open()
    source.read()

    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)

    with pytest.raises(RecordingError, match=r"recording\.xdf: has changed while it was read"):
        list(iter(source.read, None))


def test_what_was_delivered_stays_after_the_recording_is_closed(tmp_path):
    path = written(tmp_path, AMPLIFIER)
    source = XdfSource(path)
    source.open()
    chunk_ = source.read().chunks[0]
    kept = chunk_.data.copy()

    source.close()
    path.unlink()

    np.testing.assert_array_equal(chunk_.data, kept)
    assert not chunk_.data.flags.writeable
