import math

import numpy as np
import pytest

from bci_online.preprocessing.time_line import TimeLine

PERIOD = 1 / 256
FREE = 1e3  # a period that may be anything


def learned(stamps, block=64, n_blocks=math.inf, period_sd=FREE) -> TimeLine:
    line = TimeLine(PERIOD, period_sd, n_blocks)
    line.reference = stamps[0]
    for start in range(0, stamps.size, block):
        positions = np.arange(min(block, stamps.size - start), dtype=float)
        line.learn(positions, stamps[start : start + block] - line.at(positions))
        line.advance(positions.size)
    return line


def jittered(n=640, period=1.01 * PERIOD) -> np.ndarray:
    return 100 + np.arange(n) * period + np.random.default_rng(0).normal(scale=0.002, size=n)


@pytest.mark.parametrize("block", [64, 640, 33])
def test_without_forgetting_it_is_the_least_squares_line_however_it_was_learned(block):
    stamps = jittered()

    line = learned(stamps, block)

    slope, intercept = np.polyfit(np.arange(stamps.size) - stamps.size, stamps, 1)
    assert line.period == pytest.approx(slope, rel=1e-6)
    assert line.reference == pytest.approx(intercept, abs=1e-7)


def test_with_forgetting_later_blocks_weigh_more():
    stamps = np.concatenate([np.arange(640) * PERIOD, 640 * PERIOD + np.arange(640) * 2 * PERIOD])

    assert learned(stamps, n_blocks=1.4).period == pytest.approx(2 * PERIOD, rel=0.02)
    assert PERIOD < learned(stamps).period < 1.9 * PERIOD


def test_a_period_that_is_known_well_is_kept_against_noise():
    kept, free = (abs(learned(jittered(64, PERIOD), period_sd=sd).period - PERIOD)
                  for sd in (1e-8, FREE))  # fmt: skip

    assert kept < 1e-9 < free


def test_what_is_forgotten_no_longer_moves_the_line():
    rough, smooth = 5 + jittered(64, PERIOD), 100 + np.arange(64, 640) * PERIOD
    line = TimeLine(PERIOD, FREE, math.inf)
    positions = np.arange(64.0)
    line.learn(positions, rough - line.at(positions))
    line.advance(64)

    line.forget()
    for start in range(0, smooth.size, 64):
        line.learn(positions, smooth[start : start + 64] - line.at(positions))
        line.advance(64)

    np.testing.assert_allclose(line.at(np.arange(3.0)), 100 + np.arange(640, 643) * PERIOD)


def test_counting_from_a_later_position_moves_no_time():
    line = learned(jittered())
    before = line.at(np.arange(10.0, 20.0))

    line.advance(10.0)

    np.testing.assert_allclose(line.at(np.arange(10.0)), before, rtol=1e-12)
