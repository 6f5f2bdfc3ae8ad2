"""The command `bci-online panel`: which session it finds, and what it says where it cannot."""

import os
import subprocess
import sys
from xml.etree.ElementTree import Element

import pytest

from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.commands.looking_on import _sessions


def stream(source_id: str) -> NetworkStream:
    header = StreamHeader(1, "", "Journal", source_id, 1, 0.0, "string", Element("info"), True)
    return NetworkStream(header, "host", "uid", None)


def test_sessions_are_told_by_their_journals_and_by_nothing_else():
    streams = [
        stream(source_id)
        for source_id in (
            "bci-online/tuesday/journal", "bci-online/monday/journal", "bci-online/monday/journal",
            "bci-online/monday/markers", "bci-online/a b/journal", "other/bci-online/x/journal", "",
        )
    ]  # fmt: skip

    assert _sessions(streams) == ["monday", "tuesday"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_without_a_display_it_says_so_in_one_line():
    kept = {name: value for name, value in os.environ.items()
            if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-m", "bci_online", "panel", "--session", "monday"],
        env=kept, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith("error: no display for the operator's panel")
    assert done.stderr.count("\n") == 1
