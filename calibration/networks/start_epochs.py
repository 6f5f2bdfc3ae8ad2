"""The epochs that a network to go on from has learnt, at a new subject: cut alike, or told."""

from typing import Any

import msgspec

from bci_online.config import Config, DecoderHeader, Preprocessing
from bci_online.counted import counted
from bci_online.decoding.decoder import other_origin
from bci_online.errors import BciError
from bci_online.sensor_names import sensor_place
from calibration.networks.network_start import NetworkStart

__all__ = ["config_like", "told_apart"]


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
    calibration.networks.network_start.start_from : The network.
    told_apart : What only the recordings tell.

    Examples
    --------
    >>> from bci_online.config import FilterSpec
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0, filter=FilterSpec(h_freq=6.0))
    >>> header = DecoderHeader(method="eegnet", preprocessing=own)
    >>> config, notes = config_like("group.decoder", header, Config())
    >>> config.eeg.channels, notes[1:]
    (('Cz',), ("group.decoder: its filter in place of the configuration's",))
    """
    own = header.preprocessing
    _check_paradigm(name, header, config)
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
    if config.eeg.reference != own.reference:
        its.insert(0, "reference")
    if not _takes_part(config, own):
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


def _check_paradigm(name: str, header: DecoderHeader, config: Config) -> None:
    if header.paradigm != config.paradigm:
        raise BciError(
            f"--from {name}: is for paradigm {header.paradigm!r}, the configuration's is "
            f"{config.paradigm!r}"
        )
    learnt, asked = header.preprocessing.epoch.after, config.epoch.after
    if learnt != asked:
        raise BciError(
            f"--from {name}: has learnt what follows a {learnt}, asked for is what follows a "
            f"{asked}; give a network of the same, or leave --from out"
        )


def _takes_part(config: Config, own: Preprocessing) -> bool:
    """Return whether a configuration asks for a network's sensors, however it spells them."""
    theirs, left_out = ({*map(sensor_place, names)} for names in (own.ch_names, config.eeg.exclude))
    asked = {*map(sensor_place, config.eeg.channels)} or theirs
    return asked - left_out == theirs


def _origin(name: str, header: DecoderHeader) -> str:
    """Return a line that says what a network is and what it has learnt from."""
    n, whom = len(header.trained_on), ("recording, or subject", "recordings, or subjects")
    known = f"has learnt from {counted(n, *whom)} of a public set"
    unknown = "does not say what it has learnt from: these recordings may be among it"
    return f"{name}: {header.method}; {known if n else unknown}"


def told_apart(start: NetworkStart, header: DecoderHeader) -> tuple[str, ...]:
    """Return lines about what a network's epochs were, and those that it went on with were not.

    Parameters
    ----------
    start : NetworkStart
        What a training went on from.
    header : DecoderHeader
        Of the decoder that came of it.

    Returns
    -------
    lines : tuple of str
        About reference and amplifier of the streams, the scaling, and a unit that counts.

    See Also
    --------
    config_like : What the configuration can give them.

    Examples
    --------
    >>> from bci_online.config import NetworkSpec
    >>> spec = NetworkSpec(name="eegnet", n_channels=1, n_times=64, n_classes=2)
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="eegnet", preprocessing=own, network=spec, kind="network")
    >>> was = msgspec.structs.replace(own, stream_reference="A1")
    >>> start = NetworkStart(
    ...     name="group", spec=spec, classes=("a", "b"), weights={}, preprocessing=was
    ... )
    >>> told_apart(start, header)
    ('group: reference is not stated, was A1',)
    """
    learnt, own, spec = start.preprocessing, header.preprocessing, header.network
    if learnt is None or spec is None:
        return ()
    apart = other_origin(learnt, own.stream_reference, own.amplifier)
    if spec.scaling != start.spec.scaling:
        apart.append(f"scaling is {spec.scaling}, was {start.spec.scaling}")
    elif spec.scaling == "microvolts" and own.unit != learnt.unit:
        # Every other scaling brings any unit to one size.
        apart.append(f"unit is {own.unit}, was {learnt.unit}, and --scaling microvolts keeps both")
    return (f"{start.name}: {'; '.join(apart)}",) if apart else ()
