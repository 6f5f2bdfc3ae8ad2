"""What was cut for each stimulus of a recording, in bounded memory."""

from collections import Counter

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.markers import Cue, Event, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Epoch, Marker, Message, Rejected, Retracted, Score, TrialEvidence
from bci_online.paradigms.p300.flash_labels import flash_label
from bci_online.paradigms.p300.flash_sequences import FlashSequence
from bci_online.paradigms.p300.label_check import LetterLabels

__all__ = ["UNLABELLED", "Stimuli"]

MOST_VALUES = 10_000_000
UNLABELLED = "unlabelled"


class Stimuli:
    """A paradigm that decides nothing and keeps what was cut for each stimulus, by its class.

    Hours of epochs are gigabytes. So of a window of imagery its power is kept, and where epochs
    hold more than ten million values every second of each class, then every fourth, and so on.

    Parameters
    ----------
    config : Config
        Its layout gives flashes without a label one.

    Attributes
    ----------
    rejected : Counter
        Stimuli without an epoch, by reason.
    n_stimuli, n_cut, n_outside, n_letters : int
        Flashes or cues; epochs and windows, with those that were rejected; epochs that lie in no
        letter; letters.
    cut_off : tuple of (int, str, int) or None
        Number and symbol of the letter that the end of the recording cut off, and its epochs.
    labels : list of LetterLabels
        Of each letter, against the layout.
    sequences : list of FlashSequence
        All flashes, those of each letter and those between letters.

    See Also
    --------
    bci_online.look.responses.response_of : What they evoke.
    bci_online.paradigms.paradigm.Paradigm : What it stands in for.

    Examples
    --------
    >>> stimuli = Stimuli(Config())
    >>> stimuli.push(Flash(1, target=True), 0.0, None), stimuli.n_stimuli
    ([], 1)
    """

    def __init__(self, config: Config) -> None:
        self.unknown_codes = 0
        self.rejected: Counter[str] = Counter()
        self.n_stimuli = self.n_cut = self.n_outside = self.n_letters = 0
        self.cut_off: tuple[int, str, int] | None = None
        self.labels: list[LetterLabels] = []
        self.sequences = [FlashSequence({})]
        self._layout = config.layout.symbols_of_code
        self._truth: str | None = None
        self._n_ended = self._n_in_letter = 0
        self._rows: dict[str, list[Epoch]] = {}
        self._numbers: dict[str, dict[Marker, int]] = {}
        self._retracted: set[Marker] = set()
        self._n_values, self._every = 0, 1

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep an epoch, or follow the trial."""
        if isinstance(event, Flash):
            self.sequences[-1].add(event, time)
            self._flash(event, outcome)
        elif isinstance(event, Cue):
            self.n_stimuli += outcome is None
            self._keep(event.label, _power(outcome))
        elif isinstance(event, Layout):
            self._layout = dict(event.symbols)
        elif isinstance(event, TrialStart):
            self._truth = event.symbol
            self.labels.append(LetterLabels.begun(event.symbol, self._layout))
            self.sequences.append(FlashSequence(self._layout, event.symbol))
            self._n_in_letter = 0
            self.n_letters += 1
        elif isinstance(event, TrialEnd):
            self._truth = None
            self._n_ended += 1
            self.sequences.append(FlashSequence({}))
        return []

    def _flash(self, flash: Flash, outcome: Score | Rejected | Epoch | None) -> None:
        self.n_stimuli += 1
        self.n_outside += self._truth is None and isinstance(outcome, Epoch)
        if self._truth is not None:
            self.unknown_codes += flash.code not in self._layout
            self.labels[-1].add(flash, self._layout)
        label = flash_label(flash, self._layout, self._truth or "")
        self._keep({True: "target", False: "nontarget", None: UNLABELLED}[label], outcome)

    def _keep(self, label: str, outcome: Score | Rejected | Epoch | None) -> None:
        self.n_cut += outcome is not None
        if isinstance(outcome, Rejected):
            self.rejected[outcome.reason] += 1
        elif isinstance(outcome, Epoch):
            self.rejected[UNLABELLED] += label == UNLABELLED
            self._n_in_letter += 1
            if label != UNLABELLED:
                self._keep_epoch(label, outcome)

    def _keep_epoch(self, label: str, epoch: Epoch) -> None:
        numbers, rows = self._numbers.setdefault(label, {}), self._rows.setdefault(label, [])
        number = numbers.setdefault(epoch.marker, len(numbers))
        if number % self._every == 0:
            rows.append(msgspec.structs.replace(epoch, data=epoch.data.astype(np.float32)))
            self._n_values += epoch.data.size
        if self._n_values > MOST_VALUES:
            self._every *= 2
            for rows, numbers in zip(self._rows.values(), self._numbers.values(), strict=True):
                rows[:] = [one for one in rows if numbers[one.marker] % self._every == 0]
            self._n_values = sum(one.data.size for rows in self._rows.values() for one in rows)

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop an epoch that lies over a loss found later."""
        for rows in self._rows.values():
            rows[:] = [one for one in rows if one.marker != retracted.marker]
        self._retracted.add(retracted.marker)
        self.rejected["gap"] += 1
        return retracted

    def finish(self) -> list[Message]:
        """Say which letter was cut off."""
        if self._truth is not None and self._n_ended:
            self.cut_off = self.n_letters, self._truth, self._n_in_letter
        return []

    def trial_evidence(self) -> TrialEvidence | None:
        """Return None: no evidence is collected."""
        return None

    def by_class(self) -> dict[str, list[Epoch]]:
        """Return the epochs of each class, the smallest class first; not those without a label."""
        found = {label: rows for label, rows in self._rows.items() if rows}
        return dict(sorted(found.items(), key=lambda item: self._n_cut_of(item[0])))

    def counts(self) -> dict[str, int]:
        """Return how many stimuli of each class have an epoch or a window."""
        return {label: self._n_cut_of(label) for label in self.by_class()}

    def _n_cut_of(self, label: str) -> int:
        return len(self._numbers[label].keys() - self._retracted)


def _power(outcome: Score | Rejected | Epoch | None) -> Score | Rejected | Epoch | None:
    """Return a window with its power in dB in each channel, the mean over bands, as its data."""
    if not isinstance(outcome, Epoch):
        return outcome
    power = 10 * np.log10(np.maximum(outcome.data.var(axis=-1), 1e-30))
    mean = np.atleast_2d(power).reshape(-1, power.shape[-1]).mean(0)
    return msgspec.structs.replace(outcome, data=mean)
