"""A trained discriminant follows its session, letter by letter, as far as that is safe."""

from collections import deque
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from bci_online.config import Adaptation
from bci_online.decoding.class_statistics import Discriminant, discriminant_of
from bci_online.decoding.decoder import Decoder
from bci_online.markers import Flash, Layout, SessionStarted, TrialStart
from bci_online.messages import Decision, Epoch, Journal, Message, Retracted, Status
from bci_online.notes import Corrected, GoBack, Undo
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.followed_letters import KEPT, FollowedLetters, KnownLetter

__all__ = ["FollowedSession"]


class FollowedSession:
    """Lets a decoder follow the letters of its session that nobody took back.

    Parameters
    ----------
    decoder : Decoder
        As it was trained.

    Attributes
    ----------
    decoder : Decoder
        What decides now.

    See Also
    --------
    bci_online.config.adaptation.Adaptation : Switches it on; the session's start says so.
    bci_online.runtime.followed_letters.FollowedLetters : What is learnt.

    Notes
    -----
    A letter is learnt when the one after it is over and did not take it back, if it was decided
    with enough confidence. One that is taken back later, by an undo, a correction or a backspace,
    is taken out of all that was learnt. All of this follows from markers and samples, so a replay
    decides the same.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import DecoderHeader, Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> trained = SimpleNamespace(header=DecoderHeader(method="lda", preprocessing=own), arrays={})
    >>> FollowedSession(trained).decoder is trained  # until a session's start says otherwise
    True
    """

    def __init__(self, decoder: Decoder) -> None:
        self._trained = self.decoder = decoder
        self._symbols_of_code = dict(decoder.header.layout.symbols_of_code)
        self._discriminant: Discriminant | None = None
        self._letters: FollowedLetters | None = None
        self._confidence = 1.0
        # Each with the symbols that it lit then: a layout may change within a letter.
        self._flashes: list[tuple[tuple[str, ...], Epoch]] = []
        self._backspace = self._rest = ""
        self._typed: deque[int] = deque(maxlen=KEPT)
        self._decided: KnownLetter | None = None
        self._waiting: KnownLetter | None = None

    def take(self, served: Served, answered: Sequence[Message]) -> Iterator[Message]:
        """Take a marker in its turn, with what was decided; yield what changes, and why."""
        event, outcome = served.event, served.outcome
        if isinstance(event, SessionStarted):
            # Its letters have the numbers of those of the session before, if there was one.
            yield from self._end(served.time)
            self._backspace = str(event.info.get("backspace", ""))
            self._rest = str(event.info.get("rest", ""))
            yield from self._begin(event.info.get("adaptation"), served.time)
        elif isinstance(event, Layout):
            self._symbols_of_code = dict(event.symbols)
        if self._letters is None:
            return
        if isinstance(event, GoBack):
            yield from self._end(served.time)
            yield Status("info", "the trained decoder decides again, and stays", served.time)
        elif isinstance(event, Undo):
            yield from self._undo(event.trial, served.time)
        elif isinstance(event, Corrected):
            yield from self._unlearn(event.trial, served.time)
        elif isinstance(event, TrialStart):
            yield from self._next_letter(served.time)
        elif isinstance(event, Flash) and isinstance(outcome, Epoch) and not outcome.without:
            self._flashes.append((self._symbols_of_code.get(event.code, ()), outcome))
        for decision in answered:
            if isinstance(decision, Decision):
                yield from self._type(decision, served.time)
                self._decided = self._known(decision)

    def take_back(self, retracted: Retracted) -> None:
        """Learn nothing from a flash whose samples are in doubt, nor from a letter it decided."""
        self._flashes = [one for one in self._flashes if one[1].marker != retracted.marker]
        self._drop(retracted.suspect_trial)

    def _begin(self, stated: object, time: float) -> Iterator[Status]:
        if not stated:
            return
        try:
            spec = msgspec.convert(stated, Adaptation)
        except msgspec.ValidationError as error:
            yield Status("warning", f"the decoder does not follow the session: {error}", time)
            return
        found = discriminant_of(self._trained)
        if isinstance(found, str):
            yield Status("warning", f"the decoder does not follow the session: {found}", time)
            return
        self._discriminant, self._confidence = found, spec.confidence
        self._letters = FollowedLetters(found, self._trained.header.evidence, spec.half_life)
        yield Status("info", "the decoder follows the session, letter by letter", time)

    def _end(self, time: float) -> Iterator[Journal]:
        """Forget the letters: the trained decoder decides again."""
        if self._letters is None:
            return
        self._letters, self.decoder = None, self._trained
        self._decided = self._waiting = None
        self._flashes = []
        self._typed.clear()
        yield Journal("adapted", time, text="trained")

    def _known(self, decision: Decision) -> KnownLetter | None:
        """Return the open letter as it was decided; None where that is not sure enough."""
        if self._discriminant is None or decision.value is None:
            return None
        y = np.array([decision.value in line for line, _ in self._flashes], dtype=bool)
        if decision.confidence < self._confidence or not y.any() or y.all():
            return None
        X = np.stack([epoch.data for _, epoch in self._flashes])
        return KnownLetter(decision.trial, self._discriminant.scaled(X), y)

    def _type(self, decision: Decision, time: float) -> Iterator[Message]:
        """Take back the letter before a backspace."""
        if decision.value is None or decision.value == self._rest:
            return
        if decision.value != self._backspace:
            self._typed.append(decision.trial)
        elif self._typed:
            yield from self._undo(self._typed[-1], time)

    def _next_letter(self, time: float) -> Iterator[Message]:
        letter, self._waiting = self._waiting, self._decided
        self._decided, self._flashes = None, []
        if letter is None or self._letters is None:
            return
        gain = self._letters.learn(letter)
        if gain is not None:
            yield from self._use("the decoder has followed the session", gain, time)

    def _drop(self, trial: int | None) -> None:
        """Forget a letter before it is learnt."""
        if self._waiting is not None and self._waiting.trial == trial:
            self._waiting = None
        if self._decided is not None and self._decided.trial == trial:
            self._decided = None

    def _undo(self, trial: int, time: float) -> Iterator[Message]:
        if trial in self._typed:
            self._typed.remove(trial)
        yield from self._unlearn(trial, time)

    def _unlearn(self, trial: int, time: float) -> Iterator[Message]:
        self._drop(trial)
        if self._letters is not None and self._letters.forget(trial):
            yield from self._use(f"what trial {trial} taught the decoder is forgotten", 0.0, time)

    def _use(self, text: str, gain: float, time: float) -> Iterator[Message]:
        if self._discriminant is None or self._letters is None:
            return
        self.decoder = self._discriminant.decoder(self._letters.current)
        yield Journal("adapted", time, text="followed", value=gain)
        yield Status("info", text, time)
