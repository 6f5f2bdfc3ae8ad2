"""A network that another training goes on from: its weights, and what its epochs are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
from numpy.typing import NDArray

from bci_online.config import Config, DecoderHeader, NetworkSpec
from bci_online.counted import counted
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from calibration.installed import check_installed

__all__ = ["NetworkStart", "config_like", "read_start", "start_from", "with_earlier"]

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
    config_like : What its epochs are.

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
        For `config_like`.

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


def config_like(name: str, header: DecoderHeader, config: Config) -> tuple[Config, tuple[str, ...]]:
    """Return the configuration that cuts epochs as a network has learnt them, and what it changes.

    Parameters
    ----------
    name : str
        Of the network's file, for messages.
    header : DecoderHeader
        Of the network's decoder.
    config : Config
        Of the new recordings.

    Returns
    -------
    config : Config
        With the network's channels, reference, filter, and length of windows or latencies.
    notes : tuple of str
        Where the network comes from, and what of the configuration was another.

    Raises
    ------
    BciError
        If it is a network of another paradigm, or its epochs break a rule of the configuration.

    See Also
    --------
    start_from : The network.

    Examples
    --------
    >>> from bci_online.config import FilterSpec, Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0, filter=FilterSpec(h_freq=6.0))
    >>> header = DecoderHeader(method="eegnet", preprocessing=own)
    >>> config, notes = config_like("group.decoder", header, Config())
    >>> config.eeg.channels, notes[1:]
    (('Cz',), ("group.decoder: its filter in place of the configuration's",))
    """
    if header.paradigm != config.paradigm:
        raise BciError(
            f"--from {name}: is for paradigm {header.paradigm!r}, the configuration's is "
            f"{config.paradigm!r}"
        )
    own = header.preprocessing
    parts: dict[str, Any] = {"filter": own.filter}
    if own.window is None:
        parts["epoch"] = own.epoch
    else:
        # Left out it means no, of old decoders and of networks.
        stated = msgspec.structs.replace(config.window, recentre=bool(config.window.recentre))
        config = msgspec.structs.replace(config, window=stated)
        parts["window"] = msgspec.structs.replace(
            stated, length=own.window.length, recentre=bool(own.window.recentre)
        )
    its = [key for key, value in parts.items() if value != getattr(config, key)]
    if config.eeg.channels and set(config.eeg.channels) != set(own.ch_names):
        its.insert(0, "channels")
    notes: tuple[str, ...] = (_origin(name, header),)
    if its:
        notes += (f"{name}: its {' and '.join(its)} in place of the configuration's",)
    of_signal: dict[str, Any] = {"channels": own.ch_names, "reference": own.reference}
    eeg = msgspec.structs.replace(config.eeg, exclude=(), **of_signal)
    try:
        return msgspec.structs.replace(config, eeg=eeg, **parts), notes
    except ValueError as error:
        raise BciError(
            f"--from {name}: its epochs do not go with the configuration: {error}"
        ) from None


def _origin(name: str, header: DecoderHeader) -> str:
    """Return a line that says what a network is and what it has learnt from."""
    n, whom = len(header.trained_on), ("recording, or subject", "recordings, or subjects")
    known = f"has learnt from {counted(n, *whom)} of a public set"
    unknown = "does not say what it has learnt from: these recordings may be among it"
    return f"{name}: {header.method}; {known if n else unknown}"
