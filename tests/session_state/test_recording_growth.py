from bci_online.session_state.recording_growth import N_REPORTS, RecordingGrowth


def grown(*reports: tuple[int, float]) -> float | None:
    growth = RecordingGrowth()
    for n_bytes, now in reports:
        growth.add(n_bytes, now)
    return growth.bytes_per_s


def test_a_single_report_tells_no_rate():
    assert grown() is None
    assert grown((1000, 1.0)) is None


def test_a_clock_that_stands_or_steps_back_tells_no_rate():
    assert grown((1000, 1.0), (2000, 1.0)) is None
    assert grown((1000, 2.0), (2000, 1.0)) is None


def test_a_file_that_stands_still_grows_by_nothing():
    assert grown((1000, 1.0), (1000, 2.0)) == 0.0


def test_old_reports_are_forgotten():
    fast = [(1000 * n, float(n)) for n in range(N_REPORTS)]
    size, time = fast[-1]
    slow = [(size + 10 * n, time + n) for n in range(1, N_REPORTS + 1)]

    assert grown(*fast) == 1000.0
    assert grown(*fast, *slow) == 10.0
