from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.clock_offsets import ClockOffsets


def offsets_of(*measured: tuple[float, float]) -> ClockOffsets:
    offsets = ClockOffsets()
    for time, value in measured:
        offsets.add(time, value)
    return offsets


def test_without_a_measurement_stamps_stay_and_are_copied():
    stamps = np.array([1.0, 2.0])

    common = ClockOffsets().common(stamps)

    assert ClockOffsets().at(5.0) == 0.0
    np.testing.assert_array_equal(common, stamps)
    assert common is not stamps


def test_before_the_first_measurement_the_first_one_holds():
    offsets = offsets_of((10.0, 0.003), (15.0, 0.009))

    assert offsets.at(-1e9) == offsets.at(9.0) == offsets.at(14.9) == 0.003


@settings(max_examples=40)
@given(
    values=st.lists(st.floats(-0.02, 0.02), min_size=1, max_size=20),
    times=st.lists(st.floats(-10, 120), min_size=1, max_size=20).map(sorted),
)
def test_the_offset_is_the_median_of_the_last_five_measured_at_or_before(values, times):
    offsets = offsets_of(*((5.0 * k, value) for k, value in enumerate(values)))
    stamps = np.array(times)

    common = offsets.common(stamps)

    for time, mapped in zip(times, common, strict=True):
        known = [v for k, v in enumerate(values) if 5.0 * k <= time] or values[:1]
        assert offsets.at(time) == median(known[-5:])
        assert mapped == time + median(known[-5:])


def test_a_jump_of_more_than_50_ms_starts_a_list_of_its_own():
    offsets = offsets_of(*((5.0 * k, 0.001) for k in range(6)))

    small = offsets.add(30.0, 0.050)
    jumped = offsets.add(35.0, 0.060)

    assert not small
    assert jumped
    assert offsets.at(34.9) == 0.001
    assert offsets.at(35.0) == 0.060


def test_the_first_measurement_starts_no_new_segment_however_large_it_is():
    assert not ClockOffsets().add(10.0, -652340.0)


@pytest.mark.parametrize("before", [(653150.0, -652340.0), (653150.0, 5.0)])
def test_a_clock_that_restarts_keeps_its_offsets_apart(before):
    """Stamps like those of a computer that was restarted (xdf_corpus/clock_resets)."""
    time, value = before
    offsets = offsets_of((time, value), (time + 5, value + 0.001), (time + 10, value))

    fresh = offsets.add(255.0, 12.0)

    assert fresh
    assert offsets.at(time + 20) == value
    assert offsets.at(250.0) == offsets.at(270.0) == 12.0
    np.testing.assert_array_equal(offsets.common(np.array([256.0, 257.0])), [268.0, 269.0])
    np.testing.assert_array_equal(offsets.common(np.array([time, time])), [time + value] * 2)


def test_measurements_delivered_out_of_order_start_no_list_and_change_no_earlier_time():
    offsets = offsets_of((10.0, 0.001), (15.0, 0.002))

    fresh = offsets.add(14.8, 0.004)

    assert not fresh
    assert offsets.at(14.9) == 0.001
    assert offsets.at(15.0) == 0.002
    assert offsets.add(20.0, 0.004) is False
    assert offsets.at(20.0) == 0.003


def test_common_times_leave_the_stamps_as_they_are():
    stamps = np.array([1.0, 2.0, 3.0])
    stamps.flags.writeable = False

    offsets_of((2.5, 0.5)).common(stamps)

    np.testing.assert_array_equal(stamps, [1.0, 2.0, 3.0])
