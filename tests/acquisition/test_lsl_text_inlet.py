import time

import pytest
from lsl_amplifier import unique

from bci_online.acquisition.lsl import Text, TextInlet, TextOutlet, wait_for_consumers

pytestmark = pytest.mark.live


@pytest.fixture
def session():
    return unique("s")


@pytest.fixture
def inlet(session):
    made = TextInlet(journal_id(session))
    yield made
    made.close()


def journal(session: str) -> TextOutlet:
    return TextOutlet("a journal", "Journal", journal_id(session))


def journal_id(session: str) -> str:
    return f"bci-online/{session}/journal"


def read(inlet: TextInlet, n_texts: int) -> list[Text]:
    texts: list[Text] = []
    until = time.monotonic() + 60
    while len(texts) < n_texts and time.monotonic() < until:
        texts += inlet.read(timeout=0.1)
    return texts


def test_without_the_stream_there_is_nothing_to_read(inlet):
    assert inlet.read(timeout=0.05) == []
    assert not inlet.wait(0.0)
    assert not inlet.is_connected


def test_texts_come_in_order_with_their_times_however_long_they_are(session, inlet):
    outlet = journal(session)
    assert inlet.wait(60.0)
    assert wait_for_consumers([outlet], 60.0)

    sent = [Text(f"{n} " + "µ" * n, n + 0.5) for n in (1, 20_000, 3, *range(4, 700))]
    for text, stamp in sent:
        outlet.push(text, stamp)
    texts = read(inlet, len(sent))
    outlet.close()

    assert texts == sent


def test_a_stream_that_comes_back_is_read_again(session, inlet):
    outlet = journal(session)
    assert inlet.wait(60.0)

    outlet.close()
    while inlet.is_connected:
        inlet.read(timeout=0.01)
    again = journal(session)
    assert inlet.wait(60.0)
    assert wait_for_consumers([again], 60.0)
    again.push("after", 2.0)
    texts = read(inlet, 1)
    again.close()

    assert texts == [Text("after", 2.0)]


def test_a_closed_inlet_reads_nothing(session, inlet):
    outlet = journal(session)
    assert inlet.wait(60.0)

    inlet.close()
    inlet.close()

    assert inlet.read() == []
    assert not inlet.wait(0.0)
    outlet.close()
