"""One training of a network on checked epochs: scaled, built or taken over, and trained."""

import hashlib
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from bci_online.config import NetworkSpec
from bci_online.decoding.network.allowed_code import allow
from bci_online.decoding.network.decoder import Network, build_network
from bci_online.decoding.network.epochs import filter_epochs, standardise
from bci_online.decoding.network.own_network import OwnNetwork, own
from bci_online.errors import BciError
from calibration.code_hash import code_hash
from calibration.networks.architecture import architecture, is_own
from calibration.networks.bank import bank_sections
from calibration.networks.batches import Data, Schedule, n_drawn
from calibration.networks.callbacks import Called
from calibration.networks.checked_inputs import class_factors, starting_weights
from calibration.networks.course import TrainingFile
from calibration.networks.descent import descend
from calibration.networks.history import History
from calibration.networks.input_scale import center_and_scale
from calibration.networks.network_start import NetworkStart
from calibration.networks.objectives import objective_for
from calibration.networks.own_checks import check_trained
from calibration.networks.torch_runs import logits_of
from calibration.networks.trainee import Trainee
from calibration.networks.weighting_choice import weighting_of

__all__ = ["TrainedNetwork", "allowed", "banded", "built", "train_network"]


class TrainedNetwork(NamedTuple):
    """What a training found.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    network : torch.nn.Module
        On the CPU, in evaluation mode.
    center, scale : ndarray, shape (n_channels,) or (n_bands, n_channels)
        What its epochs are centred and divided by.
    weights : ndarray, shape (T,)
        Of the losses, in the pass that was kept.
    history : History
        Every step and every pass.
    logits : ndarray, shape (n_held_out, n_classes)
        Of the epochs that were validated on.

    See Also
    --------
    train_network : Returns it.
    """

    spec: NetworkSpec
    network: Network
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    history: History
    logits: NDArray[np.float64]


def train_network(
    estimator: Any,
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    held_out: NDArray[np.bool_],
    random: np.random.Generator,
) -> TrainedNetwork:
    """Train a network as an estimator's parameters say.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its parameters and ``classes_``.
    X : ndarray, shape (n_epochs, ..., n_channels, n_times)
        Checked epochs.
    y : ndarray of int, shape (n_epochs,)
        Number of the class.
    held_out : ndarray of bool, shape (n_epochs,)
        The epochs that are validated on.
    random : numpy.random.Generator
        Order of the epochs.

    Returns
    -------
    trained : TrainedNetwork
        The network of the best pass.

    Raises
    ------
    ValueError
        As `calibration.networks.descent.descend`; if ``start`` is of another shape.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Checks the data, and calls this.

    Examples
    --------
    >>> from calibration import NetworkClassifier
    >>> X, y = np.random.default_rng(0).normal(size=(8, 2, 64)), np.tile([0, 1], 4)
    >>> model = NetworkClassifier("eegnet", max_epochs=1)
    >>> model.classes_ = np.array([0, 1])
    >>> train_network(model, X, y, np.arange(8) > 5, np.random.default_rng(0)).spec.n_times
    64
    """
    spec = architecture(estimator, X.shape)
    bands = banded(estimator, spec, X)
    center, scale = center_and_scale(bands[~held_out], spec.scaling)
    network = built(estimator.network, spec)
    if estimator.start is not None:
        _taken_over(network, estimator.start, estimator.tune)
    network = network.to(estimator.device)
    factors = class_factors(estimator, y[~held_out])
    shape = (*bands.shape[1:], spec.n_classes)
    objective = objective_for(network, factors, estimator.official_softmax, shape)
    x = torch.from_numpy(standardise(bands, center, scale))
    training, validation = (
        Data(x[rows].to(estimator.device), torch.from_numpy(y[rows]).to(estimator.device))
        for rows in (~held_out, held_out)
    )
    schedule = Schedule(**{name: getattr(estimator, name) for name in Schedule.__match_args__})
    sizes = n_drawn(training.y, schedule), len(validation.y)
    weighting = weighting_of(estimator, starting_weights(estimator, objective), *sizes)
    watched = validation if held_out.any() else None
    called = Called(network, estimator.callbacks, estimator.progress)
    file = _file(estimator, network, (x.numpy(), y, held_out), random)
    trainee = Trainee(network, objective, weighting, schedule)
    called.begin()
    history = descend(trainee, training, watched, random, called.passed, file)
    network = network.cpu().eval()
    if isinstance(network, OwnNetwork):
        check_trained(network, x, y.tolist(), estimator.classes_)
    called.end(history)
    logits = logits_of(network, x[held_out].numpy()) if held_out.any() else np.zeros((0, 0))
    weights = np.asarray(weighting.weights)
    return TrainedNetwork(spec, network, center, scale, weights, history, logits)


