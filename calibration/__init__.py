"""The workshop: everything that finds the numbers `bci_online` lives by.

In the order that data take:

* `recordings` opens XDF files, `labelled_epochs` runs the online chain over them;
* `baselines` and `sparse` are the methods, `fitting` makes a decoder of one of them,
  `evidence` says what its scores are worth and when to stop;
* `evaluation` splits by run or letter and redoes everything in each fold;
* `training` is all of that from files to a decoder file, `commands` shows it.

The estimators are to be had from here: ``from calibration import GroupSVM``.
"""

from typing import Any

_DOOR = {
    "GroupSVM": "calibration.sparse.group_svm",
    "GroupSVMCV": "calibration.sparse.group_svm",
    "MultiTaskGroupSVM": "calibration.sparse.multi_task",
    "MultiTaskGroupSVMCV": "calibration.sparse.multi_task_cv",
    "ShrinkageLDA": "calibration.baselines",
}

__all__ = [
    "GroupSVM",
    "GroupSVMCV",
    "MultiTaskGroupSVM",
    "MultiTaskGroupSVMCV",
    "ShrinkageLDA",
]


def __getattr__(name: str) -> Any:
    # Lazily: scikit-learn alone would keep `bci-calibrate --help` waiting for a second.
    if name not in _DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_DOOR[name]), name)
