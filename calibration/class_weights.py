"""What every estimator takes as its classes' weights."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np

__all__ = ["check_class_weight"]


def check_class_weight(class_weight: Any, classes: Iterable[Any] | None = None) -> None:
    """Refuse what is not a factor per class, with a ValueError of one line.

    Parameters
    ----------
    class_weight : object
        As the user gave it.
    classes : iterable, optional
        The labels that there are, if they are known.

    Raises
    ------
    ValueError
        If it is not None, "balanced" or a mapping, if a factor is not positive and finite, or if
        a label is not among the classes.

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
    if not isinstance(class_weight, Mapping):
        return
    for label, factor in class_weight.items():
        is_number = isinstance(factor, Real) and not isinstance(factor, bool | np.bool_)
        if not (is_number and 0.0 < factor < np.inf):
            raise ValueError(
                f"class_weight must be positive and finite, got {factor!r} for label {label!r}"
            )
        if classes is not None and label not in list(classes):
            names = ", ".join(str(name) for name in classes)
            raise ValueError(f"class_weight must name labels among {names}, got {label!r}")
