"""Spelling without calibration, once its letters have made a decoder."""

from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
import simulated_files
from recorded_signal import RecordedSignal, ran, replayed_from_journal

from bci_online.config import Evidence, Presentation, Stopping
from bci_online.errors import RecordingError
from bci_online.markers import Flash, SessionStarted, TrialEnd, TrialStart, parse_marker
from bci_online.messages import Decision, Epoch, Journal, Marker, Score, Status
from bci_online.notes import Corrected, Supervised, Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.epoch_evidence import LetterReader
from bci_online.paradigms.p300.uncalibrated import UncalibratedSpeller
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.no_calibration import uncalibrated_decoder
from bci_online.runtime.scoring import Scoring
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.supervision import supervised_by

pytestmark = pytest.mark.slow

CONFIG = msgspec.structs.replace(simulated_files.CONFIG, presentation=Presentation(repetitions=12))
WORD = "QUICKF"
KNOWN = dict(enumerate(WORD[:4], start=1))


@dataclass
class Session:
    """A recording, and the note that its first four letters make."""

    signal: RecordedSignal
    decoder: object
    note: Supervised
    path: object

    def noted(self, note: Supervised, trial: int = 5, *more: Marker) -> RecordedSignal:
        """Return the signal with a note one second after a letter began."""
        time = next(
            m.time for m in self.signal.markers if m.text.startswith(f"trial/start/{trial}")
        )
        markers = [*self.signal.markers, Marker(note.text(), time + 1.0), *more]
        return self.signal.with_markers(sorted(markers, key=lambda marker: marker.time))


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> Session:
    path = tmp_path_factory.mktemp("supervised") / "quick.xdf"
    write_recording(CONFIG, WORD, path, 2)
    signal = RecordedSignal.of(path)
    decoder = uncalibrated_decoder(CONFIG, signal.spec)
    return Session(signal, decoder, supervised_by(KNOWN, path, CONFIG, decoder.header), path)


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [7, 1000])
def test_the_decoder_decides_from_the_next_letter_on_however_the_signal_is_cut(
    session, chunk_n
) -> None:
    cold = ran(session.decoder, session.signal)

    found = ran(session.decoder, session.noted(session.note), chunk_n)

    assert found.letters == WORD
    # The letter that was open goes on as it began.
    assert found.decisions[:5] == cold.decisions[:5]
    assert found.decisions[5].flashes < cold.decisions[5].flashes
    assert [one.value for one in found.of(Journal) if one.kind == "supervised"] == [
        session.note.auc
    ]
    assert found.of(Score) == []
    assert len(found.of(Epoch)) == 6 * 144
    assert found.decisions == ran(session.decoder, session.noted(session.note)).decisions


@pytest.mark.slow
def test_labels_of_the_recording_do_not_count(session) -> None:
    hidden = []
    for marker in session.noted(session.note).markers:
        event = parse_marker(marker.text)
        if isinstance(event, TrialStart):
            marker = msgspec.structs.replace(marker, text=f"trial/start/{event.number}/?")
        hidden.append(marker)

    found = ran(session.decoder, session.signal.with_markers(hidden))

    assert found.letters == WORD


@pytest.mark.slow
def test_a_decoder_that_cannot_be_used_is_an_alarm_and_changes_nothing(session) -> None:
    cold = ran(session.decoder, session.signal)
    text = session.note.decoder
    bad = [text[:-8], "?", "", text[:400] + ("A" if text[400] != "A" else "B") + text[401:]]

    for decoder in bad:
        note = msgspec.structs.replace(session.note, decoder=decoder)
        found = ran(session.decoder, session.noted(note))

        assert found.decisions == cold.decisions
        alarms = [one.text for one in found.of(Status) if one.level == "alarm"]
        assert len(alarms) == 1
        assert alarms[0].startswith("the decoder that was fitted on the letters is not used: ")
        assert len(alarms[0]) < 300


ROWS = {row + 1: tuple("ABCDEFGHI"[3 * row : 3 * row + 3]) for row in range(3)}
LAYOUT = ROWS | {column + 4: tuple("ABCDEFGHI"[column::3]) for column in range(3)}


def letter(number: int, shown: str, really: str) -> list:
    """Return events and epochs: one channel responds to `shown`, the other to `really`."""
    rng = np.random.default_rng(number)
    start = 100.0 * number
    pushed: list = [(TrialStart(number, ""), start, None)]
    for n, code in enumerate(10 * list(LAYOUT), start=1):
        data = rng.normal(size=(2, 4))
        data[0, 1:3] += 3.0 * (shown in LAYOUT[code])
        data[1] += 1.0 * (really in LAYOUT[code])
        time = start + 0.2 * n
        epoch = Epoch(data, Marker(f"flash/{code}", time), n, time, np.ptp(data, axis=1))
        pushed.append((Flash(code), time, epoch))
    return [*pushed, (TrialEnd(number), start + 30.0, None)]


