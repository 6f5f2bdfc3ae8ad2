"""Screen, simulated subject and chain in one loop: error potentials take letters back."""

from dataclasses import dataclass, field

import msgspec
import pytest
import simulated_files
from screens import START

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import Config, Stopping
from bci_online.decoding.decoder_file import make_decoder, read_decoder
from bci_online.errors import DecoderMismatchError
from bci_online.markers import Feedback, TrialStart, parse_marker
from bci_online.messages import Chunk, Decision, Journal, Marker, Reading, Reconsidered
from bci_online.notes import Undo
from bci_online.paradigms.p300.undoing_presentation import PAUSE_S, UndoingPresentation
from bci_online.runtime.assembly import online_chain

CONFIG = msgspec.structs.replace(
    simulated_files.CONFIG,
    stopping=Stopping(max_repetitions=6),
    simulation=msgspec.structs.replace(
        simulated_files.ANSWERS.simulation, p300_uv=simulated_files.CONFIG.simulation.p300_uv
    ),
)
Decided = Decision | Reconsidered


@dataclass
class Loop:
    """A session, and all that its chain was given and said."""

    text: str = ""
    decided: list[Decided] = field(default_factory=list)
    journal: list[Journal] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def events(self) -> list:
        return [parse_marker(m.text) for reading in self.readings for m in reading.markers]


def chain_for(amplifier: SimulatedAmplifier):
    decoders = map(read_decoder, (simulated_files.decoder(), simulated_files.errp_decoder()))
    letters, errp = decoders
    return online_chain(letters, amplifier.spec, errp=errp)[0]


def spelled(config: Config, word: str, looks_away: dict[int, str]) -> Loop:
    """Let the subject copy a word; in some trials it looks at another symbol."""
    amplifier = SimulatedAmplifier(msgspec.structs.replace(config.simulation, seed=7))
    chain, loop = chain_for(amplifier), Loop()
    screen = UndoingPresentation(config, "copy", [word], lead_s=6.0)
    news: list = [START]
    while True:
        picture, markers = screen.step(amplifier.now, news)
        for marker in markers:
            amplifier.mark(seen(marker, looks_away))
        if picture.state == "ended":
            loop.text = screen.text
            return loop
        amplifier.advance(1 / config.presentation.refresh_hz)
        loop.readings.append(amplifier.read())
        messages = chain.push(loop.readings[-1])
        news = [m for m in messages if isinstance(m, Decided)]
        loop.decided += news
        loop.journal += [m for m in messages if isinstance(m, Journal) and m.kind == "onset"]


def seen(marker: Marker, looks_away: dict[int, str]) -> Marker:
    event = parse_marker(marker.text)
    if isinstance(event, TrialStart) and event.number in looks_away:
        text = TrialStart(event.number, looks_away[event.number]).text()
        return msgspec.structs.replace(marker, text=text)
    return marker


@pytest.fixture(scope="module")
def loop() -> Loop:
    return spelled(CONFIG, "BCI", looks_away={2: "K"})


@pytest.mark.slow
def test_a_letter_that_the_subject_saw_go_wrong_is_taken_back_and_asked_again(loop):
    again = {one.trial: one for one in loop.decided if isinstance(one, Reconsidered)}

    assert loop.text == "BCI"
    assert [again[trial].value for trial in (1, 2, 3, 4)] == ["B", None, "C", "I"]
    assert [event for event in loop.events if isinstance(event, Undo)] == [Undo(2)]
    seen = [event.what for event in loop.events if isinstance(event, Feedback)]
    assert seen == ["hit", "miss", "hit", "hit"]


@pytest.mark.slow
def test_a_letter_that_is_asked_again_begins_sooner(loop):
    starts, answers = (
        [m.time for r in loop.readings for m in r.markers if isinstance(parse_marker(m.text), kind)]
        for kind in (TrialStart, Feedback)
    )

    waits = [start - answer for start, answer in zip(starts[1:], answers, strict=False)]

    shown = CONFIG.presentation
    assert waits[0] == pytest.approx(shown.decision_s + shown.pause_s, abs=0.1)
    assert waits[1] == pytest.approx(shown.decision_s + PAUSE_S, abs=0.1)


@pytest.mark.slow
def test_each_answer_has_a_line_in_the_journal_for_its_replay(loop):
    lines = [line.text for line in loop.journal if line.text.startswith("feedback/")]

    assert lines == ["feedback/hit", "feedback/miss", "feedback/hit", "feedback/hit"]


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 7, 100_000])
def test_the_same_letters_are_taken_back_however_the_recording_is_cut(loop, every):
    chain, decided = chain_for(SimulatedAmplifier(CONFIG.simulation)), []

    for start in range(0, len(loop.readings), every):
        piece = loop.readings[start : start + every]
        chunks: tuple[Chunk, ...] = sum((reading.chunks for reading in piece), ())
        markers = sum((reading.markers for reading in piece), ())
        offsets = sum((reading.offsets for reading in piece), ())
        messages = chain.push(Reading(chunks, markers, offsets))
        decided += [m for m in messages if isinstance(m, Decided)]

    assert decided == loop.decided


def test_decoders_in_each_others_place_and_of_another_cap_are_refused_in_a_line():
    letters = read_decoder(simulated_files.decoder())
    errp = read_decoder(simulated_files.errp_decoder())
    spec = SimulatedAmplifier(CONFIG.simulation).spec
    own = msgspec.structs.replace(errp.header.preprocessing, ch_names=("F7", "F8", "T7", "T8"))
    header = msgspec.structs.replace(errp.header, preprocessing=own)
    of_another_cap = make_decoder(header, errp.arrays)

    with pytest.raises(DecoderMismatchError, match="give it with --errp"):
        online_chain(errp, spec)
    with pytest.raises(DecoderMismatchError, match="train --paradigm errp"):
        online_chain(letters, spec, errp=letters)
    with pytest.raises(DecoderMismatchError, match=r"--errp: .*F7"):
        online_chain(letters, spec, errp=of_another_cap)