def _file(
    estimator: Any, network: Network, data: tuple[NDArray[Any], ...], random: np.random.Generator
) -> TrainingFile | None:
    """Return the file that a training goes on from; everything that decides it is in its key."""
    if estimator.checkpoint is None:
        return None
    own = estimator.get_params(deep=False)
    for name in ("progress", "callbacks", "checkpoint", "start"):
        del own[name]
    if is_own(given := own["network"]):
        own["network"] = _code_of(given if callable(given) else allow(given))
    # Whichever GPU is free goes on with it.
    own["device"] = torch.device(own["device"]).type
    known = [f"{name}={own[name]!r}" for name in sorted(own)]
    # Before it has drawn anything: it follows from the seed.
    known += [version("bci-online"), torch.__version__, str(random.bit_generator.state)]
    # As it is before the first step. The code of an own network may have changed since.
    weights = {name: each.cpu().numpy() for name, each in network.state_dict().items()}
    known += [f"{name} {each.shape}" for name, each in weights.items()]
    if isinstance(network, OwnNetwork):
        known += [_code_of(loss) for loss in network.losses.values()]
    digest = hashlib.sha256("\n".join(known).encode())
    for array in (*data, *weights.values()):
        digest.update(np.ascontiguousarray(array).data)
    return TrainingFile(Path(estimator.checkpoint), digest.hexdigest())


def _code_of(made_by: Any) -> str:
    """Return where somebody's own code is and its hash: what Python prints has an address in it."""
    of_partial = f"{made_by.args} {made_by.keywords}" if isinstance(made_by, partial) else ""
    code = made_by.func if of_partial else made_by
    code = code if hasattr(code, "__qualname__") else type(code)
    if getattr(sys.modules.get(code.__module__), "__file__", None) is None:
        raise ValueError(
            f"checkpoint needs code in a file, to see whether it has changed: {code.__qualname__} "
            f"of module {code.__module__} has none; save it in one, or leave checkpoint out"
        )
    return f"{code.__module__}:{code.__qualname__} {code_hash(code.__module__)} {of_partial}"


def banded(estimator: Any, spec: NetworkSpec, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return epochs with the bands that their network takes.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its ``sfreq`` is used.
    spec : NetworkSpec
        Whether epochs go through a filter bank.
    X : ndarray, shape (n_epochs, ..., n_channels, n_times)
        Epochs.

    Returns
    -------
    bands : ndarray, shape (n_epochs, ..., n_channels, n_times)
        With a band axis if the bank runs on each epoch.

    See Also
    --------
    train_network : Trains on them.

    Examples
    --------
    >>> spec = NetworkSpec(name="eegnet", n_channels=1, n_times=64, n_classes=2)
    >>> banded(None, spec, np.zeros((3, 1, 64))).shape  # it takes no bands
    (3, 1, 64)
    """
    return filter_epochs(bank_sections(estimator.sfreq), X) if spec.bank == "epoch" else X


def allowed(entry_point: str) -> None:
    """Import what a user named, so that a training and its decoder can use it in this process.

    Parameters
    ----------
    entry_point : str
        MODULE:NAME, as the user typed it.

    Raises
    ------
    BciError
        If nothing can be imported there.

    See Also
    --------
    bci_online.decoding.network.allowed_code.allow : Does it.

    Examples
    --------
    >>> allowed("nowhere:Net")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --network nowhere:Net cannot be imported: ModuleNotFoundError: ...
    """
    try:
        allow(entry_point)
    except ValueError as error:
        raise BciError(f"--network {error}") from None


def built(network: Any, spec: NetworkSpec) -> Network:
    """Return a new network, one of ours or one that is called.

    Parameters
    ----------
    network : str or callable
        As `NetworkClassifier` takes it.
    spec : NetworkSpec
        Name and sizes.

    Returns
    -------
    network : Network
        In training mode.

    Raises
    ------
    ValueError
        If an epoch is too small for it, or somebody's own code fails.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : The same for a decoder file.

    Examples
    --------
    >>> spec = NetworkSpec(name="eegnet", n_channels=2, n_times=64, n_classes=2)
    >>> built("eegnet", spec).classifier.out_features
    2
    """
    if spec.name != "own":
        return build_network(spec)
    # Who names code here has it already: only a file's word is not taken for it.
    known = allow(spec.entry_point) if spec.entry_point else network
    return own(network if callable(network) else known, spec)


def _taken_over(network: Network, start: NetworkStart, tune: str) -> None:
    """Give a new network the weights of another one; with "head" only its last layer learns."""
    state = {name: torch.tensor(np.array(value)) for name, value in start.weights.items()}
    # Not strict: counts of batches are not in a decoder file.
    network.load_state_dict(state, strict=False)
    if tune == "head":
        network.requires_grad_(False)
        network.classifier.requires_grad_(True)
