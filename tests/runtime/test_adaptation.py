"""A decoder that follows its session: what it learns, what it forgets, and that a replay agrees."""

import msgspec
import numpy as np
import pytest
import simulated_files
from looking import look_at
from recorded_signal import RecordedSignal, ran, replayed_from_journal
from small_discriminant import N_TIMES, epochs, trained

from bci_online.config import Adaptation
from bci_online.covariances import lag_covariances
from bci_online.decoding.class_statistics import ClassStatistics, Discriminant, discriminant_of
from bci_online.decoding.decoder_file import make_decoder, read_decoder
from bci_online.markers import Flash, Layout, SessionStarted, TrialStart
from bci_online.messages import Decision, Epoch, Journal, Marker, Retracted, Status
from bci_online.metrics import auc
from bci_online.notes import Corrected, GoBack, Undo
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.adaptation import FollowedSession
from bci_online.runtime.followed_letters import COMPARED, KEPT, FollowedLetters, KnownLetter
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.evidence import densities

pytestmark = pytest.mark.slow

ON = msgspec.to_builtins(Adaptation(on=True, half_life=10.0, confidence=0.6))


def letters(n: int, drift: float = 0.0, *, first: int = 1) -> list[KnownLetter]:
    """Return letters of 90 flashes whose response moves from the first channels to the last one."""
    made = []
    for trial in range(first, first + n):
        rng = np.random.default_rng(1000 + trial)
        y = rng.permutation(90) % 6 == 0
        X = 3.0 * rng.normal(size=(90, 3, 4))
        share = drift * min(1.0, trial / 40)
        X[y, :2] += 2.0 * (1 - share) * np.hanning(4)
        X[y, 2] += 2.0 * share * np.hanning(4)
        made.append(KnownLetter(trial, "A", X, y))
    return made


@pytest.fixture
def discriminant() -> Discriminant:
    found = discriminant_of(trained())
    assert isinstance(found, Discriminant)
    return found


def followed(discriminant: Discriminant, given: list[KnownLetter]) -> FollowedLetters:
    own = FollowedLetters(discriminant, simulated_evidence(discriminant), half_life=10.0)
    for letter in given:
        own.learn(letter)
    return own


def simulated_evidence(discriminant: Discriminant):
    """Return what scores of other epochs than those of training are worth."""
    X, y = epochs(7, n=3000, response=2.0)
    scores = discriminant.scores(discriminant.trained, X)
    return densities(scores, y)


def area(discriminant: Discriminant, own: FollowedLetters, given: list[KnownLetter]) -> float:
    X, y = np.concatenate([one.X for one in given]), np.concatenate([one.y for one in given])
    return auc(y, discriminant.scores(own.current, X))


def test_a_drift_is_followed(discriminant) -> None:
    later = letters(20, drift=1.0, first=61)

    still = followed(discriminant, [])
    own = followed(discriminant, letters(60, drift=1.0))

    assert area(discriminant, own, later) > area(discriminant, still, later) + 0.1


def test_without_a_drift_nothing_is_lost(discriminant) -> None:
    later = letters(20, first=61)

    still = followed(discriminant, [])
    own = followed(discriminant, letters(60))

    assert area(discriminant, own, later) > area(discriminant, still, later) - 0.005


def poisoned(letter: KnownLetter) -> KnownLetter:
    """Return a letter that was decided wrongly: its targets are other flashes."""
    return letter._replace(y=np.roll(letter.y, 1))


@pytest.mark.parametrize("every", [30, 5])
def test_wrong_letters_do_not_stick(discriminant, every) -> None:
    later, right = letters(20, first=61), letters(60)
    wrong = [poisoned(one) if not n % every else one for n, one in enumerate(right, start=1)]

    still = followed(discriminant, [])
    own = followed(discriminant, wrong)

    assert area(discriminant, own, later) > area(discriminant, still, later) - 0.005


