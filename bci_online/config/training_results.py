"""What a training leaves in the decoder's header: a promise, held-out figures, losses."""

import math
from typing import Annotated

import msgspec

from bci_online.config.ranges import Confusion, Count, Figure, Fraction, Label, Names, Probability
from bci_online.config.section import Section

__all__ = ["Expected", "HeldOut", "LearningCurve", "Promise", "Tried"]

Counts = Annotated[tuple[Count, ...], msgspec.Meta(max_length=10_000)]
Row = Annotated[tuple[Figure | None, ...], msgspec.Meta(max_length=100)]
Passes = Annotated[tuple[Row, ...], msgspec.Meta(max_length=100_000)]


class Expected(Section, frozen=True, kw_only=True):
    """What held-out letters predict for live spelling; triples are 95 % interval and middle.

    Parameters
    ----------
    repetitions : int
        Of each letter; 0: as many as the stopping rule takes.
    letters : int
        How many were held out.
    right : tuple of float
        Share of them that is right.
    undecided : float
        Share of them without a decision, which is not right.
    seconds : tuple of float
        For one letter, pauses included.
    bits_per_min : tuple of float
        Information transfer rate, pauses included.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Holds it.
    """

    repetitions: Count
    letters: Count
    right: tuple[Fraction, Fraction, Fraction]
    undecided: Fraction
    seconds: tuple[Figure, Figure, Figure]
    bits_per_min: tuple[Figure, Figure, Figure]


class Promise(Section, frozen=True, kw_only=True):
    """What spelling with the decoder's stopping rule is to be; triples are interval and middle.

    It is a statement about the subject's shares and means, not about a single session of few
    letters, which vary around them.

    Parameters
    ----------
    letters : int
        How many calibration letters it comes from.
    level : float
        Probability with which each interval holds.
    right : tuple of float
        Share of the letters that are right; those without a decision are not.
    seconds : tuple of float
        For one letter, pauses included.
    error : tuple of float
        Share of the decided letters that are wrong.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Holds it.

    Examples
    --------
    >>> print(Promise(
    ...     letters=5, right=(0.8, 0.95, 1.0), seconds=(9.0, 12.0, 15.0), error=(0.0, 0.02, 0.05)
    ... ).words)
    9.5 of 10 letters right (8.0-10.0), 12.0 s a letter (9.0-15.0), 2.0 % of the decided wrong \
(0.0-5.0 %); 95 % intervals, from 5 letters
    """

    letters: Count
    level: Probability = 0.95
    right: tuple[Fraction, Fraction, Fraction]
    seconds: tuple[Figure, Figure, Figure]
    error: tuple[Fraction, Fraction, Fraction]

    def check(self) -> None:
        """Refuse intervals that do not hold their middle, and shares beyond 0 and 1."""
        for name in ("right", "seconds", "error"):
            low, middle, high = getattr(self, name)
            most = math.inf if name == "seconds" else 1.0
            if not 0 <= low <= middle <= high <= most:
                raise ValueError(
                    f"{name} must rise from 0, at most to {most}, got {low, middle, high}"
                )

    @property
    def words(self) -> str:
        """What is promised, for a person, in one line."""
        low, right, high = (10 * share for share in self.right)
        soonest, seconds, latest = self.seconds
        least, wrong, most = (100 * share for share in self.error)
        return (
            f"{right:.1f} of 10 letters right ({low:.1f}-{high:.1f}), "
            f"{seconds:.1f} s a letter ({soonest:.1f}-{latest:.1f}), "
            f"{wrong:.1f} % of the decided wrong ({least:.1f}-{most:.1f} %); "
            f"{100 * self.level:g} % intervals, from {self.letters} letters"
        )


