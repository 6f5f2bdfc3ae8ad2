"""What a training leaves in the decoder's header: expected figures, held-out data, losses."""

from typing import Annotated

import msgspec

from bci_online.config.section import (
    Count,
    Section,
)

__all__ = ["Expected", "HeldOut", "LearningCurve"]


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

    repetitions: int
    letters: int
    right: tuple[float, float, float]
    undecided: float
    seconds: tuple[float, float, float]
    bits_per_min: tuple[float, float, float]


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
