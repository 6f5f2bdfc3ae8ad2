"""The workshop: everything that finds the numbers `bci_online` lives by.

In the order that data take:

* `recordings` opens XDF files, `heard` runs the online chain over them, `labelled_epochs` keeps
  what it cuts;
* `baselines`, `sparse` and `networks` are the methods (`class_weights` is what all of them take),
  `fitting` makes a decoder of one of them,
  `evidence` says what its scores are worth and when to stop;
* `pooling`, `lag`, `pooled_recordings`, `pooled_classifier` let other subjects' recordings help;
* `evaluation` splits by run or letter and redoes everything in each fold;
* `training` is all of that from files to a decoder file, `commands` shows it;
* `report` is one page of all that is known of a decoder;
* `motor_imagery` is the same for windows behind cues.

The estimators are to be had from here: ``from calibration import GroupSVM``.
"""

from typing import Any

_DOOR = {
    "CspLDA": "calibration.baselines",
    "GroupSVM": "calibration.sparse.estimators.group_svm",
    "GroupSVMCV": "calibration.sparse.estimators.group_svm_cv",
    "MultiTaskGroupSVM": "calibration.sparse.estimators.multi_task",
    "MultiTaskGroupSVMCV": "calibration.sparse.estimators.multi_task_cv",
    "NetworkClassifier": "calibration.networks.network_classifier",
    "ShrinkageLDA": "calibration.baselines",
}

__all__ = [
    "CspLDA",
    "GroupSVM",
    "GroupSVMCV",
    "MultiTaskGroupSVM",
    "MultiTaskGroupSVMCV",
    "NetworkClassifier",
    "ShrinkageLDA",
]


def __getattr__(name: str) -> Any:
    # Lazily: scikit-learn alone would keep `bci-calibrate --help` waiting for a second.
    if name not in _DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_DOOR[name]), name)