def test_a_letter_that_is_taken_back_leaves_no_trace(discriminant) -> None:
    right = letters(9, drift=1.0)
    wrong = poisoned(right[5])._replace(trial=99)
    own = followed(discriminant, [*right[:6], wrong, *right[6:]])
    clean = followed(discriminant, right)
    assert own.current is not discriminant.trained

    assert own.forget(99)
    assert not own.forget(99)

    for found, expected in zip(own._candidate, clean._candidate, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_letters_that_wait_to_be_judged_wait_on_when_another_one_is_taken_back(
    discriminant,
) -> None:
    first = letters(COMPARED + 1, drift=1.0)
    own = FollowedLetters(discriminant, simulated_evidence(discriminant), half_life=10.0)
    gains = [own.learn(letter) for letter in first]
    assert gains[-1] is not None
    waiting = letters(2, drift=1.0, first=50)
    for letter in waiting:
        own.learn(letter)

    in_use = own.current
    assert not own.forget(waiting[0].trial)
    assert own.current is in_use
    assert own.forget(first[2].trial)

    clean = FollowedLetters(discriminant, simulated_evidence(discriminant), half_life=10.0)
    for letter in first:
        if letter.trial != first[2].trial:
            clean.learn(letter)
    for found, expected in zip(own.current, clean._candidate, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_letter_in_use_can_be_taken_back_also_after_later_ones_were_no_better(
    discriminant,
) -> None:
    first = letters(COMPARED + 1, drift=1.0)
    own = followed(discriminant, first)
    in_use = own.current
    later = letters(COMPARED + 1, drift=1.0, first=len(first) + 1)
    for letter in [later[0]._replace(X=-3 * later[0].X), *later[1:]]:
        assert own.learn(letter) is None
    assert own.current is own._candidate is in_use

    assert own.forget(first[2].trial)

    clean = followed(discriminant, [one for one in first if one is not first[2]])
    for found, expected in zip(own.current, clean._candidate, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_letters_that_were_refused_do_not_come_back_with_one_that_is_taken_back(
    discriminant,
) -> None:
    own = followed(discriminant, [])
    for number, letter in enumerate(letters(2 * KEPT)):
        own.learn(poisoned(letter))
        # Nothing is judged as long as letters are taken back often enough.
        if number % 3 == 2:
            own.forget(letter.trial)
    for letter in letters(COMPARED, first=61):
        assert own.learn(letter) is None
    assert own.current is discriminant.trained
    assert not own._learnt
    right = letters(COMPARED + 1, drift=1.0, first=101)
    assert [own.learn(letter) for letter in right][-1] is not None

    assert own.forget(right[2].trial)

    clean = followed(discriminant, [one for one in right if one is not right[2]])
    for found, expected in zip(own.current, clean._candidate, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_channels_with_an_average_reference_are_followed_for_hundreds_of_letters() -> None:
    def referenced(X):
        return (X - X.mean(axis=1, keepdims=True)) / 3

    X, y = epochs(0)
    X = referenced(X)
    means = np.stack([X[~y].mean(axis=0), X[y].mean(axis=0)])
    own = ClassStatistics(means, lag_covariances(X - means[y.astype(int)]))

    for trial in range(300):
        X, y = epochs(trial, n=30)
        own = own.followed(referenced(X), y, gain=0.3)

    assert np.abs(own.weights().sum(axis=0)).max() < 1e-6 * np.abs(own.weights()).max()


def taught(in_doubt: int | None, suspect: int | None = None) -> list[KnownLetter]:
    """Return what is learnt of a letter, one flash of which is retracted once it is decided."""
    own = FollowedSession(trained())
    symbols = {1: ("A",), 2: ("B",)}
    start = SessionStarted({"adaptation": ON})
    for event in (start, Layout(symbols), TrialStart(1)):
        assert all(isinstance(one, Status) for one in own.take(served(event), ()))
    flashes = [served(Flash(n % 2 + 1), n) for n in range(6)]
    decided = Decision("A", trial=1, confidence=0.99, time=9.0)
    for flash in flashes[:-1]:
        assert [*own.take(flash, ())] == []
    if in_doubt is not None:
        own.take_back(Retracted(flashes[in_doubt].marker, 0))
    assert [*own.take(flashes[-1], [decided])] == []
    if suspect is not None:
        own.take_back(Retracted(flashes[0].marker, 0, suspect_trial=suspect))
    for number in (2, 3):
        assert [*own.take(served(TrialStart(number)), ())] == []
    return [*own._letters._learnt]


def served(event, n: int = 0) -> Served:
    marker = Marker(event.text(), float(n))
    outcome = None
    if isinstance(event, Flash):
        data = np.full((3, N_TIMES), float(n))
        outcome = Epoch(data, marker, onset=n, time=float(n), peak_to_peak=np.zeros(3))
    return Served(event, marker, float(n), outcome)


def test_a_flash_teaches_what_it_lit_then() -> None:
    own = FollowedSession(trained())
    events = [SessionStarted({"adaptation": ON}), Layout({1: ("A",), 2: ("B",)}), TrialStart(1)]
    for event in [*events, Flash(1), Flash(2), Layout({1: ("B",), 2: ("A",)}), Flash(1)]:
        [*own.take(served(event), ())]

    [*own.take(served(Flash(2)), [Decision("A", trial=1, confidence=0.99, time=9.0)])]

    assert own._decided.y.tolist() == [True, False, False, True]


def test_what_is_in_doubt_teaches_nothing() -> None:
    (letter,) = taught(in_doubt=3)
    assert letter.X[:, 0, 0].tolist() == [0.0, 1.0, 2.0, 4.0, 5.0]
    assert letter.y.tolist() == [True, False, True, True, False]
    assert len(taught(None)) == 1
    assert taught(None, suspect=1) == []


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Return a decoder and a session of another subject, whom it has to get used to."""
    path = tmp_path_factory.mktemp("followed") / "session.xdf"
    subject = msgspec.structs.replace(
        simulated_files.CONFIG.simulation, p300_latency_s=0.34, p300_uv=10.0
    )
    config = msgspec.structs.replace(simulated_files.CONFIG, simulation=subject)
    write_recording(config, "THEQUICKBROWNFOX", path, 5)
    return read_decoder(simulated_files.decoder()), RecordedSignal.of(path)


def told(signal: RecordedSignal, *more: Marker) -> RecordedSignal:
    """Return the signal of a session whose start says that the decoder follows it."""
    start = next(one for one in signal.markers if one.text.startswith("session/start/"))
    own = msgspec.structs.replace(start, text=SessionStarted({"adaptation": ON}).text())
    markers = [own if one is start else one for one in signal.markers]
    return signal.with_markers(sorted([*markers, *more], key=lambda marker: marker.time))


def start_of(signal: RecordedSignal, trial: int) -> float:
    text = f"trial/start/{trial}/"
    return next(one.time for one in signal.markers if one.text.startswith(text))


def swaps(found) -> list[Journal]:
    return [one for one in found.of(Journal) if one.kind == "adapted"]


@pytest.mark.slow
def test_a_replay_follows_alike_however_the_signal_is_cut_and_whoever_looks(session) -> None:
    decoder, signal = session

    found = ran(decoder, told(signal), 7)

    looked_at = ran(decoder, told(signal), 1000, look=look_at)
    assert len(swaps(found)) >= 1
    assert swaps(found) == swaps(looked_at)
    assert found.decisions == looked_at.decisions
    still = ran(decoder, signal)
    assert swaps(still) == []
    assert found.decisions[:5] == still.decisions[:5]
    assert found.decisions != still.decisions


@pytest.mark.slow
def test_going_back_decides_as_trained_from_then_on(session) -> None:
    decoder, signal = session
    back = Marker(GoBack().text(), start_of(signal, 12) - 0.01)

    found = ran(decoder, told(signal, back))

    assert [one.text for one in swaps(found)][-1] == "trained"
    scores, still = found.scores, ran(decoder, signal).scores
    late = [marker for marker in still if marker.time > back.time + 1.0]
    assert late
    assert all(scores[one].values.tolist() == still[one].values.tolist() for one in late)


@pytest.mark.slow
def test_another_session_begins_with_the_trained_decoder(session) -> None:
    decoder, signal = session
    again = Marker(SessionStarted({"adaptation": ON}).text(), start_of(signal, 12) - 0.01)

    found = ran(decoder, told(signal, again))

    assert "trained" in [one.text for one in swaps(found)]
    scores, still = found.scores, ran(decoder, signal).scores
    until = start_of(signal, 12 + COMPARED)
    first = [marker for marker in still if again.time + 1.0 < marker.time < until]
    assert first
    assert all(scores[one].values.tolist() == still[one].values.tolist() for one in first)


@pytest.mark.slow
def test_a_letter_that_is_taken_back_at_once_teaches_nothing(session) -> None:
    decoder, signal = session
    undone = [
        Marker(Undo(trial).text(), start_of(signal, trial + 1) - 0.01) for trial in range(1, 16)
    ]

    found = ran(decoder, told(signal, *undone))

    assert swaps(found) == []


@pytest.mark.slow
def test_what_was_taken_back_in_any_way_is_decided_alike_in_the_replay(session, tmp_path) -> None:
    decoder, signal = session
    # O erases R and F; the first O is undone, X too, and U, which is in use, is corrected.
    notes = [(Corrected(5, "J"), 14), (Undo(11), 12), (Undo(16), 16)]
    late = [Marker(note.text(), start_of(signal, trial) + 1.0) for note, trial in notes]
    signal = told(signal, *late)
    begun, *others = signal.markers
    info = SessionStarted({"adaptation": ON, "backspace": "O", "rest": "E"})
    signal = signal.with_markers([msgspec.structs.replace(begun, text=info.text()), *others])

    found = ran(decoder, signal, 7)

    again = replayed_from_journal(decoder, signal, found, tmp_path / "session.xdf")
    assert swaps(again) == swaps(found) != []
    assert [one for one in found.of(Status) if one.text.endswith("is forgotten")]
    assert again.decisions == found.decisions


def test_a_decoder_that_cannot_follow_says_why(session) -> None:
    decoder, signal = session
    arrays = {key: own for key, own in decoder.arrays.items() if key != "lags"}

    found = ran(make_decoder(decoder.header, arrays), told(signal))

    warnings = [one.text for one in found.of(Status) if "follow" in one.text]
    assert warnings == [
        "the decoder does not follow the session: its file holds no class means and no "
        "covariance; train it again"
    ]
    assert swaps(found) == []
