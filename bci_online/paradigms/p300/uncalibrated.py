"""Decisions of the P300 speller without any calibration, until letters have made a decoder."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec
import numpy as np

from bci_online.config import Evidence, Stopping
from bci_online.errors import DecoderMismatchError
from bci_online.markers import Event, SessionStarted, TrialStart
from bci_online.messages import (
    Decision,
    Epoch,
    Journal,
    Message,
    Rejected,
    Retracted,
    Score,
    Status,
)
from bci_online.notes import Corrected, Supervised, Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.earlier_response import EarlierResponse
from bci_online.paradigms.p300.epoch_evidence import (
    EarlierLetter,
    EpochEvidence,
    FittedEvidence,
    LetterReader,
)
from bci_online.paradigms.p300.fit_check import FitCheck
from bci_online.paradigms.p300.flashed_letter import FlashedLetter
from bci_online.paradigms.p300.letter_evidence import LetterEvidence
from bci_online.paradigms.p300.text_prior import TextPrior
from bci_online.paradigms.p300.uncalibrated_evidence import UncalibratedEvidence

__all__ = ["UncalibratedSpeller"]

NOBODY = 0.95
"""Where it is surer than this that nobody looked, a letter does not help with the next ones.

Letters that are not decided do: at an AUC of 0.80, 50 % of letters were right after ten repetitions
without them and 59 % with them, and no more were wrong (simulated subjects).
"""

EARLIER = 12
"""So many letters are decided together with the current one: their response is known well then."""

ONE_ORDER = (
    "the flashes come in the same order in each repetition; without calibration a symbol cannot be "
    "told from the one that always flashes before or after it: shuffle each repetition, or "
    "calibrate"
)


def _no_reader(decoder: str) -> LetterReader:
    raise DecoderMismatchError("nothing reads decoders here")


class UncalibratedSpeller(P300Speller):
    """Decide letters from unlabelled epochs, in the order of the flashes.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        The layout; a ``layout`` marker replaces it.
    evidence : Evidence
        Its threshold and its prior that nobody looks; there are no scores.
    stopping : Stopping
        Minimum and maximum number of repetitions.
    window_s : float
        Length of an epoch in seconds.
    dynamic : bool
        False: decide after all repetitions, whatever the evidence.
    prior : TextPrior, optional
        As in `P300Speller`.
    reader_of : callable, optional
        Given the decoder of a `Supervised` note, returns what reads letters with it; it raises
        `DecoderMismatchError` where the decoder cannot be used.
    response : EarlierResponse
        What earlier sessions say; by default nothing.

    References
    ----------
    Sosulski & Tangermann (2023), arXiv 2306.11830: unsupervised mean-difference maximisation. Here
    all letters so far are decided together, and chance is measured on shuffled epochs.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated_evidence.UncalibratedEvidence : What it decides by.
    bci_online.paradigms.p300.decision.P300Speller : The same with a trained decoder.

    Notes
    -----
    A letter at which surely nobody looked does not help with the next ones. No decision binds: a
    letter that was typed wrongly is chosen again together with every later one, so one mistake does
    not spoil what follows. So a letter that is taken back helps as before: what was typed had no
    part in that. Where all letters together say another symbol than was typed, it is offered once;
    a note `Corrected` accepts it.

    A note `Supervised` brings a decoder that was fitted on the letters so far. From the next letter
    on it decides, and the letters so far are read again with it.

    Examples
    --------
    >>> speller = UncalibratedSpeller(
    ...     {1: ("A",), 2: ("B",)}, Evidence(nobody=0.5), Stopping(), window_s=0.6
    ... )
    >>> speller.trial_evidence() is None
    True
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        evidence: Evidence,
        stopping: Stopping,
        window_s: float,
        dynamic: bool = True,
        prior: TextPrior | None = None,
        reader_of: Callable[[str], LetterReader] = _no_reader,
        response: EarlierResponse | None = None,
    ) -> None:
        super().__init__(symbols_of_code, evidence, stopping, window_s, dynamic, prior)
        self._earlier: tuple[EarlierLetter, ...] = ()
        self._told = set[int]()
        self._order_said = False
        self._reader_of = reader_of
        self._response = response or EarlierResponse(None, n_times=2, step_s=window_s)
        self._given: Supervised | None = None
        self._reader: LetterReader | None = None
        self._cold = evidence, stopping

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Process the next marker, as `P300Speller.push` does."""
        if isinstance(event, Undo | Corrected):
            # Its epochs still show the response, but what was typed is open, and not offered again.
            self._keep(
                msgspec.structs.replace(one, typed=None) if one.number == event.trial else one
                for one in self._earlier
            )
        elif isinstance(event, SessionStarted):
            # Its trials have the same numbers. Letters from before it still say how a response is,
            # but the decoder that they made belongs to their session.
            closed, self._told = self._close(), set()
            self._given = self._reader = None
            self._evidence, self._stopping = self._cold
            self._fit = FitCheck(self._evidence)
            self._keep(msgspec.structs.replace(one, number=0, typed=None) for one in self._earlier)
            return [*closed, *super().push(event, time, outcome)]
        elif isinstance(event, Supervised):
            self._given = event
        elif isinstance(event, TrialStart):
            # The letter before is decided as it began, whatever came meanwhile.
            closed = self._close()
            return [*closed, *self._supervised(time), *super().push(event, time, outcome)]
        return super().push(event, time, outcome)

    def retract(self, retracted: Retracted) -> Retracted:
        """Remove a flash's evidence, also where its letter helps with later ones."""
        kept = [one.without(retracted.marker) for one in self._earlier]
        if any(new is not old for new, old in zip(kept, self._earlier, strict=True)):
            self._keep(one for one in kept if one.flashes)
        return super().retract(retracted)

    def _keep(self, letters: Iterable[EarlierLetter]) -> None:
        """Go on with the last of these letters, also within the open letter."""
        letters = list(letters)
        for one in letters[:-EARLIER]:
            if one.said is not None:
                self._response.settle(one.said)
        self._earlier = tuple(letters[-EARLIER:])
        self._response.believe(one.said for one in self._earlier if one.said is not None)
        trial = self._trial
        if trial is None or trial.decided or trial.over:
            return
        if isinstance(trial.evidence, UncalibratedEvidence):
            trial.evidence.know(self._earlier)

    def _supervised(self, time: float) -> Iterator[Message]:
        """Go on with the decoder that was given, if one was, and read earlier letters with it."""
        given, self._given = self._given, None
        if given is None:
            return
        try:
            reader = self._reader_of(given.decoder)
        except DecoderMismatchError as error:
            text = f"the decoder that was fitted on the letters is not used: {error}"
            yield Status("alarm", text, time)
            return
        self._reader, self._evidence = reader, reader.evidence
        self._stopping, self._fit = reader.stopping, FitCheck(reader.evidence)
        yield Journal("supervised", time, value=given.auc)
        yield Status("info", f"{given.words}; it decides from now on", time)
        yield from self._offered(_read_differently(self._earlier, reader), time)

    def _new_evidence(self, number: int) -> LetterEvidence:
        if self._reader is not None:
            # Once the decoder no longer fits, its scores are worth less than it says itself.
            reader = self._reader._replace(evidence=self._evidence)
            return FittedEvidence(self._symbols_of_code, number, reader, self._nobody.value)
        return UncalibratedEvidence(
            self._symbols_of_code,
            self._earlier,
            saturation=self._evidence.saturation,
            nobody=self._nobody.value,
            number=number,
            response=self._response,
        )

    def _add(
        self, letter: LetterEvidence, code: int, outcome: Score | Rejected | Epoch | None
    ) -> None:
        assert isinstance(letter, EpochEvidence)
        letter.add_outcome(code, outcome)

    def _closed(self, trial: FlashedLetter, decision: Decision) -> list[Message]:
        letter, messages = trial.evidence, super()._closed(trial, decision)
        assert isinstance(letter, EpochEvidence)
        if isinstance(letter, UncalibratedEvidence) and not self._order_said:
            self._order_said = letter.is_in_one_order()
            messages += [Status("warning", ONE_ORDER, decision.time)] * self._order_said
        if decision.nobody <= NOBODY:
            earlier = letter.as_earlier(decision.value)
            if isinstance(letter, UncalibratedEvidence):
                messages += self._offered(letter.read_differently(), decision.time)
                earlier = msgspec.structs.replace(earlier, said=letter.said())
            self._keep([*self._earlier, earlier])
            if news := self._response.news():
                messages.append(Status("info", news, decision.time))
        return messages

    def _offered(self, letters: Iterable[tuple[int, str]], time: float) -> Iterator[Message]:
        """Yield an offer for each trial that was not offered before and can be corrected."""
        for number, symbol in letters:
            if number not in self._told and self._prior.can_correct(number, symbol):
                self._told.add(number)
                yield Journal("reread", time, text=symbol, value=number)
                yield _offer(number, time)


def _read_differently(
    letters: Iterable[EarlierLetter], reader: LetterReader
) -> Iterator[tuple[int, str]]:
    """Yield the trials that were typed as another symbol than `reader` is sure of, and that one."""
    for letter in letters:
        posterior = FittedEvidence.of(letter, reader).posterior()
        best = int(np.argmax(posterior))
        if letter.typed not in (None, best) and posterior[best] >= reader.evidence.threshold:
            yield letter.number, letter.symbols[best]


def _offer(number: int, time: float) -> Status:
    """Return the offer to correct a letter; it names no symbol, because a log must not hold any."""
    text = (
        f"trial {number} was typed as another symbol than all letters together say; ask the "
        "subject: key C in the panel corrects it"
    )
    return Status("warning", text, time, kind="reread")
