import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.markers import Flash, TrialEnd, TrialStart, rank
from bci_online.messages import Marker
from bci_online.preprocessing.marker_queue import ENTRY, MarkerQueue

EVENTS = st.sampled_from([Flash(1), Flash(2), TrialStart(1, "A"), TrialEnd()])


def pushed(queue: MarkerQueue, event, time: float) -> bool:
    return queue.push(Marker(event.text(), time), event, time)


@given(arriving=st.lists(st.tuples(EVENTS, st.sampled_from([1.0, 2.0, 3.0])), max_size=30))
def test_markers_leave_by_time_then_rank_then_arrival(arriving):
    queue = MarkerQueue()
    for event, time in arriving:
        assert pushed(queue, event, time)

    left = [queue.pop() for _ in range(len(queue))]

    # sorted() keeps the order of arrival among equals.
    expected = sorted(arriving, key=lambda one: (one[1], rank(one[0])))
    assert [(waiting.event, waiting.time) for waiting in left] == expected


@given(steps=st.lists(st.booleans(), max_size=200), room=st.integers(0, 5))
def test_no_more_wait_than_there_is_room_for_and_room_comes_back(steps, room):
    queue = MarkerQueue()
    queue.MOST = room * (len(Flash(1).text()) + ENTRY)
    n_waiting = 0
    for arrives in steps:
        if arrives:
            assert pushed(queue, Flash(1), 1e9) == (n_waiting < room)
            n_waiting = min(n_waiting + 1, room)
        elif n_waiting:
            queue.pop()
            n_waiting -= 1

        assert len(queue) == n_waiting


def test_an_hour_of_flashes_finds_room():
    queue = MarkerQueue()

    assert all(pushed(queue, Flash(12, None), float(number)) for number in range(16_000))
    assert queue.first.time == 0.0


def test_long_texts_take_more_room():
    queue, long = MarkerQueue(), Marker("note/" + 60_000 * "x", 0.0)

    n_pushed = sum(queue.push(long, Flash(1), 0.0) for _ in range(1000))

    assert n_pushed == pytest.approx(MarkerQueue.MOST / 60_000, abs=1)
