from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtGui import QRegion

from bci_online.gui.frames.frame_clock import FrameClock, FrameLoop, swaps_hold

PERIOD = 1 / 60


def run_through(clock: FrameClock, delays: list[float], start: float = 5.0) -> list[float]:
    """Show a frame `delay` seconds after each is due; return when they were due."""
    now, dues = start, []
    for delay in delays:
        dues.append(clock.due(now))
        now = max(now, dues[-1]) + delay
        clock.shown(now)
    return dues


@given(delays=st.lists(st.floats(0, 0.2), min_size=1, max_size=40))
def test_the_schedule_of_a_timer_is_absolute_however_slow_frames_are(delays):
    dues = run_through(FrameClock(PERIOD, locked=False), delays)

    places = [(due - 5.0) / PERIOD for due in dues]
    assert places == pytest.approx([round(place) for place in places], abs=1e-6)
    assert all(after - before > 0.5 for before, after in pairwise(places))


@given(delays=st.lists(st.floats(0, 0.2), min_size=2, max_size=40))
def test_a_frame_is_never_due_before_it_can_be_made(delays):
    for locked in (False, True):
        clock, now = FrameClock(PERIOD, locked=locked), 0.0
        for delay in delays:
            due = clock.due(now)
            assert due >= now
            now = due + delay
            clock.shown(now)


def test_a_slow_frame_delays_none_behind_it():
    delays = [0.0, 0.0, 2.2 * PERIOD, 0.0, 0.0]

    dues = run_through(FrameClock(PERIOD, locked=False), delays)

    assert [round((due - 5.0) / PERIOD) for due in dues] == [1, 2, 3, 6, 7]


def test_where_swaps_wait_for_the_display_a_frame_is_due_one_refresh_after_the_last_swap():
    clock = FrameClock(PERIOD, locked=True)
    clock.due(0.0)
    clock.shown(0.0123)

    assert clock.due(0.0125) == pytest.approx(0.0123 + PERIOD)


@pytest.mark.parametrize("locked", [True, False])
def test_a_frame_later_than_one_and_a_half_refreshes_after_the_last_is_late(locked):
    clock = FrameClock(PERIOD, locked=locked)
    clock.due(0.0)
    clock.shown(PERIOD)

    clock.due(PERIOD)
    on_time = clock.shown(PERIOD + 1.4 * PERIOD)
    due = clock.due(PERIOD + 1.4 * PERIOD)
    late = clock.shown(due + 0.6 * PERIOD)

    assert (on_time, late, clock.n_late, clock.n_frames) == (False, True, 1, 3)


def test_every_interval_is_kept():
    clock = FrameClock(0.01, locked=False)

    run_through(clock, [0.0, 0.001, 0.0, 0.0])

    assert list(clock.intervals) == pytest.approx([0.011, 0.009, 0.01])


@pytest.mark.parametrize(
    ("intervals", "refresh_hz", "holds"),
    [
        ([1 / 60] * 60, 60.0, True),
        ([1 / 59.94] * 60, 60.0, True),
        ([1 / 60] * 55 + [2 / 60] * 5, 60.0, True),
        ([1 / 144] * 60, 144.0, True),
        ([1 / 60] * 60, 0.0, True),
        ([0.0007] * 60, 60.0, False),
        ([1 / 60, 1.4 / 60] * 30, 60.0, False),
        ([1 / 60] * 60, 144.0, False),
        ([1 / 60] * 5, 60.0, False),
        ([], 60.0, False),
    ],
)
def test_swaps_hold_where_intervals_are_whole_refreshes(intervals, refresh_hz, holds):
    assert swaps_hold(intervals, refresh_hz) is holds


class Frames:
    """So many frames; one of them fails, if asked."""

    def __init__(self, n: int, failing: str = "") -> None:
        self.left, self.failing = n, failing
        self.late: list[bool] = []
        self.keys: list[int] = []
        self.hidden: list[bool] = []

    @property
    def done(self) -> bool:
        return self.left == 0

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        self.fail("prepare")
        return QRegion(0, 0, 1, 1)

    def paint(self, painter: object, region: QRegion) -> None:
        self.fail("paint")

    def shown(self, stamp: float, *, late: bool) -> None:
        self.fail("shown")
        self.left -= 1
        self.late.append(late)

    def hide(self, hidden: bool) -> None:
        self.hidden.append(hidden)

    def press(self, key: int) -> None:
        self.keys.append(key)

    def leave(self) -> None:
        self.left = 0

    def fail(self, where: str) -> None:
        if where == self.failing:
            raise OSError("the cable was pulled")


def looped(frames: Frames, stamps: list[float]) -> tuple[FrameLoop, list[BaseException | None]]:
    ends: list[BaseException | None] = []
    times = iter(stamps)
    loop = FrameLoop(FrameClock(0.01, locked=False), lambda: next(times), frames, ends.append)
    return loop, ends


def test_a_loop_ends_once_when_frames_are_done_and_says_which_were_late():
    frames = Frames(2)
    loop, ends = looped(frames, [0.0, 0.010, 0.011, 0.026, 0.027, 0.05])

    for _ in range(3):
        loop.begin(QSize(4, 3), 1.0)
        loop.swapped()

    assert frames.late == [False, True]
    assert ends == [None]


def test_that_a_window_is_hidden_is_reported_once_and_that_it_is_seen_again():
    frames = Frames(9)
    loop, _ = looped(frames, [0.01 * n for n in range(20)])

    for exposed in (True, True, False, False, True):
        loop.begin(QSize(4, 3), 1.0, exposed)
        loop.swapped()

    assert frames.hidden == [True, False]


@pytest.mark.parametrize("where", ["prepare", "paint", "shown"])
def test_an_error_ends_the_loop_and_is_handed_on_once(where):
    frames = Frames(5, failing=where)
    loop, ends = looped(frames, [0.01 * n for n in range(20)])

    for _ in range(3):
        loop.begin(QSize(4, 3), 1.0)
        loop.paint(None, QRegion())
        loop.swapped()
        loop.press(1)

    assert [str(error) for error in ends] == ["the cable was pulled"]
    assert frames.keys == []