def test_a_letter_that_was_typed_wrongly_is_offered_once_when_a_decoder_knows_better() -> None:
    evidence = Evidence(target_mean=4.0, nontarget_mean=0.0, spread=2.0, nobody=0.5)
    reader = LetterReader(lambda epoch: float(epoch.data[1].sum()), evidence, Stopping())
    speller = UncalibratedSpeller(
        LAYOUT, Evidence(nobody=0.5), Stopping(), 0.6, dynamic=False, reader_of=lambda text: reader
    )
    note = Supervised(1, 0.9, 0.8, "")
    events = [*letter(1, "A", "E"), *letter(2, "B", "B"), (note, 290.0, None)]
    events += [*letter(3, "C", "C"), (note, 390.0, None), *letter(4, "A", "D")]

    said = [message for event in events for message in speller.push(*event)]

    decided = {one.trial: one.value for one in said if isinstance(one, Decision)}
    assert decided == {1: "A", 2: "B", 3: "C", 4: "D"}
    offers = [one.text for one in said if isinstance(one, Status) and one.kind == "reread"]
    assert [text.partition(" was typed")[0] for text in offers] == ["trial 1"]
    read = [one for one in said if isinstance(one, Journal) and one.kind == "reread"]
    assert [(one.value, one.text) for one in read] == [(1, "E")]


def test_a_letter_that_was_erased_is_not_offered_and_a_backspace_is_no_letter() -> None:
    evidence = Evidence(target_mean=4.0, nontarget_mean=0.0, spread=2.0, nobody=0.5)
    reader = LetterReader(lambda epoch: float(epoch.data[1].sum()), evidence, Stopping())
    speller = UncalibratedSpeller(
        LAYOUT, Evidence(nobody=0.5), Stopping(), 0.6, dynamic=False, reader_of=lambda text: reader
    )
    events = [(SessionStarted({"backspace": "I", "rest": ""}), 90.0, None)]
    # The third letter is a backspace; the first one is said to be another one.
    for number, (shown, really) in enumerate([("A", "I"), ("B", "E"), ("I", "I"), ("C", "E")], 1):
        events += letter(number, shown, really)
    events += [(Supervised(1, 0.9, 0.8, ""), 490.0, None), (TrialStart(5, ""), 500.0, None)]

    said = [message for event in events for message in speller.push(*event)]

    assert "".join(one.value for one in said if isinstance(one, Decision)) == "ABIC"
    read = [one for one in said if isinstance(one, Journal) and one.kind == "reread"]
    assert [(one.value, one.text) for one in read] == [(4, "E")]


def test_a_correction_counts_for_later_letters_and_is_decided_alike_however_it_is_cut(
    session,
) -> None:
    start, *markers = session.signal.markers
    begun = parse_marker(start.text)
    assert isinstance(begun, SessionStarted)
    english = msgspec.structs.replace(
        start, text=SessionStarted(begun.info | {"language": "en"}).text()
    )
    signal = session.signal.with_markers([english, *markers])
    time = next(m.time for m in markers if m.text.startswith("trial/start/3"))
    note = Marker(Corrected(2, "Z").text(), time + 1.0)
    corrected = signal.with_markers(sorted([*signal.markers, note], key=lambda one: one.time))

    plain, found, again = (
        ran(session.decoder, one, chunk_n).decisions
        for one, chunk_n in ((signal, 1000), (corrected, 1000), (corrected, 7))
    )

    assert found == again
    assert found[:2] == plain[:2]
    # After Q and Z the prior expects another letter than after Q and U: more flashes are needed.
    assert found[2].repetitions > plain[2].repetitions


def test_a_second_session_in_the_same_engine_begins_without_the_decoder_of_the_first() -> None:
    evidence = Evidence(target_mean=4.0, nontarget_mean=0.0, spread=2.0, nobody=0.5)
    reader = LetterReader(lambda epoch: float(epoch.data[1].sum()), evidence, Stopping())
    speller = UncalibratedSpeller(
        LAYOUT, Evidence(nobody=0.5), Stopping(), 0.6, dynamic=False, reader_of=lambda text: reader
    )
    first = [(Supervised(1, 0.9, 0.8, ""), 90.0, None), *letter(1, "A", "E")]
    second = [(SessionStarted({}), 190.0, None), *letter(2, "A", "E")]

    said = [message for event in first + second for message in speller.push(*event)]

    # The fitted decoder reads the second channel, and epochs alone the first one, which is larger.
    assert [one.value for one in said if isinstance(one, Decision)] == ["E", "A"]


