"""What is kept of a signal to draw it, and the image that is drawn of it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from bci_online.gui.panel.columns import ColumnExtremes
from bci_online.gui.panel.sample_times import SampleTimes
from bci_online.gui.panel.trace_image import TraceImage
from bci_online.gui.themes import THEMES

N_COLUMNS, PER_S, SFREQ = 40, 20.0, 100.0


def noise(n_times: int, n_channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n_times, n_channels)).astype(np.float32)


def kept(data: np.ndarray, times: np.ndarray, cuts: list[int]) -> ColumnExtremes:
    columns = ColumnExtremes(data.shape[1], N_COLUMNS, PER_S)
    for part, when in zip(np.split(data, cuts), np.split(times, cuts), strict=True):
        columns.push(part, when)
    return columns


@given(cuts=st.lists(st.integers(0, 700), max_size=8).map(sorted))
def test_columns_do_not_depend_on_how_the_signal_is_cut(cuts):
    data, times = noise(700), 1000.0 + np.arange(700) / SFREQ

    whole, parts = kept(data, times, []), kept(data, times, cuts)

    assert whole.newest == parts.newest
    for one, other in zip(
        whole.between(whole.newest - N_COLUMNS, whole.newest + 1),
        parts.between(whole.newest - N_COLUMNS, whole.newest + 1),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_columns_hold_the_smallest_and_largest_sample_of_their_time():
    data, times = noise(700), np.arange(700) / SFREQ
    columns = kept(data, times, [100, 101, 400])

    low, high = columns.between(columns.newest - N_COLUMNS + 1, columns.newest + 1)

    number = np.floor(times * PER_S)
    for place in range(N_COLUMNS):
        inside = data[number == columns.newest - N_COLUMNS + 1 + place]
        np.testing.assert_array_equal(low[place], inside.min(axis=0))
        np.testing.assert_array_equal(high[place], inside.max(axis=0))


def test_a_hole_stays_empty_and_what_is_too_old_is_gone():
    columns = ColumnExtremes(1, N_COLUMNS, PER_S)
    columns.push(noise(10, 1), np.arange(10) / SFREQ)
    columns.push(noise(10, 1), 1.0 + np.arange(10) / SFREQ, new_piece=True)

    low, _ = columns.between(0, 22)

    assert np.isnan(low[2:20]).all()
    assert np.isfinite(low[[0, 1, 20, 21]]).all()
    columns.push(noise(1, 1), np.array([60.0]), new_piece=True)
    assert np.isnan(columns.between(0, 22)[0]).all()


def test_what_changed_is_reported_and_nothing_else_changes():
    columns = ColumnExtremes(2, N_COLUMNS, PER_S)
    columns.push(noise(50, 2), np.arange(50) / SFREQ)
    before = columns.between(0, 10)[0].copy()

    first, stop = columns.push(noise(7, 2), 0.5 + np.arange(7) / SFREQ)

    assert (first, stop) == (10, 12)
    np.testing.assert_array_equal(columns.between(0, 10)[0], before)


def test_no_samples_change_nothing():
    columns = ColumnExtremes(2, N_COLUMNS, PER_S)

    assert columns.push(noise(0, 2), np.zeros(0)) == (0, 0)
    assert columns.newest == -1


def image_of(columns: ColumnExtremes, n_rows: int = 60) -> TraceImage:
    return TraceImage(columns, n_rows, 2, THEMES["dark"], per_row=4.0)


def test_an_image_drawn_column_by_column_is_that_drawn_at_once(qapp):
    data, times = noise(700), np.arange(700) / SFREQ
    columns = ColumnExtremes(3, N_COLUMNS, PER_S)
    stepwise = image_of(columns)
    for start in range(0, 700, 13):
        first, stop = columns.push(data[start : start + 13], times[start : start + 13])
        stepwise.draw(first, stop)

    whole = image_of(columns)
    whole.draw_all()

    # The oldest column has lost the one that it joined.
    oldest = (columns.newest + 1) % N_COLUMNS * 2
    rest = [x for x in range(whole.width) if not oldest <= x < oldest + 2]
    np.testing.assert_array_equal(stepwise._pixels[:, rest], whole._pixels[:, rest])
    assert len(np.unique(whole._pixels)) == 2


def test_traces_are_lines_without_holes(qapp):
    ramp = np.linspace(-8, 8, 200, dtype=np.float32)[:, np.newaxis]
    columns = ColumnExtremes(1, N_COLUMNS, PER_S)
    columns.push(ramp, np.arange(200) / SFREQ)
    image = TraceImage(columns, 90, 1, THEMES["dark"], per_row=20.0)

    image.draw_all()

    lit = image._pixels != image._pixels[0, 0]
    rows = [np.flatnonzero(column) for column in lit.T]
    assert all(row.size and np.all(np.diff(row) == 1) for row in rows)
    assert all(a.min() <= b.max() + 1 for a, b in pairwise(rows))


def test_the_newest_column_is_painted_at_the_right_end(qapp):
    columns = ColumnExtremes(1, N_COLUMNS, PER_S)
    image = image_of(columns)
    for start in (0.0, 2.5, 3.3):
        image.draw(*columns.push(noise(10, 1), start + np.arange(10) / SFREQ, new_piece=True))
    seen = QImage(image.width, image.height, QImage.Format.Format_RGB32)
    seen.fill(0)

    painter = QPainter(seen)
    image.paint(painter, 0, 0)
    painter.end()

    ground = seen.pixel(0, 0)
    lit = [x for x in range(image.width)
           if any(seen.pixel(x, y) != ground for y in range(image.height))]  # fmt: skip
    # 3.3 to 3.4 s are the last two columns, 2.5 to 2.6 s are 0.8 s before.
    assert lit == [44, 45, 46, 47, 76, 77, 78, 79]


@pytest.mark.parametrize("jitter", [0.0, 2e-3])
def test_sample_times_are_even_follow_the_stamps_and_jump_over_holes(jitter):
    rng = np.random.default_rng(1)
    stamps = 5.0 + np.arange(1000) / SFREQ + jitter * rng.normal(size=1000)
    times = SampleTimes(SFREQ)

    parts = [times.of(part) for part in np.split(stamps, 50)]
    after, hole = times.of(stamps[-1] + 3.0 + np.arange(10) / SFREQ)

    given = np.concatenate([part for part, _ in parts])
    assert [hole for _, hole in parts] == [True] + [False] * 49
    assert np.abs(given - stamps).max() < 5 * jitter + 1e-9
    assert np.abs(np.diff(given) - 1 / SFREQ).max() < jitter / 2 + 1e-9
    assert hole
    assert after[0] == pytest.approx(stamps[-1] + 3.0)
