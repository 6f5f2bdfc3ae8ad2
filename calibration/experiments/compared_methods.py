"""The methods that tables compare, by name: the paper's and some more."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bci_online.errors import BciError
from calibration.folds import Fold
from calibration.method_names import LINEAR
from calibration.p300.estimators import ESTIMATORS
from calibration.sparse.estimators.multi_task_cv import MultiTaskGroupSVMCV

__all__ = [
    "BASELINE",
    "FIXED",
    "MULTI",
    "ONES",
    "SINGLE",
    "checked_methods",
    "described",
    "joint",
    "single",
]

BASELINE = "svm"
"""The method that every other one is tested against."""

FIXED, ONES = "fixed", "fixed-1"
"""Loss weights of the network's own paper, which every other weighting is tested against; all 1."""

EXPONENTS = (1.0, 4 / 3, 2.0, 4.0, np.inf)

SINGLE = (*(name for name in LINEAR if name != "lda"), "gsvm-2+lda", "gsvm-a+lda", "lda")
"""One subject; ``+lda`` is a shrinkage LDA on the sensors that the first method chose."""

MULTI = ("svm", "gsvm-2", "svm-full", "mgsvm-2", "mgsvm-2s", "asymmetric")
"""Several subjects; the first two learn each on its own."""

# A coarser grid than the estimator's own: a learning curve is a hundred searches.
_GRID: dict[str, Any] = {"alphas": tuple(np.geomspace(1.0, 0.03, 6)), "tol": 1e-4}
_RIDGE = tuple(np.geomspace(100.0, 0.01, 10))
_TIES = (1.0, 10.0, 100.0)

_JOINT: Mapping[str, dict[str, Any]] = {
    "svm-full": {"sharing": "pooled", "penalty": "l2", "alphas": _RIDGE},
    "mgsvm-2": {"similarities": (0.0,), **_GRID},
    "mgsvm-2s": {"similarities": _TIES, **_GRID},
    "asymmetric": {"similarities": _TIES, **_GRID},
}


def single(name: str, folds: list[Fold]) -> Any:
    """Return a method for one subject, unfitted; λ and q are chosen on the given folds."""
    base, _, refit = name.partition("+")
    estimator = ESTIMATORS[base].unfitted(folds, bool(refit))
    # The q between the usual ones is what the paper's table is about.
    return estimator.set_params(qs=EXPONENTS) if base == "gsvm-q" else estimator


def joint(name: str, cv: int) -> MultiTaskGroupSVMCV:
    """Return a method for several subjects, unfitted; λ_r and λ_s are chosen on `cv` folds."""
    return MultiTaskGroupSVMCV(cv=cv, **_JOINT[name])


@functools.cache
def described(name: str) -> str:
    """Return a method with all its own parameters: part of a cell, so that no grid is mixed."""
    estimator: Any = joint(name, 0) if name in _JOINT else single(name, [])
    return " ".join(estimator.__repr__(N_CHAR_MAX=100_000).split())


def checked_methods(text: str, known: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """Read a list of methods such as ``svm,gsvm-2``; empty means the default ones.

    Raises
    ------
    BciError
        If one is not known, or named twice.
    """
    names = tuple(name.strip() for name in text.split(",")) if text else tuple(default)
    for name in names:
        if name not in known:
            raise BciError(f"--methods {text}: {name!r} is not one of {', '.join(known)}")
        if names.count(name) > 1:
            raise BciError(f"--methods {text}: {name!r} is named twice")
    return names