class HeldOut(Section, frozen=True, kw_only=True):
    """A summary of the held-out data, small enough to stay with the decoder.

    Parameters
    ----------
    edges : tuple of float
        Bounds of the bins of evidence: the log-likelihood ratio of a flash's held-out score.
    target, nontarget : tuple of int
        How many flashes of each class lie in each bin.
    confusion : dict
        Motor imagery: what a cue asked for → what was decided → how often; timeouts included.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Holds it.

    Examples
    --------
    >>> HeldOut(edges=(-1.0, 0.0, 1.0), target=(1, 9), nontarget=(8,))
    Traceback (most recent call last):
    ValueError: 3 edges must hold 2 counts of each class
    """

    edges: Annotated[tuple[Figure, ...], msgspec.Meta(max_length=10_001)] = ()
    target: Counts = ()
    nontarget: Counts = ()
    confusion: Confusion = msgspec.field(default_factory=dict)

    def check(self) -> None:
        """Refuse counts that do not lie between the edges."""
        n_bins = max(len(self.edges) - 1, 0)
        if not len(self.target) == len(self.nontarget) == n_bins:
            raise ValueError(f"{len(self.edges)} edges must hold {n_bins} counts of each class")


class LearningCurve(Section, frozen=True, kw_only=True):
    """How a network was trained: one row for each pass over the data, one column for each loss.

    Parameters
    ----------
    losses : tuple of str
        Their names.
    kept : int
        The pass whose weights the decoder has, counted from 1.
    training, validation : tuple of tuple of float
        The losses, unweighted; None where there was none.
    weights, norms : tuple of tuple of float
        Each loss's weight, and the norm of its gradient in the shared layer.
    refused : int
        Trainings with other seeds whose network was no better than chance.
    of_folds : tuple of float
        The last loss at the kept pass of each network that was trained on a part of the data, to
        say what values are worth.
    shown : tuple of int, int and float, optional
        Of the trials of imagery, or flashes, that were held out to watch the training: how many
        the network has right, how many there are, and the probability of so many by chance.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Holds it.

    Examples
    --------
    >>> passes = ((0.7,), (0.5,))
    >>> LearningCurve(
    ...     losses=("a", "b"), kept=2, training=passes, validation=passes,
    ...     weights=passes, norms=passes,
    ... )
    Traceback (most recent call last):
    ValueError: every pass needs 2 values, one for each loss
    """

    losses: Names
    kept: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    training: Passes
    validation: Passes
    weights: Passes
    norms: Passes
    refused: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    of_folds: Annotated[tuple[Figure, ...], msgspec.Meta(max_length=1000)] = ()
    shown: tuple[Count, Count, Fraction] | None = None

    def check(self) -> None:
        """Refuse rows of different lengths."""
        tables = (self.training, self.validation, self.weights, self.norms)
        if any(len(row) != len(self.losses) for rows in tables for row in rows):
            raise ValueError(f"every pass needs {len(self.losses)} values, one for each loss")
        if len({len(rows) for rows in tables}) > 1 or self.kept > len(self.training):
            raise ValueError("losses, weights and norms must be of the same passes")


class Tried(Section, frozen=True, kw_only=True):
    """A method that a training tried on its training epochs before it took one of them.

    Parameters
    ----------
    method : str
        Its name.
    h_freq : float
        Upper edge of the band in Hz.
    step : float
        Distance of the latencies or windows in seconds.
    held_out : tuple of float
        In the inner folds: AUC of flashes, or share of imagery's trials that are right. 95 %
        interval and middle; without an interval three times the middle.
    behind : float
        How far it is behind the best one's.
    error : float
        Standard error of that difference, over whole letters or trials.
    seconds : float
        How long the fits took.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Holds it.

    Examples
    --------
    >>> tried = Tried(method="lda", h_freq=8.0, step=0.05, held_out=(0.8, 0.85, 0.9),
    ...               behind=0.02, error=0.01, seconds=1.0)
    >>> tried.is_as_good  # more than one standard error behind
    False
    """

    method: Label
    h_freq: Figure
    step: Figure
    held_out: tuple[Fraction, Fraction, Fraction] = msgspec.field(name="auc")
    behind: Figure
    error: Figure
    seconds: Figure

    @property
    def is_as_good(self) -> bool:
        """Whether it is at most one standard error behind the best."""
        return self.behind <= self.error
