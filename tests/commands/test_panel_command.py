"""The command `bci-online panel`: which session it finds, and what it says where it cannot."""

import os
import subprocess
import sys
from xml.etree.ElementTree import Element

import pytest

from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.commands.bodies.panel_window import UNMARKED_S, _sessions, _Sources
from bci_online.session_lines import EngineReady
from bci_online.session_state import SessionState


def stream(source_id: str) -> NetworkStream:
    header = StreamHeader(1, "", "Journal", source_id, 1, 0.0, "string", Element("info"), True)
    return NetworkStream(header, "host", "uid", None)


def test_sessions_are_recognised_by_their_journals_and_by_nothing_else():
    streams = [
        stream(source_id)
        for source_id in (
            "bci-online/tuesday/journal", "bci-online/monday/journal", "bci-online/monday/journal",
            "bci-online/monday/markers", "bci-online/a b/journal", "other/bci-online/x/journal", "",
        )
    ]  # fmt: skip

    assert _sessions(streams) == ["monday", "tuesday"]


class Seen:
    """What is known of a session."""

    def __init__(self):
        self.session, self.missing = "monday", ("markers", "decisions")


def names(source):
    return None if source is None else source._markers.names


def test_markers_of_the_session_that_come_a_moment_later_are_waited_for():
    seen, state, now = Seen(), SessionState(), [100.0]
    sources = _Sources(seen, state, lambda: now[0])
    assert sources.next() is None
    state.observe(EngineReady(0.0, "amp"), 0.0)
    now[0] = 200.0

    assert sources.next() is None
    now[0] += 0.9 * UNMARKED_S
    assert sources.next() is None
    seen.missing = ()
    own = ("bci-online/monday/markers", "bci-online/monday/frames")
    assert names(sources.next()) == own
    seen.missing = ("markers",)
    now[0] += 100.0
    assert sources.next() is None


def test_a_session_without_a_screen_has_the_markers_of_others():
    seen, state, now = Seen(), SessionState(), [100.0]
    sources = _Sources(seen, state, lambda: now[0])
    state.observe(EngineReady(0.0, "amp"), 0.0)
    sources.next()

    now[0] += 1.01 * UNMARKED_S

    assert names(sources.next()) == ()


@pytest.mark.live
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
