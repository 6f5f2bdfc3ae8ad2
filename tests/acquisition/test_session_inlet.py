"""Streams of strangers beside that of a session: none silences it, and none is obeyed."""

import time
from collections.abc import Callable, Iterator

import pytest
from lsl_amplifier import unique

from bci_online.acquisition.lsl import (
    Connection,
    MarkerOutlet,
    StrangerWatch,
    TextInlet,
    TextOutlet,
    find_stream,
    session_inlet,
    session_outlet,
)
from bci_online.acquisition.lsl.text_inlet import MOST_FORGED, MOST_STREAMS

pytestmark = pytest.mark.live

PATIENCE_S = 60.0


class Stage:
    """A session's journal, and who sends under its name."""

    def __init__(self) -> None:
        self.session = unique("s")
        self.source_id = f"bci-online/{self.session}/journal"
        self.inlet = session_inlet(self.session, "journal")
        self.read: list[str] = []
        self._parts: list[TextInlet | TextOutlet | Connection] = [self.inlet]

    def keep(self, part):
        self._parts.append(part)
        return part

    def stranger(self) -> TextOutlet:
        return self.keep(TextOutlet("a stranger", "Journal", self.source_id))

    def until(self, true: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not true():
            self.read += [text for text, _ in self.inlet.read(0.01)]
            assert time.monotonic() < until

    def close(self) -> None:
        for part in self._parts:
            part.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


def test_more_silent_streams_than_are_read_do_not_keep_out_the_true_one(stage):
    silent = [stage.stranger() for _ in range(MOST_STREAMS + 2)]
    stage.until(lambda: sum(one.has_consumers() for one in silent) == MOST_STREAMS)

    true = stage.keep(session_outlet(stage.session, "journal"))
    stage.until(true.has_consumers)
    true.push('{"n":1}')
    stage.until(lambda: stage.read == ['{"n":1}'])

    assert stage.inlet.n_refused == 0
    assert StrangerWatch(stage.inlet).news() == []


def test_a_stream_that_greets_is_read_although_silent_ones_put_it_out_before(stage):
    """Before its first decision an engine sends nothing but greetings, which are no lines."""
    true = stage.keep(session_outlet(stage.session, "journal"))
    stage.until(true.has_consumers)
    silent = [stage.stranger() for _ in range(MOST_STREAMS + 2)]
    stage.until(lambda: sum(one.has_consumers() for one in silent) == MOST_STREAMS)
    stage.until(lambda: not true.has_consumers())

    stage.until(lambda: true.greet() or stage.inlet.proven != "")
    true.push('{"n":1}')
    stage.until(lambda: stage.read == ['{"n":1}'])

    assert stage.inlet.n_refused == 0
    true.greet()
    assert stage.inlet.read(0.2) == []


def test_who_passes_on_the_lines_of_a_session_doubles_and_silences_none(stage):
    relay = stage.stranger()
    stage.until(relay.has_consumers)
    true = stage.keep(session_outlet(stage.session, "journal"))
    stage.until(true.has_consumers)
    overheard = stage.keep(Connection(find_stream(stage.source_id, PATIENCE_S)))
    overheard.establish(PATIENCE_S, lambda: False)
    said = [f'{{"n":{n}}}' for n in range(2 * MOST_FORGED)]

    for line in said:
        true.push(line)
        passed_on = 0
        while not passed_on:
            rows, stamps = overheard.pull_texts()
            for (raw,), stamp in zip(rows, stamps, strict=True):
                relay.push(raw.decode(), stamp)
            passed_on += len(rows)
    stage.until(lambda: stage.inlet.n_refused >= len(said))

    assert stage.read == said
    assert (true.has_consumers(), relay.has_consumers()) == (True, True)


def test_who_sends_forgeries_is_left_alone_after_some(stage):
    forger = stage.stranger()
    stage.until(forger.has_consumers)
    for _ in range(MOST_FORGED):
        forger.push('{"n":1}')

    stage.until(lambda: not forger.has_consumers())

    assert (stage.inlet.n_refused, stage.read) == (MOST_FORGED, [])
    watch = StrangerWatch(stage.inlet)
    (alarm,) = watch.news()
    assert (alarm.kind, stage.source_id in alarm.text) == ("stranger", True)
    assert watch.news() == []


def test_markers_reach_parts_and_other_programs_as_the_same_words_at_the_same_time():
    session = unique("s")
    outlet, inlet = MarkerOutlet(session), session_inlet(session, "markers")
    others = TextInlet(f"bci-online/{session}/markers")
    said = [("flash/3/target", 5.25), ('note/{"type":"probe"}', 0.0), ("layout/{}", -1.5)]
    assert inlet.wait(PATIENCE_S)
    assert others.wait(PATIENCE_S)

    stamps = [outlet.push(text, stamp) for text, stamp in said]
    until, read, seen = time.monotonic() + PATIENCE_S, [], []
    while len(read) + len(seen) < 2 * len(said) and time.monotonic() < until:
        read += inlet.read(0.05)
        seen += others.read(0.05)

    assert read == seen == [(text, stamp) for (text, _), stamp in zip(said, stamps, strict=True)]
    for part in (outlet, inlet, others):
        part.close()
