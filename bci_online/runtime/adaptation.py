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
from bci_online.standing_letters import StandingLetters

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
    bci_online.standing_letters.StandingLetters : What is taken back.

    Notes
    -----
    A letter is learnt when the one after it is over and did not take it back, if it was decided
    with enough confidence. One that is taken back later, by an undo, a correction or a backspace,
    is taken out of all that was learnt, and is learnt again where it stands again. All of this
    follows from markers and samples, so a replay decides the same.

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
        self._text = StandingLetters()
        # Known letters that are not learnt, because they were taken back.
        self._apart: deque[KnownLetter] = deque(maxlen=KEPT)
        self._decided: KnownLetter | None = None
        self._waiting: KnownLetter | None = None

    def take(self, served: Served, answered: Sequence[Message]) -> Iterator[Message]:
        """Take a marker in its turn, with what was decided; yield what changes, and why."""
        event, outcome = served.event, served.outcome
        if isinstance(event, SessionStarted):
            # Its letters have the numbers of those of the session before, if there was one.
            yield from self._end(served.time)
            yield from self._begin(event.info.get("adaptation"), served.time)
        elif isinstance(event, Layout):
            self._symbols_of_code = dict(event.symbols)
        self._text.observe(event)
        if self._letters is None:
            return
        if isinstance(event, GoBack):
            yield from self._end(served.time)
            yield Status("info", "the trained decoder decides again, and stays", served.time)
        elif isinstance(event, Undo | Corrected):
            yield from self._keep_to_text(served.time)
        elif isinstance(event, TrialStart):
            yield from self._next_letter(served.time)
        elif isinstance(event, Flash) and isinstance(outcome, Epoch) and not outcome.without:
            self._flashes.append((self._symbols_of_code.get(event.code, ()), outcome))
        for decision in answered:
            if isinstance(decision, Decision):
                self._decided = self._known(decision)
                if decision.value is not None:
                    self._text.enter(decision.trial, decision.value)
                    yield from self._keep_to_text(served.time)

    def take_back(self, retracted: Retracted) -> None:
        """Learn nothing from a flash whose samples are in doubt, nor from a letter it decided."""
        self._flashes = [one for one in self._flashes if one[1].marker != retracted.marker]
        suspect = retracted.suspect_trial
        if self._waiting is not None and self._waiting.trial == suspect:
            self._waiting = None
        if self._decided is not None and self._decided.trial == suspect:
            self._decided = None

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
        self._apart.clear()
        yield Journal("adapted", time, text="trained")

    def _known(self, decision: Decision) -> KnownLetter | None:
        """Return the open letter as it was decided; None where that is not sure enough."""
        if self._discriminant is None or decision.value is None:
            return None
        y = np.array([decision.value in line for line, _ in self._flashes], dtype=bool)
        if decision.confidence < self._confidence or not y.any() or y.all():
            return None
        X = np.stack([epoch.data for _, epoch in self._flashes])
        return KnownLetter(decision.trial, decision.value, self._discriminant.scaled(X), y)

    def _next_letter(self, time: float) -> Iterator[Message]:
        letter, self._waiting = self._waiting, self._decided
        self._decided, self._flashes = None, []
        if letter is not None:
            self._apart.append(letter)
            yield from self._keep_to_text(time)

    def _keep_to_text(self, time: float) -> Iterator[Message]:
        """Forget the letters that were taken back, and learn those that stand."""
        if self._letters is None:
            return
        meant = self._text.meant
        for letter in self._letters.learnt:
            if meant.get(letter.trial) != letter.symbol:
                self._apart.append(letter)
                if self._letters.forget(letter.trial):
                    text = f"what trial {letter.trial} taught the decoder is forgotten"
                    yield from self._use(text, 0.0, time)
        apart, self._apart = self._apart, deque(maxlen=KEPT)
        for letter in apart:
            if meant.get(letter.trial) != letter.symbol:
                self._apart.append(letter)
            elif (gain := self._letters.learn(letter)) is not None:
                yield from self._use("the decoder has followed the session", gain, time)

    def _use(self, text: str, gain: float, time: float) -> Iterator[Message]:
        if self._discriminant is None or self._letters is None:
            return
        self.decoder = self._discriminant.decoder(self._letters.current)
        yield Journal("adapted", time, text="followed", value=gain)
        yield Status("info", text, time)
