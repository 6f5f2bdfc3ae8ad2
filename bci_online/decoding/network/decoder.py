"""A network as a decoder: an epoch gets the same score in calibration, live and in replay."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bci_online.config import DecoderHeader, NetworkSpec
from bci_online.decoding.arrays import ArrayDecoder, checked_arrays
from bci_online.decoding.network.allowed_code import allowed_network
from bci_online.decoding.network.eegnet import EEGNet
from bci_online.decoding.network.epochs import at_rate, filter_epochs, resampled_times, standardise
from bci_online.decoding.network.fbmsnet import FBMSNet
from bci_online.decoding.network.folded import folded
from bci_online.decoding.network.min2net import MIN2Net
from bci_online.decoding.network.own_network import OwnNetwork
from bci_online.decoding.scores import not_finite_text
from bci_online.errors import DecoderMismatchError

__all__ = ["PREFIX", "Network", "NetworkDecoder", "build_network", "one_torch_thread", "weights_of"]

Network = MIN2Net | FBMSNet | EEGNet | OwnNetwork

PREFIX = "network."
COUNT = "num_batches_tracked"
# The first pass of a network is slower than all others.
WARM_UP = 5


def build_network(spec: NetworkSpec) -> Network:
    """Return the network that `spec` describes, with new weights.

    Parameters
    ----------
    spec : NetworkSpec
        Name and sizes of the network.

    Returns
    -------
    network : MIN2Net, FBMSNet, EEGNet or OwnNetwork
        In training mode.

    Raises
    ------
    ValueError
        If an epoch is too small for it.
    DecoderMismatchError
        If it is code of somebody's own that this user has not allowed.

    See Also
    --------
    NetworkDecoder : Scores epochs with a trained one.
    weights_of : What it learns.

    Examples
    --------
    >>> spec = NetworkSpec(name="eegnet", n_channels=8, n_times=128, n_classes=2)
    >>> build_network(spec).classifier.out_features
    2
    """
    if spec.name == "own":
        return allowed_network(spec)
    size = (spec.n_channels, spec.n_times, spec.n_classes)
    if spec.name == "min2net":
        return MIN2Net(*size, subsampling=spec.subsampling)
    if spec.name == "fbmsnet":
        return FBMSNet(*size, shared_layer=spec.shared_layer)
    return EEGNet(*size, variant=spec.variant)


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Compute on one thread: results do not depend on the machine, and acquisition keeps a core.

    Yields
    ------
    nothing : None
        Inside, PyTorch has one thread; afterwards as many as before.

    See Also
    --------
    NetworkDecoder : Scores inside it.

    Examples
    --------
    >>> with one_torch_thread():
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    if before != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if before != 1:
            torch.set_num_threads(before)


class NetworkDecoder(ArrayDecoder):
    """Score an epoch with a network, on one thread.

    Parameters
    ----------
    header : DecoderHeader
        Its ``network`` names the architecture.
    arrays : mapping of str to ndarray
        ``center`` and ``scale``, (n_channels,) or (n_bands, n_channels); the network's own arrays,
        each under ``network.`` and its name; ``sos`` (n_bands, n_sections, 6) where the bands are
        filtered from the cut epoch; optionally ``limits`` and ``band_rms`` (n_rows,) and
        ``reference`` (…, n_channels, n_channels).

    Raises
    ------
    DecoderMismatchError
        If an array is missing, has another shape than the header says, or is not finite.

    See Also
    --------
    build_network : The network without weights.
    bci_online.decoding.decoder_file.read_decoder : Read one from a file.

    Notes
    -----
    Layers that are linear in a row are merged (`bci_online.decoding.network.folded`). The
    constructor scores an epoch of noise a few times, because the first pass of a network is slower
    than all others. Code of somebody's own is refused if its scores are not finite or change.

    Examples
    --------
    >>> from bci_online.config import NetworkSpec, Preprocessing
    >>> spec = NetworkSpec(name="eegnet", n_channels=2, n_times=64, n_classes=2)
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=100.0)
    >>> NetworkDecoder(DecoderHeader(method="lda", preprocessing=own), {})
    Traceback (most recent call last):
    bci_online.errors.DecoderMismatchError: the decoder's header names no network; train it again
    """

    def __init__(self, header: DecoderHeader, arrays: Mapping[str, NDArray[np.float64]]) -> None:
        spec = header.network
        if spec is None:
            raise DecoderMismatchError("the decoder's header names no network; train it again")
        _check_sizes(header, spec)
        n_rows = spec.n_channels * len(header.preprocessing.filter.bands)
        per_channel = (spec.n_bands, spec.n_channels) if spec.n_bands else (spec.n_channels,)
        shapes: dict[str, tuple[int, ...]] = {"center": per_channel, "scale": per_channel}
        if spec.bank == "epoch":
            known = arrays.get("sos", np.empty(0))
            n_sections = known.shape[1] if known.ndim == 3 else 0
            shapes["sos"] = (spec.n_bands, n_sections, 6)
        # On "meta" no memory is taken: a header may ask for more than its file holds. Code of
        # somebody's own may compute with its weights, which "meta" cannot.
        with torch.device("meta") if spec.name != "own" else nullcontext():
            learnt = weights_of(build_network(spec))
        shapes |= {PREFIX + name: tuple(value.shape) for name, value in learnt.items()}
        more = [name for name in arrays if name.startswith(PREFIX) and name not in shapes]
        if more and spec.name == "own":
            raise DecoderMismatchError(
                f"the code of {spec.entry_point} has no {more[0].removeprefix(PREFIX)}, which the "
                "training had: use the code of the training, or train it again"
            )
        square = (n_rows // spec.n_channels, spec.n_channels, spec.n_channels)
        optional = {
            "limits": (n_rows,),
            "band_rms": (n_rows,),
            "correlation": square[1:],
            "reference": square,
            "class_references": (len(header.classes), *square),
        }
        super().__init__(header, checked_arrays(arrays, shapes, optional))
        self._spec = spec
        with torch.random.fork_rng(devices=[]):
            # Drawing weights that are overwritten must not advance the caller's random numbers.
            self._network = _loaded(build_network(spec), self.arrays)
        self._check_scores(n_rows)

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each class against the first, shape (n_classes,).

        Parameters
        ----------
        data : ndarray, shape (n_rows, n_times)
            One row per channel, or per band and channel where the filter bank runs on the signal.
            A window of motor imagery holds every sample and is resampled here.
        """
        if self.header.preprocessing.window is not None:
            data = at_rate(data, self.header.preprocessing.sfreq, self._spec.sfreq)
        if self._spec.bank == "signal":
            data = data.reshape(self._spec.n_bands, self._spec.n_channels, -1)
        elif self._spec.bank == "epoch":
            data = filter_epochs(self.arrays["sos"], data)
        epoch = torch.from_numpy(standardise(data, self.arrays["center"], self.arrays["scale"]))
        try:
            with one_torch_thread(), torch.inference_mode():
                found = self._network(epoch[None])
        # As an own network says what its code raises.
        except ValueError as error:
            raise DecoderMismatchError(f"{error}; mend its code, or train it again") from None
        if tuple(found.shape) != (1, self._spec.n_classes) or found.is_complex():
            # Code of one's own may have changed since it was trained.
            kind = "complex" if found.is_complex() else "real"
            raise DecoderMismatchError(
                f"the network gives {kind} scores of shape {tuple(found.shape)} for an epoch, not "
                f"(1, {self._spec.n_classes}); train it again"
            )
        logits: NDArray[np.float64] = found[0].double().numpy()
        # Values that are no numbers are counted where they are used.
        with np.errstate(invalid="ignore"):
            return logits - logits[0]

    def _check_scores(self, n_rows: int) -> None:
        """Score noise of the training's size, which also warms up; refuse scores that are none.

        Not silence: the logarithm of a power has none.
        """
        center, spread = (np.resize(self.arrays[name], n_rows) for name in ("center", "scale"))
        noise = np.random.default_rng(0).normal(size=(n_rows, self.header.preprocessing.n_epoch))
        epoch = center[:, np.newaxis] + spread[:, np.newaxis] * noise
        found = np.array([self.score(epoch) for _ in range(WARM_UP)])
        if not np.isfinite(found).all():
            text = not_finite_text(found[0], self.header.classes).partition(":")[0]
            raise DecoderMismatchError(
                f"{text}, on noise as large as its training's epochs; "
                "mend the network's code, or train it again"
            )
        if not np.allclose(found, found[0], rtol=1e-4, atol=1e-6):
            raise DecoderMismatchError(
                "the network scores the same epoch in another way each time: live and replay would "
                "differ; let its code do nothing at random, and keep nothing, in eval(), and train "
                "it again"
            )


