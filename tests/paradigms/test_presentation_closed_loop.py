"""The presentation, the simulated subject and the online chain, in one loop without LSL."""

from dataclasses import dataclass, field

import msgspec
import pytest
import simulated_files
from screens import START

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import Config, LanguageSpec, LayoutSpec, Stopping
from bci_online.decoding.decoder_file import read_decoder
from bci_online.markers import Layout, TrialStart, parse_marker
from bci_online.messages import Chunk, Decision, Marker, Reading
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.runtime.assembly import online_chain

LEAD_S = 6.0


@dataclass
class Loop:
    """A session, and all that its chain was given."""

    text: str = ""
    n_flashes: int = 0
    n_dropped: int = 0
    decisions: list[Decision] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def values(self) -> list[str | None]:
        return [decision.value for decision in self.decisions]


def chain_for(amplifier: SimulatedAmplifier):
    return online_chain(read_decoder(simulated_files.decoder()), amplifier.spec)[0]


def spelled(
    config: Config, mode: str, word: str, seed: int, looks_away: dict[int, str] | None = None
) -> Loop:
    """Let the simulated subject spell; in some trials it looks at another symbol."""
    amplifier = SimulatedAmplifier(msgspec.structs.replace(config.simulation, seed=seed))
    chain, loop = chain_for(amplifier), Loop()
    words, wish = ((), word) if mode == "free" else ((word,), "")
    screen = P300Presentation(config, mode, words, wish=wish, lead_s=LEAD_S)
    news: list = [START]
    while True:
        picture, markers = screen.step(amplifier.now, news)
        for marker in markers:
            amplifier.mark(seen(marker, looks_away or {}))
        if picture.state == "ended":
            loop.text, loop.n_flashes = screen.text, picture.flashes
            loop.n_dropped = picture.dropped
            return loop
        amplifier.advance(1 / config.presentation.refresh_hz)
        loop.readings.append(amplifier.read())
        news = [m for m in chain.push(loop.readings[-1]) if isinstance(m, Decision)]
        loop.decisions += news


def seen(marker: Marker, looks_away: dict[int, str]) -> Marker:
    event = parse_marker(marker.text)
    if isinstance(event, TrialStart) and event.number in looks_away:
        text = TrialStart(event.number, looks_away[event.number]).text()
        return msgspec.structs.replace(marker, text=text)
    return marker


def replayed(readings: list[Reading], every: int) -> list[Decision]:
    """Decide the same signal again, in chunks of `every` readings, markers first."""
    chain = chain_for(SimulatedAmplifier(simulated_files.CONFIG.simulation))
    decisions = []
    for start in range(0, len(readings), every):
        piece = readings[start : start + every]
        chunks: tuple[Chunk, ...] = sum((reading.chunks for reading in piece), ())
        markers = sum((reading.markers for reading in piece), ())
        offsets = sum((reading.offsets for reading in piece), ())
        decisions += chain.push(Reading(chunks, markers, offsets))
    return [message for message in decisions if isinstance(message, Decision)]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["copy", "free"])
@pytest.mark.parametrize("order", ["row-column", "random-groups"])
def test_the_simulated_subject_spells_a_word_with_fewer_flashes_than_all(mode, order):
    config = msgspec.structs.replace(
        simulated_files.CONFIG,
        presentation=msgspec.structs.replace(simulated_files.CONFIG.presentation, order=order),
        stopping=Stopping(max_repetitions=15),
    )

    loop = spelled(config, mode, "BI", seed=7)

    assert loop.text == "BI"
    assert loop.n_flashes < 2 * 15 * 12
    assert loop.n_dropped == 0


@pytest.fixture(scope="module")
def with_words() -> Loop:
    """A free session with suggestions, in which the second choice goes wrong."""
    config = msgspec.structs.replace(
        simulated_files.CONFIG,
        language=LanguageSpec(code="en"),
        stopping=Stopping(max_repetitions=15),
    )
    return spelled(config, "free", "HOUSE", seed=5, looks_away={2: "K"})


@pytest.mark.slow
def test_a_wrong_letter_is_taken_back_and_a_word_chosen(with_words):
    assert with_words.text.strip() == "HOUSE"
    assert with_words.values[1:3] == ["K", "⌫"]
    assert with_words.values[-1] == "HOUSE"
    assert len(with_words.values) < len("HOUSE") + 2


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 7, 100])
def test_a_session_with_suggestions_is_decided_again_from_its_markers_alone(with_words, every):
    known = {symbol for row in LayoutSpec().rows for symbol in row}
    events = [parse_marker(m.text) for reading in with_words.readings for m in reading.markers]
    layouts = [event.symbols for event in events if isinstance(event, Layout)]
    words = [{s for lit in symbols.values() for s in lit} - known for symbols in layouts]
    assert len({frozenset(row) for row in words}) >= 3

    again = replayed(with_words.readings, every)

    assert again == with_words.decisions