def test_what_is_said_of_lost_sensors_is_what_the_decoder_in_use_can_do(session) -> None:
    names = session.decoder.header.preprocessing.ch_names
    scoring = Scoring(names, session.decoder, session.signal.spec)
    cold = scoring.news.missing((1,))

    def pushed(event, *answered):
        served = Served(event=event, marker=Marker("", 0.0), time=0.0, outcome=None)
        assert not [*scoring.learn(served, answered)]

    pushed(session.note)
    pushed(TrialStart(5), Journal("supervised", 0.0))
    fitted = scoring.news.missing((1,))
    pushed(SessionStarted({}))

    assert "sensors" in cold
    assert "weights solved again" in fitted
    assert scoring.news.missing((1,)) == cold


def test_letters_of_a_session_before_are_not_offered_by_the_numbers_of_this_one() -> None:
    evidence = Evidence(target_mean=4.0, nontarget_mean=0.0, spread=2.0, nobody=0.5)
    reader = LetterReader(lambda epoch: float(epoch.data[1].sum()), evidence, Stopping())
    speller = UncalibratedSpeller(
        LAYOUT, Evidence(nobody=0.5), Stopping(), 0.6, dynamic=False, reader_of=lambda text: reader
    )
    events = [*letter(1, "A", "E"), *letter(2, "B", "B"), (SessionStarted({}), 290.0, None)]
    events += [(Supervised(1, 0.9, 0.8, ""), 290.0, None), *letter(3, "C", "C")]

    said = [message for event in events for message in speller.push(*event)]

    assert [one.value for one in said if isinstance(one, Decision)] == ["A", "B", "C"]
    assert not [one for one in said if isinstance(one, Status) and one.kind == "reread"]


def test_a_fitted_decoder_that_no_longer_fits_counts_less_as_any_other() -> None:
    evidence = Evidence(
        target_mean=1.0, nontarget_mean=0.0, spread=0.5, difference_error=0.05, nobody=0.1
    )
    reader = LetterReader(lambda epoch: float(epoch.data[0, 0]), evidence, Stopping())
    fitted = UncalibratedSpeller(LAYOUT, evidence, Stopping(), 0.6, reader_of=lambda text: reader)
    trained = P300Speller(LAYOUT, evidence, Stopping(), 0.6)
    fitted.push(Supervised(1, 0.9, 0.8, ""), 50.0, None)
    found, expected = [], []

    for number in range(1, 16):
        for event, time, epoch in letter(number, "A", "A"):
            found += fitted.push(event, time, epoch)
            if epoch is not None:
                epoch = Score(epoch.marker, time, np.array([0.0, epoch.data[0, 0]]), epoch.onset)
            expected += trained.push(event, time, epoch)

    assert [one.kind for one in expected if isinstance(one, Status)] == ["misfit"]
    assert found[2:] == expected


def test_letters_that_were_taken_back_are_not_read_again(session) -> None:
    start = next(m.time for m in session.signal.markers if m.text.startswith("trial/start/5"))
    undo = Marker(Undo(4).text(), start + 0.5)

    found = ran(session.decoder, session.noted(session.note, 5, undo))

    assert found.letters == WORD


def test_what_was_taken_back_or_corrected_is_decided_alike_in_the_replay(session, tmp_path) -> None:
    starts = [m.time for m in session.signal.markers if m.text.startswith("trial/start")]
    notes = [(Undo(1), starts[2]), (Corrected(2, "V"), starts[2]), (Undo(5), starts[5])]
    more = [Marker(note.text(), time + 0.5) for note, time in notes]
    signal = session.noted(session.note, 4, *more)
    begun, *others = signal.markers
    info = SessionStarted({"backspace": "I", "rest": "", "language": "en"})
    signal = signal.with_markers([msgspec.structs.replace(begun, text=info.text()), *others])

    found = ran(session.decoder, signal, 7)

    again = replayed_from_journal(session.decoder, signal, found, tmp_path / "session.xdf")
    assert again.decisions == found.decisions
    assert again.of(Journal) == found.of(Journal) != []


@pytest.mark.slow
def test_too_few_letters_and_wrong_letters_make_no_decoder(session) -> None:
    header = session.decoder.header
    with pytest.raises(RecordingError, match="3 letters, of at least 4"):
        supervised_by({1: "Q", 2: "U", 3: "I"}, session.path, CONFIG, header)
    wrong = {1: "A", 2: "5", 3: "9", 4: "M"}
    with pytest.raises(RecordingError, match="the letters hold no clear response"):
        supervised_by(wrong, session.path, CONFIG, header)
