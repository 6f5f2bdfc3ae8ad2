"""Train decoders for `bci_online`, and evaluate methods.

From the ground floor up; a room imports only from rooms that are named before it:

* `bad_channels` says which channels are left out; a `collector` takes the place of the paradigm;
* `recordings` finds and checks files, `recording_sizes` refuses those of other gains, `chain_runs`
  runs the online chain over them, once for all that is `cut_together`; `folds` says which epochs
  train and which test, `bootstrap` draws them again, `stopping` finds the threshold that keeps an
  error rate; `method_names` has the names that can be typed; `class_weights`,
  `given_epochs`, `installed` and `picture_files` check what is given; `head_pictures` draws sensors
  on a head; `blas_threads` keeps BLAS to one thread; `code_hash` says which code computes
  something;
* `discriminants`, `sparse` and `networks` are estimators, which know no paradigm; `pipelines` makes
  decoders of those of others, whose scores are `affine_maps`;
* `training_request` has the settings of one training, `progress` what it reports while it runs,
  `worker_processes` shares work out to other processes, `workers`, or through `cluster` to other
  computers; `pools` are other subjects' recordings, which meet the new subject's on their
  `common_sensors`;
* `p300` and `motor_imagery` go from recordings to a decoder file, with the same names: epochs or
  windows, methods, fitting, evidence, evaluation, training, summary;
* `report` is one page about a decoder, `experiments` compares methods in tables;
* `commands` has a module for each command.

The estimators and the choice of sensors can be imported from here, for instance
``from calibration import GroupSVM``.
"""

from importlib.util import find_spec
from typing import Any

_DOOR = {
    "BlockToeplitzLDA": "calibration.discriminants.estimators",
    "CspLDA": "calibration.discriminants.csp_lda",
    "GroupSVM": "calibration.sparse.estimators.group_svm",
    "GroupSVMCV": "calibration.sparse.estimators.group_svm_cv",
    "MultiTaskGroupSVM": "calibration.sparse.estimators.multi_task",
    "MultiTaskGroupSVMCV": "calibration.sparse.estimators.multi_task_cv",
    "NetworkClassifier": "calibration.networks.network_classifier",
    "SensorPath": "calibration.sparse.sensor_path",
    "ShrinkageLDA": "calibration.discriminants.estimators",
    "XdawnLDA": "calibration.discriminants.estimators",
    "rank_sensors": "calibration.sparse.sensor_ranking",
    "selection_frequency": "calibration.sparse.sensor_ranking",
    "sensor_path": "calibration.sparse.sensor_path",
    "to_decoder": "calibration.pipelines",
}

__all__ = [
    "BlockToeplitzLDA",
    "CspLDA",
    "GroupSVM",
    "GroupSVMCV",
    "MultiTaskGroupSVM",
    "MultiTaskGroupSVMCV",
    "NetworkClassifier",
    "SensorPath",
    "ShrinkageLDA",
    "XdawnLDA",
    "rank_sensors",
    "selection_frequency",
    "sensor_path",
    "to_decoder",
]

if find_spec("torch") is None:
    # So that ``from calibration import *`` gives the others.
    __all__.remove("NetworkClassifier")


def __getattr__(name: str) -> Any:
    # Lazily: scikit-learn takes a second, and `bci-calibrate --help` must not wait for it.
    if name not in _DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(_DOOR[name]), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        way = "pip install 'bci-online[networks]'"
        raise ModuleNotFoundError(f"{name} needs PyTorch: {way}", name="torch") from None
