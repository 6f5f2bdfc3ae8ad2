"""The state of a training between two passes: taken, given back, and kept in a file.

A state is a dictionary of arrays or tensors by name, and numbers that JSON can hold: nothing in a
file of it can run.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from torch import Tensor

from bci_online.atomic_write import write_atomically
from calibration.networks.trainee import Trainee

__all__ = ["State", "give_back", "read_state", "state_of", "write_state"]

logger = logging.getLogger(__name__)


class State(NamedTuple):
    """Everything that decides how a training goes on.

    Parameters
    ----------
    arrays : dict of str to Tensor or ndarray
        Weights, what the optimiser has summed up, the random numbers' state.
    numbers : dict of str to object
        The rest, as JSON has it.

    See Also
    --------
    state_of : Takes it.
    """

    arrays: dict[str, Any]
    numbers: dict[str, Any]


def state_of(trainee: Trainee, random: np.random.Generator) -> State:
    """Return a copy of everything that learns, and of the random numbers to come.

    Parameters
    ----------
    trainee : Trainee
        Between two passes.
    random : numpy.random.Generator
        Order of the epochs.

    Returns
    -------
    state : State
        Nothing of it changes when the training goes on.

    See Also
    --------
    give_back : The way back.

    Examples
    --------
    >>> from calibration.networks.batches import Schedule
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> schedule = Schedule(2, 3, 3, 1e-3, "classification", False, False)
    >>> trainee = Trainee(network, ClassificationLoss(network), Fixed([0.5]), schedule)
    >>> state_of(trainee, np.random.default_rng(0)).arrays["weighting/weights"].tolist()
    [0.5]
    """
    weights = trainee.network.state_dict()
    arrays = {f"network/{name}": each.clone() for name, each in weights.items()}
    if trainee.objective.centres is not None:
        arrays["centres"] = trainee.objective.centres.detach().clone()
    optimiser = trainee.optimiser.state_dict()
    for number, sums in optimiser["state"].items():
        arrays |= {f"optimiser/{number}/{name}": each.clone() for name, each in sums.items()}
    arrays |= {f"weighting/{name}": each for name, each in trainee.weighting.state().items()}
    arrays["random"] = torch.get_rng_state()
    device = _device_of(trainee)
    if device.type == "cuda":
        arrays["random of the GPU"] = torch.cuda.get_rng_state(device)
    numbers = {
        "rates": [group["lr"] for group in optimiser["param_groups"]],
        "plateau": dict(trainee.plateau.state_dict()),
        "order": random.bit_generator.state,
    }
    return State(arrays, numbers)


def give_back(state: State, trainee: Trainee, random: np.random.Generator) -> None:
    """Bring a training to where it stood, for the next pass to be the same one.

    Parameters
    ----------
    state : State
        Of this training, or of one with the same sizes and parameters.
    trainee : Trainee
        Changed in place.
    random : numpy.random.Generator
        Order of the epochs; changed in place.

    See Also
    --------
    state_of : Takes a state.

    Examples
    --------
    >>> from calibration.networks.batches import Schedule
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> network, random = EEGNet(n_channels=2, n_times=64, n_classes=2), np.random.default_rng(0)
    >>> schedule = Schedule(2, 3, 3, 1e-3, "classification", False, False)
    >>> trainee = Trainee(network, ClassificationLoss(network), Fixed([0.5]), schedule)
    >>> before, drawn = state_of(trainee, random), random.random()
    >>> give_back(before, trainee, random)
    >>> random.random() == drawn
    True
    """
    trainee.network.load_state_dict(of_part(state.arrays, "network/"))
    device = _device_of(trainee)
    if trainee.objective.centres is not None:
        with torch.no_grad():
            trainee.objective.centres.copy_(torch.as_tensor(state.arrays["centres"]))
    sums: dict[int, dict[str, Tensor]] = {}
    for name, each in of_part(state.arrays, "optimiser/").items():
        number, _, what = name.partition("/")
        # A copy: the optimiser goes on to add to it.
        sums.setdefault(int(number), {})[what] = each.clone()
    groups = trainee.optimiser.state_dict()["param_groups"]
    for group, rate in zip(groups, state.numbers["rates"], strict=True):
        group["lr"] = rate
    trainee.optimiser.load_state_dict({"state": sums, "param_groups": groups})
    trainee.plateau.load_state_dict(dict(state.numbers["plateau"]))
    trainee.weighting.go_on_from(_named(state.arrays, "weighting/"))
    random.bit_generator.state = state.numbers["order"]
    torch.set_rng_state(torch.as_tensor(state.arrays["random"]))
    if device.type == "cuda" and "random of the GPU" in state.arrays:
        torch.cuda.set_rng_state(torch.as_tensor(state.arrays["random of the GPU"]), device)


def of_part(arrays: Mapping[str, Any], part: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a part, without it.

    Parameters
    ----------
    arrays : mapping of str to Tensor or ndarray
        Of a state.
    part : str
        Such as ``network/``.

    Returns
    -------
    tensors : dict of str to Tensor
        By the rest of their names.

    See Also
    --------
    give_back : Gives them back.

    Examples
    --------
    >>> of_part({"network/bias": np.ones(1), "centres": np.ones(2)}, "network/")["bias"].tolist()
    [1.0]
    """
    return {name: torch.as_tensor(each) for name, each in _named(arrays, part).items()}


def _named(arrays: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {name.removeprefix(part): each for name, each in arrays.items() if name.startswith(part)}


def _device_of(trainee: Trainee) -> torch.device:
    return next(trainee.network.parameters()).device


def write_state(path: Path, state: State) -> None:
    """Write a state whole, or leave the file that was there.

    Parameters
    ----------
    path : Path
        A safetensors file; its folder exists.
    state : State
        Of a training.

    Raises
    ------
    OSError
        If it cannot be written.

    See Also
    --------
    read_state : Reads it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "one.training"
    ...     write_state(path, State({"centres": np.ones(2)}, {"rates": [1e-3]}))
    ...     read_state(path).numbers
    {'rates': [0.001]}
    """
    arrays = {
        name: np.array(each.cpu().numpy() if isinstance(each, Tensor) else each, order="C")
        for name, each in state.arrays.items()
    }
    write_atomically(path, save(arrays, metadata={"numbers": json.dumps(state.numbers)}))


def read_state(path: Path) -> State | None:
    """Read a state; None if there is none, or the file is damaged.

    Parameters
    ----------
    path : Path
        As `write_state` wrote it.

    Returns
    -------
    state : State or None
        Its arrays are NumPy's.

    See Also
    --------
    write_state : Writes it.

    Examples
    --------
    >>> read_state(Path("nowhere.training")) is None
    True
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}
            numbers = json.loads((file.metadata() or {})["numbers"])
    except (SafetensorError, OSError, KeyError, ValueError, RecursionError):
        logger.warning("%s: damaged, its training begins anew", path)
        return None
    return State(arrays, numbers)
