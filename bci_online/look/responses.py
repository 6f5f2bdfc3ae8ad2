"""What the stimuli of a recording evoke: the sensor where their classes differ most."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import LARGEST
from bci_online.config import Config, Preprocessing
from bci_online.markers import Cue, Event, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import (
    Epoch,
    Message,
    Rejected,
    Retracted,
    Score,
    TrialEvidence,
    unit_name,
)
from bci_online.metrics import Z95, welch_t
from bci_online.paradigms.p300.flash_labels import flash_label
from bci_online.paradigms.p300.flash_sequences import FlashSequence
from bci_online.paradigms.p300.label_check import LetterLabels

__all__ = ["CERTAIN_Z", "Response", "Stimuli", "response_of"]

CERTAIN_Z = 6.0
"""Forty latencies of 64 channels without a response stay below this in 99.99 of 100 cases."""

FEWEST = 5
UNLABELLED = "unlabelled"


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """Two classes of stimuli at the sensor where they differ most.

    Parameters
    ----------
    sensor : str
        Where.
    unit : str
        Of the values: of the signal, or ``dB`` for the power of windows of imagery.
    classes : tuple of (str, str)
        Such as target and nontarget.
    counts : tuple of (int, int)
        Stimuli of each class.
    latencies : tuple of float
        Seconds after the stimulus; empty for the power of windows.
    means, halves : tuple of two tuples of float
        Mean of each class at each latency, and the half width of its 95 % interval.
    at : int
        Index of the latency where they differ most.
    z : float
        Difference there over its standard error.

    See Also
    --------
    response_of : Finds it.

    Examples
    --------
    >>> response = Response(
    ...     sensor="Pz", unit="µV", classes=("target", "nontarget"), counts=(80, 400),
    ...     latencies=(0.2, 0.3), means=((0.0, 3.0), (0.0, -1.0)), halves=((1.0, 1.0), (0.5, 0.5)),
    ...     at=1, z=7.0,
    ... )
    >>> print(response.text)
    +4 µV at Pz at 0.30 s (80 target, 400 nontarget)
    """

    sensor: str
    unit: str
    classes: tuple[str, str]
    counts: tuple[int, int]
    latencies: tuple[float, ...]
    means: tuple[tuple[float, ...], tuple[float, ...]]
    halves: tuple[tuple[float, ...], tuple[float, ...]]
    at: int
    z: float

    @property
    def is_clear(self) -> bool:
        """Whether it is more than chance."""
        return abs(self.z) >= CERTAIN_Z

    @property
    def text(self) -> str:
        """One line for a person."""
        first, second = (mean[self.at] for mean in self.means)
        when = f" at {self.latencies[self.at]:.2f} s" if self.latencies else ""
        counts = f"{self.counts[0]} {self.classes[0]}, {self.counts[1]} {self.classes[1]}"
        size = f"{first - second:+.3g} {unit_name(self.unit)} at {self.sensor}{when} ({counts})"
        return size if self.is_clear else f"none that is clear; the largest difference is {size}"


class Stimuli:
    """A paradigm that decides nothing and keeps what was cut for each stimulus, by its class.

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
    response_of : What they evoke.
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
        self._rows: list[tuple[str, Epoch]] = []

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep an epoch, or follow the trial."""
        if isinstance(event, Flash):
            self.sequences[-1].add(event, time)
            self._flash(event, outcome)
        elif isinstance(event, Cue):
            self.n_stimuli += outcome is None
            self._keep(event.label, outcome)
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
            self._rows.append((label, outcome))
            self._n_in_letter += 1

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop an epoch that lies over a loss found later."""
        self._rows = [row for row in self._rows if row[1].marker != retracted.marker]
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
        found: dict[str, list[Epoch]] = {}
        for label, epoch in self._rows:
            if label != UNLABELLED:
                found.setdefault(label, []).append(epoch)
        return dict(sorted(found.items(), key=lambda item: len(item[1])))

    def counts(self) -> dict[str, int]:
        """Return how many stimuli of each class have an epoch or a window."""
        classes = self.by_class().items()
        return {label: len({_stimulus(epoch) for epoch in epochs}) for label, epochs in classes}


def response_of(
    epochs: Mapping[str, Sequence[Epoch]], preprocessing: Preprocessing
) -> Response | None:
    """Return the two largest classes at the sensor where they differ most.

    Parameters
    ----------
    epochs : mapping of str to sequence of Epoch
        Of each class.
    preprocessing : Preprocessing
        What made them.

    Returns
    -------
    response : Response or None
        None for fewer than two classes, or fewer than five stimuli in one.

    See Also
    --------
    Stimuli : Collects the epochs.

    Examples
    --------
    >>> response_of({}, Preprocessing(ch_names=("Cz",), sfreq=250.0)) is None
    True
    """
    chosen = {label: one for label, one in epochs.items() if len(one) >= FEWEST}
    labels = sorted(chosen, key=lambda label: -len(chosen[label]))[:2][::-1]
    if len(labels) < 2:
        return None
    is_power = preprocessing.window is not None
    values = [_values(chosen[label], is_power).clip(-LARGEST, LARGEST) for label in labels]
    means = [one.mean(axis=0) for one in values]
    errors = [one.std(axis=0, ddof=1) / np.sqrt(len(one)) for one in values]
    z = welch_t(*values)
    channel, at = (int(place) for place in np.unravel_index(np.abs(z).argmax(), z.shape))
    return Response(
        sensor=preprocessing.ch_names[channel],
        unit="dB" if is_power else preprocessing.unit,
        classes=(labels[0], labels[1]),
        counts=(len(values[0]), len(values[1])),
        latencies=() if is_power else tuple(preprocessing.epoch.latencies.tolist()),
        means=(tuple(means[0][channel].tolist()), tuple(means[1][channel].tolist())),
        halves=(
            tuple((Z95 * errors[0][channel]).tolist()),
            tuple((Z95 * errors[1][channel]).tolist()),
        ),
        at=at,
        z=float(z[channel, at]),
    )


def _stimulus(epoch: Epoch) -> tuple[str, float]:
    return epoch.marker.stream, epoch.marker.time


def _values(epochs: Sequence[Epoch], is_power: bool) -> NDArray[np.float64]:
    """Return the signal of each epoch, or the power in dB of each cue, (n, n_channels, n_times)."""
    if not is_power:
        return np.stack([epoch.data for epoch in epochs])
    cues: dict[tuple[str, float], list[NDArray[np.float64]]] = {}
    for epoch in epochs:
        power = 10 * np.log10(np.maximum(epoch.data.var(axis=-1), 1e-30))
        cues.setdefault(_stimulus(epoch), []).append(
            np.atleast_2d(power).reshape(-1, power.shape[-1]).mean(0)
        )
    return np.stack([np.mean(windows, axis=0) for windows in cues.values()])[:, :, np.newaxis]
