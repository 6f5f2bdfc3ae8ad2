"""What every estimator takes as its classes' weights."""

from collections.abc import Mapping
from typing import Any

__all__ = ["check_class_weight"]


def check_class_weight(class_weight: Any) -> None:
    """Refuse what is not a factor per class, with a ValueError of one line."""
    is_known = class_weight is None or isinstance(class_weight, Mapping)
    if not is_known and class_weight != "balanced":
        raise ValueError(
            f"class_weight must be None, 'balanced' or a factor per label, got {class_weight!r}"
        )