def _check_sizes(header: DecoderHeader, spec: NetworkSpec) -> None:
    n_bands = len(header.preprocessing.filter.bands)
    if n_bands != (spec.n_bands if spec.bank == "signal" else 1):
        raise DecoderMismatchError(
            f"the header's filter has {n_bands} bands, which {spec.name} with bank={spec.bank!r} "
            "cannot take; train it again"
        )
    n_times = header.preprocessing.n_epoch
    if header.preprocessing.window is not None:
        n_times = resampled_times(n_times, header.preprocessing.sfreq, spec.sfreq)
    stated = (len(header.preprocessing.ch_names), n_times, header.n_values)
    own = (spec.n_channels, spec.n_times, spec.n_classes)
    if own != stated:
        raise DecoderMismatchError(
            "the network is for {} channels, {} samples and {} classes, ".format(*own)
            + "the header for {}, {} and {}; train it again".format(*stated)
        )


def _loaded(network: Network, arrays: Mapping[str, NDArray[np.float64]]) -> nn.Module:
    """Return the network with its trained weights, ready to score."""
    state = {
        name: torch.tensor(arrays[PREFIX + name].astype(np.float32)) for name in weights_of(network)
    }
    network.load_state_dict(state, strict=False)
    network.eval().requires_grad_(False)
    return folded(network)


def weights_of(network: nn.Module) -> dict[str, torch.Tensor]:
    """Return everything a network learnt, without batch normalisation's count of batches.

    Parameters
    ----------
    network : nn.Module
        Trained or not.

    Returns
    -------
    weights : dict of str to Tensor
        By the network's own names.

    See Also
    --------
    build_network : Make a network.

    Examples
    --------
    >>> sorted(weights_of(nn.BatchNorm1d(3)))  # without num_batches_tracked
    ['bias', 'running_mean', 'running_var', 'weight']
    """
    state = network.state_dict()
    return {name: value for name, value in state.items() if not name.endswith(COUNT)}
