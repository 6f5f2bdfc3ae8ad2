"""A screen on the streams of its session, over real LSL."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from shown_frames import frames_until

from bci_online.acquisition.lsl import (
    Connection,
    TextInlet,
    TextOutlet,
    find_stream,
    local_clock,
    session_outlet,
    session_source_id,
)
from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.config import Config, Presentation
from bci_online.gui.bridge import ScreenLink
from bci_online.gui.frames.frame_clock import FrameClock
from bci_online.gui.frames.headless import run_headless
from bci_online.messages import DecisionLine
from bci_online.notes import LateFrame, Note, ScreenWaits
from bci_online.paradigms.p300.presentation import P300Presentation

pytestmark = pytest.mark.live

QUICK = Config(
    presentation=Presentation(
        flash_ms=17.0, gap_ms=17.0, repetitions=1, cue_s=0.05, decision_s=0.05, pause_s=0.05
    )
)


class Streams:
    """The other ends of a screen's streams."""

    def __init__(self) -> None:
        self.session = uuid.uuid4().hex[:8]
        self.control = ControlOutlet(self.session)
        self.decisions = session_outlet(self.session, "decisions")
        self.markers = TextInlet(session_source_id(self.session, "markers"))
        self.links: list[ScreenLink] = []

    def screen(self, mode: str, *words: str, config: Config = QUICK, **given: Any) -> ScreenLink:
        presentation = P300Presentation(config, mode, words)
        link = ScreenLink(self.session, presentation, decides=mode != "calibration", **given)
        self.links.append(link)
        assert self.markers.wait(10.0)
        return link

    def close(self) -> None:
        self.markers.close()
        self.control.close()
        self.decisions.close()
        for link in self.links:
            link.close()


@pytest.fixture
def streams() -> Iterator[Streams]:
    streams = Streams()
    yield streams
    streams.close()


def test_a_session_runs_from_the_command_to_its_end_and_marks_every_frame_that_matters(streams):
    link = streams.screen("calibration", "AB")
    frames_until(link, lambda: link.picture.state != "ready", lambda: streams.control.send("start"))

    run_headless(link, 60.0, local_clock)

    texts = []
    while not texts or not texts[-1].startswith("session/end"):
        came = [text for text, _ in streams.markers.read(5.0)]
        assert came
        texts += came
    texts = [text for text in texts if text != ScreenWaits().text()]
    assert texts[0].startswith("session/start/")
    assert texts[-1] == "session/end/done"
    assert sum(text.startswith("flash/") for text in texts) == 2 * 12
    assert link.summary().spelled == "AB"


def test_markers_carry_the_time_at_which_the_frame_was_shown(streams):
    link = streams.screen("calibration", "A")
    link.command("note", Note("hello"))

    link.step(100.0)
    link.shown(123.25)

    assert ("note/hello", pytest.approx(123.25)) in streams.markers.read(2.0)


def test_every_interval_leaves_and_a_beat_comes_ten_times_a_second(streams):
    beats: list[None] = []
    link = streams.screen("calibration", "A", beat=lambda: beats.append(None))
    connection = Connection(find_stream(session_source_id(streams.session, "frames"), 30.0))
    connection.establish(30.0, lambda: False)
    times = np.arange(1.0, 2.0, 1 / 60)
    intervals = np.empty((times.size - 1, 1))

    for now in times.tolist():
        link.step(now)
        link.shown(now)
    with ThreadPoolExecutor(1) as reader:
        stamps = reader.submit(connection.pull, intervals, 10.0)
        link.close()
    connection.close()

    np.testing.assert_allclose(stamps.result(), times[1:])
    np.testing.assert_allclose(intervals, 1000 / 60)
    assert 9 <= len(beats) <= 10


def test_a_late_frame_with_markers_is_flagged_and_one_without_is_not(streams):
    link = streams.screen("calibration", "A")
    link.step(1.0)
    link.shown(1.0, late=True)
    link.step(1.1)
    link.shown(1.1, late=True)  # nothing to flag
    link.command("note", Note("hello"))
    link.step(1.2)

    link.shown(1.3, late=True)

    waits, late = ScreenWaits().text(), LateFrame().text()
    expected = [waits, late, "note/hello", late]
    texts: list[str] = []
    while len(texts) < len(expected) and (came := streams.markers.read(5.0)):
        texts += [text for text, _ in came]
    assert texts + [text for text, _ in streams.markers.read(0.1)] == expected


def test_every_third_flash_a_refresh_late_is_counted_whole_and_brings_the_next_no_closer(streams):
    period = 1 / 60
    presentation = msgspec.structs.replace(QUICK.presentation, flash_ms=100.0, gap_ms=67.0)
    config = msgspec.structs.replace(QUICK, presentation=presentation)
    link = streams.screen("calibration", "AB", config=config)
    link.command("start")
    clock, now, n_late = FrameClock(period, locked=True), 0.0, 0
    lit: list[list[float]] = []

    while not link.finished:
        due, n = clock.due(now), link.summary().flashes
        picture = link.step(due)
        is_late = picture.flashes > n and picture.flashes % 3 == 0
        n_late += is_late
        now = due + is_late * period
        link.shown(now, late=clock.shown(now))
        if picture.flashes > n:
            lit.append([now, now])
        elif lit and not picture.lit and lit[-1][0] == lit[-1][1]:
            lit[-1][1] = now

    flashes = [round((off - on) / period) for on, off in lit]
    apart = [round((b[0] - a[0]) / period) for a, b in pairwise(lit[:12])]
    assert (set(flashes), min(apart)) == ({6}, 10)
    assert link.summary().late_flashes == n_late == 8


def test_nothing_starts_before_decisions_can_be_received(streams):
    streams.decisions.close()
    link = streams.screen("copy", "A")
    link.command("start")

    for _ in range(30):
        link.step(local_clock())
        link.shown(local_clock())
        time.sleep(0.01)

    assert link.picture.state == "ready"


@pytest.mark.parametrize(("late", "spelled"), [(False, "B"), (True, "")])
def test_a_decision_is_carried_out_unless_it_is_late(late, spelled, streams):
    link = streams.screen("copy", "AB")
    frames_until(link, lambda: link.picture.state == "flashing", lambda: link.command("start"))
    line = DecisionLine(value="B", trial=1, late=late)

    streams.decisions.push("{no JSON at all}")
    frames_until(
        link,
        lambda: link.picture.state in {"decided", "undecided"},
        lambda: streams.decisions.push(msgspec.json.encode(line).decode()),
    )

    assert link.picture.decision == spelled
    assert link.n_unread == 1


def test_commands_of_strangers_are_refused_and_counted(streams):
    source_id = session_source_id(streams.session, "control")
    stranger = TextOutlet("a stranger", "Control", source_id)
    link = streams.screen("calibration", "A")
    frames_until(
        link,
        lambda: link.summary().refused_lines >= 3,
        lambda: [stranger.push(line) for line in ('{"name":"abort"}', '{"name":"start"}', "")],
    )

    assert link.picture.state == "ready"
    frames_until(link, lambda: link.finished, lambda: streams.control.send("abort"))
    stranger.close()
