"""The figures in a decoder's header: what was chosen, and what held-out data say about it."""

from collections.abc import Mapping
from typing import Self

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["DecoderMetrics"]

Real = float | UnsetType | None
Whole = int | UnsetType


class DecoderMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """The figures that a training writes into ``DecoderHeader.metrics``.

    A figure is UNSET if the decoder has none of this name, and None if it could not be computed;
    both are false in a condition.

    Parameters
    ----------
    recorded, sensors : int
        Number of sensors in the recordings, and in the decoder.
    alpha, lam : float
        Strength of the penalty, relative and absolute.
    q : float or str
        Exponent of the penalty; "inf" for the largest norm.
    auc, auc_low, auc_high : float
        AUC of held-out flashes, with its 95 % interval.
    letters_right, letters : int
        Held-out letters that were right, of how many.
    trials, right : int
        Held-out trials of imagery, and those right with the stopping rule.
    right_low, right_high : float
        95 % interval of the share that is right with the stopping rule.
    right_whole, decided : int
        Trials right with the evidence of the whole trial, and trials that were decided.
    seconds : float
        Median time from cue to decision.
    bits_per_min : float
        Information rate.
    false_per_min, false_low, false_high, rest_min : float
        False activations per minute of rest, with their 95 % interval; and the minutes of rest in
        which a decision could come.
    rest_cues, rest_cues_kept : int
        Cues for rest where rest is no class, and those after which nothing was decided.
    split : str
        How the folds were made: run, letter, block or trial.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Holds them as a dictionary.

    Examples
    --------
    >>> found = DecoderMetrics.of({"auc": 0.93, "split": "run"})
    >>> found.auc, found.letters or "no letters"
    (0.93, 'no letters')
    """

    recorded: Whole = UNSET
    sensors: Whole = UNSET
    alpha: Real = UNSET
    lam: Real = msgspec.field(name="lambda", default=UNSET)
    q: float | str | UnsetType | None = UNSET
    auc: Real = UNSET
    auc_low: Real = UNSET
    auc_high: Real = UNSET
    letters_right: Whole = UNSET
    letters: Whole = UNSET
    trials: Whole = UNSET
    right: Whole = UNSET
    right_low: Real = UNSET
    right_high: Real = UNSET
    right_whole: Whole = UNSET
    decided: Whole = UNSET
    seconds: Real = UNSET
    bits_per_min: Real = UNSET
    false_per_min: Real = UNSET
    false_low: Real = UNSET
    false_high: Real = UNSET
    rest_min: Real = UNSET
    rest_cues: Whole = UNSET
    rest_cues_kept: Whole = UNSET
    split: str | UnsetType = UNSET

    @classmethod
    def of(cls, metrics: Mapping[str, float | int | str | None]) -> Self:
        """Return the figures of a header; without any if another program wrote others there.

        Examples
        --------
        >>> found = DecoderMetrics.of({"auc": 0.9, "letters": 5})
        >>> found.auc, found.letters, bool(found.trials)
        (0.9, 5, False)
        """
        try:
            return msgspec.convert(metrics, cls)
        except msgspec.ValidationError:
            return cls()

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Return the figures that are set, as the header holds them."""
        figures: dict[str, float | int | str | None] = msgspec.to_builtins(self)
        return figures
