"""What every estimator takes as its classes' weights."""

from collections.abc import Mapping
from typing import Any

__all__ = ["check_class_weight"]


def check_class_weight(class_weight: Any) -> None:
    """Refuse what is not a factor per class, with a ValueError of one line.

    Parameters
    ----------
    class_weight : object
        As the user gave it.

    Raises
    ------
    ValueError
        If it is not None, "balanced" or a mapping.

    See Also
    --------
    calibration.discriminants.shrinkage_lda.ShrinkageLDA : An estimator that has such a parameter.

    Examples
    --------
    >>> check_class_weight({"target": 5.0, "nontarget": 1.0})
    >>> check_class_weight("even")
    Traceback (most recent call last):
    ValueError: class_weight must be None, 'balanced' or a factor per label, got 'even'
    """
    is_known = class_weight is None or isinstance(class_weight, Mapping)
    if not is_known and class_weight != "balanced":
        raise ValueError(
            f"class_weight must be None, 'balanced' or a factor per label, got {class_weight!r}"
        )
