"""What the chain cuts from a recording of flashes: labelled epochs, letter by letter."""

from collections.abc import Mapping

import msgspec

from bci_online.config import Config
from bci_online.markers import Event, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score
from bci_online.paradigms.p300.flash_labels import flash_label
from bci_online.paradigms.p300.flash_sequences import FlashSequence
from bci_online.paradigms.p300.label_check import LetterLabels
from bci_online.stimulus_findings import letter_cut_off
from calibration.collector import Collector
from calibration.folds import NO_LETTER

__all__ = ["FlashCollector", "Letter"]


class Letter(msgspec.Struct, frozen=True):
    """One trial of a recording: what the subject was to spell, and with which layout.

    Parameters
    ----------
    run : int
        Number of the recording.
    truth : str
        What the subject was to spell; empty if unknown.
    symbols_of_code : dict of int to tuple of str
        What each flash lights.

    See Also
    --------
    calibration.p300.epochs.EpochSet : Holds the letters of recordings.

    Examples
    --------
    >>> letter = Letter(run=0, truth="A", symbols_of_code={1: ("A", "B"), 2: ("C", "D")})
    >>> letter.truth in letter.symbols_of_code[1]
    True
    """

    run: int
    truth: str
    symbols_of_code: dict[int, tuple[str, ...]]


class FlashCollector(Collector):
    """Keeps every labelled epoch of one recording.

    Parameters
    ----------
    run : int
        Number of the recording.
    config : Config
        Its layout says which flashes are targets where their markers do not.
    letters : list of Letter
        The letters of this recording are appended.
    decided : mapping of int to str, optional
        The symbol of each trial; then neither symbols nor labels of markers count.

    Attributes
    ----------
    rows : list of (Epoch, bool, int, int)
        Each epoch with its label, the number of its letter and its code.
    labels : dict of int to LetterLabels
        What the markers of each letter say of its flashes.
    sequences : list of FlashSequence
        All flashes, those of each letter and those between letters.
    n_derived : int
        How many labels follow from letter and layout.

    See Also
    --------
    calibration.p300.labelled_epochs.labelled_epochs : Stacks what it keeps.

    Examples
    --------
    >>> letters = []
    >>> collector = FlashCollector(0, Config(), letters)
    >>> collector.push(TrialStart(1, "A"), 2.0, None), letters[0].truth
    ([], 'A')
    """

    def __init__(
        self,
        run: int,
        config: Config,
        letters: list[Letter],
        decided: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__()
        self._decided = decided
        self._run = run
        self._layout = config.layout.symbols_of_code
        self._letters = letters
        self._in_letter = NO_LETTER
        self.labels: dict[int, LetterLabels] = {}
        self.sequences = [FlashSequence({})]
        self.rows: list[tuple[Epoch, bool, int, int]] = []
        self.n_derived = 0
        self._n_ended = 0

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep an epoch, or follow the trial that the event belongs to."""
        event = self._as_decided(event)
        if isinstance(event, Flash):
            self.sequences[-1].add(event, time)
            if self._in_letter != NO_LETTER:
                self.unknown_codes += event.code not in self._layout
                self.labels[self._in_letter].add(event, self._layout)
            truth = "" if self._in_letter == NO_LETTER else self._letters[self._in_letter].truth
            is_target = flash_label(event, self._layout, truth)
            if isinstance(outcome, Rejected):
                self.reject(outcome)
            elif is_target is None:
                self.rejected["unlabelled"] += 1
            elif isinstance(outcome, Epoch):
                self.n_derived += event.target is None
                self.rows.append((outcome, is_target, self._in_letter, event.code))
        elif isinstance(event, Layout):
            self._layout = dict(event.symbols)
        elif isinstance(event, TrialStart):
            self._in_letter = len(self._letters)
            self._letters.append(Letter(self._run, event.symbol, self._layout))
            self.labels[self._in_letter] = LetterLabels.begun(event.symbol, self._layout)
            self.sequences.append(FlashSequence(self._layout, event.symbol))
        elif isinstance(event, TrialEnd):
            self._in_letter = NO_LETTER
            self._n_ended += 1
            self.sequences.append(FlashSequence({}))
        return []

    def _as_decided(self, event: Event) -> Event:
        if self._decided is None:
            return event
        if isinstance(event, Flash):
            return Flash(event.code)
        if isinstance(event, TrialStart):
            number = event.number or len(self._letters) + 1
            return TrialStart(event.number, self._decided.get(number, ""))
        return event

    def cut_off(self) -> str:
        """Return a line about a letter that the end of the recording cut off; empty for none."""
        if self._in_letter == NO_LETTER or not self._n_ended:
            return ""
        letter, number = self._letters[self._in_letter], self._in_letter
        n_flashes = sum(in_letter == number for _, _, in_letter, _ in self.rows)
        return letter_cut_off(number + 1, letter.truth, n_flashes).text

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop an epoch that lies over a loss found later."""
        self.rows = [row for row in self.rows if row[0].marker != retracted.marker]
        self.rejected["gap"] += 1
        return retracted
