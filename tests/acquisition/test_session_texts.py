"""The lines of a session are read from its recording, whatever else the file holds."""

import numpy as np
import pytest

from bci_online.acquisition.xdf.session_texts import read_session_texts
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf


@pytest.mark.parametrize("kind", ["markers", "decisions", "journal"])
def test_a_stream_of_numbers_under_a_sessions_name_has_no_lines(kind, tmp_path):
    own = f"bci-online/s/{kind}"
    forged = XdfStream("screen", "Markers", 0.0, [1.0, 2.0], np.ones((2, 1)), source_id=own)
    write_xdf(tmp_path / "forged.xdf", [forged])

    texts = read_session_texts(tmp_path / "forged.xdf")

    assert (texts.session, texts.lines) == ("s", ())
