"""The methods and loss weightings that tables compare, by name."""

import functools
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from bci_online.errors import BciError
from bci_online.option_values import parse_names
from calibration.discriminants.estimators import for_scikit_learn
from calibration.folds import Fold
from calibration.installed import check_installed
from calibration.method_names import LINEAR, WEIGHTINGS
from calibration.networks.network_training import LIBRARIES, LOSSES
from calibration.p300.estimators import ESTIMATORS
from calibration.sparse.estimators.multi_task_cv import MultiTaskGroupSVMCV

__all__ = [
    "BASELINE",
    "FIXED",
    "MULTI",
    "ONES",
    "SINGLE",
    "alone",
    "checked_methods",
    "checked_strategies",
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

MULTI = ("svm", "gsvm-2", "svm-full", "mgsvm-2", "mgsvm-2s", "asymmetric", "source-mean")
"""Several subjects; the first two learn each on its own."""

# A coarser grid than the estimator's own: a learning curve is a hundred searches. It is the same
# for all methods of the table, those of one subject too.
_GRID: dict[str, Any] = {"alphas": tuple(np.geomspace(1.0, 0.03, 6)), "tol": 1e-4}
_RIDGE = tuple(np.geomspace(100.0, 0.01, 10))
_TIES = (1.0, 10.0, 100.0)

_JOINT: Mapping[str, dict[str, Any]] = {
    "svm-full": {"sharing": "pooled", "penalty": "l2", "alphas": _RIDGE},
    "mgsvm-2": {"similarities": (0.0,), **_GRID},
    "mgsvm-2s": {"similarities": _TIES, **_GRID},
    "asymmetric": {"similarities": _TIES, **_GRID},
    "source-mean": {"similarities": _TIES, **_GRID},
}


def single(name: str, folds: list[Fold]) -> Any:
    """Return a method for one subject, unfitted; λ and q are chosen on the given folds.

    Parameters
    ----------
    name : str
        A method of `calibration.p300.estimators`; ``+refit`` after it replaces its weights.
    folds : list of Fold
        Inner folds for λ and q.

    Returns
    -------
    estimator : object
        An unfitted estimator of scikit-learn.

    See Also
    --------
    joint : A method for several subjects.
    calibration.p300.estimators.estimator_of : Where the estimators come from.

    Examples
    --------
    >>> single("gsvm-2+refit", folds=[]).refit
    'lda'
    """
    base, _, refit = name.partition("+")
    estimator = for_scikit_learn(ESTIMATORS[base].unfitted(folds, "lda" if refit else "none"))
    # The q between the usual ones is what the paper's table is about.
    return estimator.set_params(qs=EXPONENTS) if base == "gsvm-q" else estimator


def joint(name: str, cv: int) -> MultiTaskGroupSVMCV:
    """Return a method for several subjects, unfitted; λ_r and λ_s are chosen on `cv` folds.

    Parameters
    ----------
    name : str
        One of `MULTI`.
    cv : int
        Folds for λ_r and λ_s.

    Returns
    -------
    estimator : MultiTaskGroupSVMCV
        It is not fitted.

    See Also
    --------
    single : A method for one subject.

    Examples
    --------
    >>> joint("mgsvm-2s", cv=3).cv
    3
    """
    return MultiTaskGroupSVMCV(cv=cv, **_JOINT[name])


def alone(name: str, folds: list[Fold]) -> Any:
    """Return a method for one subject, unfitted, with the grid of the methods for several.

    Parameters
    ----------
    name : str
        As for `single`.
    folds : list of Fold
        Inner folds for λ and q.

    Returns
    -------
    estimator : object
        An unfitted estimator of scikit-learn.

    See Also
    --------
    joint : A method for several subjects.

    Examples
    --------
    >>> alone("gsvm-2", folds=[]).alphas == joint("mgsvm-2", cv=3).alphas
    True
    """
    estimator = single(name, folds)
    known = estimator.get_params()
    grid = {"alphas": _RIDGE} if known.get("penalty") == "l2" else _GRID
    return estimator.set_params(**{key: value for key, value in grid.items() if key in known})


@functools.cache
def described(name: str, among_several: bool = False) -> str:
    """Return a method with all its own parameters: part of a cell, so that no grid is mixed.

    Parameters
    ----------
    name : str
        Of one subject, or of several.
    among_several : bool
        Whether it stands in one table with methods for several subjects.

    Returns
    -------
    estimator : str
        The estimator with all its parameters, as scikit-learn prints it.

    See Also
    --------
    single, joint : Make the method.

    Examples
    --------
    >>> described("lda")
    'ShrinkageLDA()'
    """
    of_one = alone if among_several else single
    estimator: Any = joint(name, 0) if name in _JOINT else of_one(name, [])
    return " ".join(estimator.__repr__(N_CHAR_MAX=100_000).split())


def checked_methods(text: str, known: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """Read a list of methods such as ``svm,gsvm-2``; empty means the default ones.

    Parameters
    ----------
    text : str
        As on the command line, such as ``svm,gsvm-2``.
    known : sequence of str
        Names that can be used.
    default : sequence of str
        Used if the text is empty.

    Returns
    -------
    names : tuple of str
        In the order given.

    Raises
    ------
    BciError
        If one is not known, or named twice.

    See Also
    --------
    single : Makes the method of a name.

    Examples
    --------
    >>> checked_methods("svm, gsvm-2", ("svm", "gsvm-2", "lda"), default=("lda",))
    ('svm', 'gsvm-2')
    >>> checked_methods("", ("svm", "gsvm-2", "lda"), default=("lda",))
    ('lda',)
    """
    names = parse_names("--methods", text) or tuple(default)
    for name in names:
        if name not in known:
            raise BciError(f"--methods {text}: {name!r} is not one of {', '.join(known)}")
    return names


def checked_strategies(asked: Sequence[str], network: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the loss weightings to compare, and notes about them.

    Parameters
    ----------
    asked : sequence of str
        Empty means `FIXED`; "all" is every one that is installed.
    network : str
        Which network they weigh the losses of.

    Returns
    -------
    strategies : tuple of str
        In the order given.
    notes : list of str
        Which of "all" are left out, and why.

    Raises
    ------
    BciError
        If one is named twice, is not installed, or the network has nothing to weigh.

    See Also
    --------
    calibration.networks.weighting_choice.weighting_for : Makes one.

    Examples
    --------
    >>> checked_strategies((), "min2net")
    (('fixed',), [])
    >>> checked_strategies(("alphagrad",), "eegnet")
    Traceback (most recent call last):
    bci_online.errors.BciError: --network eegnet has one loss: leave --loss-weighting out
    """
    if len(LOSSES[network]) == 1:
        if set(asked) - {FIXED}:
            raise BciError(f"--network {network} has one loss: leave --loss-weighting out")
        return (FIXED,), []
    names = tuple(asked) or (FIXED,)
    if "all" in names:
        everything = (FIXED, ONES, *(name for name in WEIGHTINGS if name != FIXED))
        there = tuple(name for name in everything if _is_installed(name))
        left_out = [name for name in everything if name not in there]
        return there, [f"{name} is left out: its library is not installed" for name in left_out]
    for name in names:
        if names.count(name) > 1:
            raise BciError(f"--loss-weighting {name}: is named twice")
        if name in LIBRARIES:
            check_installed(*LIBRARIES[name], f"--loss-weighting {name}")
    return names, []


def _is_installed(name: str) -> bool:
    return name not in LIBRARIES or find_spec(LIBRARIES[name][0]) is not None
