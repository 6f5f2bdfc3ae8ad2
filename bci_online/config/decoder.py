"""What a decoder file says of itself, shared by calibration, which writes it, and decoding."""

from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config.network import NetworkSpec
from bci_online.config.section import Bridge, Count, Positive, Probability, Section
from bci_online.config.sections import EpochSpec, FilterSpec
from bci_online.config.speller import LayoutSpec, Presentation, Stopping
from bci_online.config.windows import EvidenceSpec, WindowSpec, window_starts
from bci_online.translation import TranslationRule

__all__ = ["DecoderHeader", "Evidence", "Expected", "HeldOut", "LearningCurve", "Preprocessing"]


class Preprocessing(Section, frozen=True, kw_only=True):
    """All that decides what an epoch is; the online chain is built from this and nothing else.

    With a ``window`` (motor imagery) what is scored are windows on a grid from each cue, within
    ``interval``; without one it is each flash's epoch.
    """

    ch_names: tuple[str, ...]
    sfreq: Positive
    unit: str = "unknown"
    stream_reference: str = ""
    amplifier: str = ""
    reference: Literal["recorded", "average"] = "recorded"
    filter: FilterSpec = FilterSpec()
    epoch: EpochSpec = EpochSpec()
    window: WindowSpec | None = None
    interval: EvidenceSpec = EvidenceSpec()
    max_bridge: Bridge = 0.1
    counter: str = ""
    counter_modulus: Annotated[int, msgspec.Meta(ge=2)] = 256
    counter_step: Count = 1
    display_delay: float = 0.0
    amplifier_delay: float = 0.0

    def check(self) -> None:
        """Refuse a band that the sampling rate cannot hold."""
        if self.filter.h_freq >= self.sfreq / 2:
            raise ValueError(
                f"band ({self.filter.l_freq:g}, {self.filter.h_freq:g}) Hz must satisfy "
                f"h_freq < {self.sfreq / 2:g} Hz (half of sfreq={self.sfreq:g} Hz)"
            )
        if not self.ch_names or len(set(self.ch_names)) < len(self.ch_names):
            raise ValueError(f"ch_names must be different and not empty, got {self.ch_names}")
        if self.window is not None:
            window_starts(self.window, self.interval)

    @property
    def row_names(self) -> tuple[str, ...]:
        """What the rows of the filtered signal are: channels, band by band."""
        bands = self.filter.bands
        if len(bands) == 1:
            return self.ch_names
        return tuple(f"{name} {low:g}-{high:g} Hz" for low, high in bands for name in self.ch_names)

    @property
    def scored_s(self) -> float:
        """Seconds from the beginning of what is scored to its last sample."""
        return self.epoch.tmax if self.window is None else self.window.length

    @property
    def starts(self) -> NDArray[np.float64]:
        """When windows begin, in seconds from the cue, shape (n_windows,)."""
        return np.zeros(0) if self.window is None else window_starts(self.window, self.interval)


class Evidence(Section, frozen=True):
    """How scores become evidence: two normal densities of one spread, and a temperature.

    For motor imagery there are no densities: ``scale`` times a window's values are its calibrated
    log-odds, and ``temperature`` discounts their sum. ``threshold`` is the posterior at which a
    letter or trial may be decided, chosen on held-out ones for ``error_rate``; ``promised`` is
    False where they were too few to promise it.
    """

    target_mean: float = 1.0
    nontarget_mean: float = -1.0
    spread: Positive = 1.0
    scale: Positive = 1.0
    temperature: Positive = 1.0
    threshold: Probability = 0.95
    error_rate: Probability = 0.05
    expected_error: tuple[float, float, float] | None = None
    promised: bool = False


class Expected(Section, frozen=True, kw_only=True):
    """What held-out letters say of spelling live; triples are 95 % interval and middle.

    ``repetitions`` of each letter, or 0: as many as the stopping rule takes. ``right`` is a share
    of the ``letters`` asked for, those ``undecided`` (a share, too) are not; ``seconds`` are those
    of one letter, pauses counted.
    """

    repetitions: int
    letters: int
    right: tuple[float, float, float]
    undecided: float
    seconds: tuple[float, float, float]
    bits_per_min: tuple[float, float, float]


class HeldOut(Section, frozen=True, kw_only=True):
    """What the outer folds came to, small enough to stay with the decoder.

    ``target`` and ``nontarget`` count the flashes whose evidence, the log-likelihood ratio of their
    held-out score, lies between neighbours of ``edges``; ``confusion`` goes from what a cue asked
    for to what was decided, timeouts included.
    """

    edges: tuple[float, ...] = ()
    target: tuple[Annotated[int, msgspec.Meta(ge=0)], ...] = ()
    nontarget: tuple[Annotated[int, msgspec.Meta(ge=0)], ...] = ()
    confusion: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)

    def check(self) -> None:
        """Refuse counts that do not lie between the edges."""
        n_bins = max(len(self.edges) - 1, 0)
        if not len(self.target) == len(self.nontarget) == n_bins:
            raise ValueError(f"{len(self.edges)} edges must hold {n_bins} counts of each class")


class LearningCurve(Section, frozen=True, kw_only=True):
    """How a network was trained, one row a pass and one column a loss; ``kept`` counts from 1.

    ``training`` and ``validation`` are unweighted losses, ``norms`` of their gradients in the
    shared layer; None where there was none.
    """

    losses: tuple[str, ...]
    kept: Count
    training: tuple[tuple[float | None, ...], ...]
    validation: tuple[tuple[float | None, ...], ...]
    weights: tuple[tuple[float | None, ...], ...]
    norms: tuple[tuple[float | None, ...], ...]

    def check(self) -> None:
        """Refuse rows of different lengths."""
        tables = (self.training, self.validation, self.weights, self.norms)
        if any(len(row) != len(self.losses) for rows in tables for row in rows):
            raise ValueError(f"every pass needs {len(self.losses)} values, one for each loss")
        if len({len(rows) for rows in tables}) > 1 or self.kept > len(self.training):
            raise ValueError("losses, weights and norms must be of the same passes")


class DecoderHeader(Section, frozen=True, kw_only=True):
    """Everything of a decoder that is not an array.

    ``kind`` says which decoder reads the arrays; ``trained_on`` has size in bytes and SHA-256 of
    each recording it was trained on; ``held_out`` and ``learning`` are for the training's report.
    """

    format_version: Literal[1] = 1
    method: str
    kind: Literal["linear", "spatial", "network"] = "linear"
    paradigm: Literal["p300", "motor_imagery"] = "p300"
    classes: tuple[str, ...] = ("nontarget", "target")
    preprocessing: Preprocessing
    network: NetworkSpec | None = None
    layout: LayoutSpec = LayoutSpec()
    translate: tuple[TranslationRule, ...] = ()
    presentation: Presentation = Presentation()
    stopping: Stopping = Stopping()
    evidence: Evidence = Evidence()
    expected: tuple[Expected, ...] = ()
    trained_on: tuple[tuple[int, str], ...] = ()
    metrics: dict[str, float | int | str | None] = msgspec.field(default_factory=dict)
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    held_out: HeldOut | None = None
    learning: LearningCurve | None = None
