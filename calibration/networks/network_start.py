"""A network that another training goes on from: its weights, and what its epochs are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, NetworkSpec, Preprocessing
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from calibration.installed import check_installed

__all__ = ["NetworkStart", "read_start", "start_from", "with_earlier"]

LAST_LAYER = ("classifier.weight", "classifier.bias")


class NetworkStart(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What a training begins with instead of drawn weights.

    Parameters
    ----------
    name : str
        Of the network's file, for messages.
    spec : NetworkSpec
        Its architecture.
    classes : tuple of str
        In the order of its scores.
    weights : dict of str to ndarray
        By the network's own names.
    trained_on : tuple of (int, str)
        Size and SHA-256 of the recordings that it has learnt from.
    is_pool : bool
        Whether it was trained for this one training, on pooled recordings.
    preprocessing : Preprocessing, optional
        What its epochs were; None for a pool, whose epochs are cut for the new subject.

    See Also
    --------
    start_from : Make one of a decoder.
    calibration.networks.network_classifier.NetworkClassifier : Takes it as ``start``.

    Examples
    --------
    >>> import numpy as np
    >>> start = NetworkStart(
    ...     name="group", classes=("left_hand", "right_hand"),
    ...     spec=NetworkSpec(name="eegnet", n_channels=2, n_times=64, n_classes=2),
    ...     weights={"classifier.bias": np.array([1.0, 2.0])},
    ... )
    >>> start.ordered(("right_hand", "left_hand")).weights["classifier.bias"].tolist()
    [2.0, 1.0]
    """

    name: str
    spec: NetworkSpec
    classes: tuple[str, ...]
    weights: dict[str, NDArray[Any]]
    trained_on: tuple[tuple[int, str], ...] = ()
    is_pool: bool = False
    preprocessing: Preprocessing | None = None

    @property
    def network(self) -> str:
        """Name of the network, or MODULE:NAME of one that somebody brought."""
        return self.spec.entry_point or self.spec.name

    def __sklearn_clone__(self) -> Self:
        # It never changes: no fold needs a copy.
        return self

    def ordered(self, classes: Sequence[str]) -> "NetworkStart":
        """Return the same network with its scores in the order of these classes.

        Raises
        ------
        BciError
            If these are other classes, or a network of somebody's own has them in another order.
        """
        if set(classes) != set(self.classes):
            raise BciError(
                f"{self.name}: its classes are {', '.join(self.classes)}, those of the recordings "
                f"{', '.join(classes)}; give a network of the same classes"
            )
        if self.spec.name == "own" and tuple(classes) != self.classes:
            raise BciError(
                f"{self.name}: the order of its classes is {', '.join(self.classes)}, that of the "
                f"recordings {', '.join(classes)}; which of its weights are whose is not known"
            )
        rows = [self.classes.index(name) for name in classes]
        moved = {name: self.weights[name][rows] for name in LAST_LAYER if name in self.weights}
        weights = self.weights | moved
        return msgspec.structs.replace(self, classes=tuple(classes), weights=weights)


def start_from(name: str, header: DecoderHeader, arrays: Any) -> NetworkStart:
    """Return the network of a decoder, to go on from.

    Parameters
    ----------
    name : str
        Of its file, for messages.
    header : DecoderHeader
        Of the decoder.
    arrays : mapping of str to ndarray
        Its arrays.

    Returns
    -------
    start : NetworkStart
        Its numbers for scaling are left out: another subject has its own.

    Raises
    ------
    BciError
        If the decoder is no network.

    See Also
    --------
    calibration.networks.start_epochs.config_like : What its epochs are.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> start_from("old.decoder", DecoderHeader(method="lda", preprocessing=own), {})
    Traceback (most recent call last):
    bci_online.errors.BciError: --from old.decoder: is lda, not a network; give a network's decoder
    """
    if header.network is None:
        raise BciError(
            f"--from {name}: is {header.method}, not a network; give a network's decoder"
        )
    # Only now: it imports PyTorch.
    from bci_online.decoding.network.decoder import PREFIX

    weights = {
        key.removeprefix(PREFIX): value for key, value in arrays.items() if key.startswith(PREFIX)
    }
    return NetworkStart(
        name=name,
        spec=header.network,
        classes=header.classes,
        weights=weights,
        trained_on=header.trained_on,
        preprocessing=header.preprocessing,
    )


def read_start(path: Path) -> tuple[NetworkStart, DecoderHeader]:
    """Read a decoder file as what another training goes on from.

    Parameters
    ----------
    path : Path
        The file of a network's decoder.

    Returns
    -------
    start : NetworkStart
        Its network.
    header : DecoderHeader
        For `calibration.networks.start_epochs.config_like`.

    Raises
    ------
    BciError
        If it is no decoder, or the decoder of another method.

    See Also
    --------
    start_from : The same for a decoder that is there.

    Examples
    --------
    >>> read_start(Path("nowhere.decoder"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.DecoderMismatchError: nowhere.decoder: ...
    """
    check_installed("torch", "networks", f"--from {path}")
    decoder = read_decoder(path)
    return start_from(str(path), decoder.header, decoder.arrays), decoder.header


def with_earlier(
    contents: tuple[tuple[int, str], ...], start: NetworkStart | None
) -> tuple[tuple[int, str], ...]:
    """Return the recordings of a training, and those that its start has learnt from.

    Parameters
    ----------
    contents : tuple of (int, str)
        Size and SHA-256 of each recording.
    start : NetworkStart or None
        What the training goes on from.

    Returns
    -------
    contents : tuple of (int, str)
        Of all of them.

    Raises
    ------
    BciError
        If a recording is one of the start's: it could not be held out.

    See Also
    --------
    calibration.recordings.contents_of : The recordings.

    Examples
    --------
    >>> with_earlier(((4, "ab"),), None)
    ((4, 'ab'),)
    """
    if start is None:
        return contents
    for number, content in enumerate(contents, start=1):
        if content in start.trained_on:
            raise BciError(
                f"recording {number}: {start.name} has learnt from it, so it says nothing about "
                "new data; give recordings that the network has not seen"
            )
    return (*contents, *start.trained_on)
