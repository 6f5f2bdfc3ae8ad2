"""From a configuration and a stream to a decoder that was never calibrated."""

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import (
    Config,
    DecoderHeader,
    EpochSpec,
    Evidence,
    FilterSpec,
    kept,
    preprocessing_for,
)
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder, read_decoder
from bci_online.decoding.uncalibrated import UncalibratedDecoder
from bci_online.errors import ConfigError, DecoderMismatchError
from bci_online.messages import StreamSpec
from bci_online.sensor_names import sensor_place

__all__ = ["EPOCH", "check_uncalibrated", "read_start", "uncalibrated_decoder"]

EPOCH = EpochSpec(tmin=0.1, tmax=0.6, step=0.05)
"""Latencies that hold the response of nearly everybody; more of them only add noise."""

FEWEST = 5
"""Repetitions of a letter; with three, too many letters are wrong."""

CODE_SPREAD = 0.05**0.5
"""What flashes of one code share, in units of the spread; real recordings have 0.3 to 0.6.

With this value 1 of 16 real letters is wrong at a stated 5 %, as with twice the variance. Without
it twice as many letters are typed where nobody looks.
"""

SENSORS = (
    *("Fz", "Cz", "Pz", "Oz", "P3", "P4", "PO7", "PO8"),
    *("CPz", "POz", "C3", "C4", "CP3", "CP4", "P7", "P8"),
)
"""Where the response is in nearly everybody. The eight textbook sensors come first."""


def uncalibrated_decoder(
    config: Config, spec: StreamSpec, start: UncalibratedDecoder | None = None
) -> Decoder:
    """Return a decoder that can spell at once on a stream, without any training.

    Parameters
    ----------
    config : Config
        Layout, stopping rule, filter, and the stream's channels. With ``eeg.channels`` these are
        used; else those of the sixteen usual sensors that the stream has; else all.
    spec : StreamSpec
        The stream.
    start : UncalibratedDecoder, optional
        What earlier sessions say, as `read_start` returns it.

    Returns
    -------
    decoder : Decoder
        Of kind ``uncalibrated``.

    Raises
    ------
    ConfigError
        If the configuration is for motor imagery, which needs to be calibrated, or two symbols
        divide the flashes alike.
    RecordingError
        If the configuration names channels that the stream lacks.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Decides by its epochs.
    bci_online.runtime.assembly.online_chain : The chain for it.

    Examples
    --------
    >>> names = ("Fz", "Cz", "Pz", "Oz", "T7")
    >>> spec = StreamSpec(name="amp", sfreq=250.0, ch_names=names, ch_types=("EEG",) * 5)
    >>> decoder = uncalibrated_decoder(Config(), spec)
    >>> decoder.header.preprocessing.ch_names
    ('Fz', 'Cz', 'Pz', 'Oz')
    """
    check_uncalibrated(config)
    usual = tuple(name for name in SENSORS if name in spec.ch_names)
    usual = tuple(name for name in usual if name not in config.eeg.exclude)
    eeg = config.eeg
    if not eeg.channels and len(usual) >= len(SENSORS) // 4:
        eeg = msgspec.structs.replace(eeg, channels=usual)
    config = msgspec.structs.replace(config, eeg=eeg, epoch=EPOCH, filter=FilterSpec())
    stopping = config.stopping
    least = min(max(FEWEST, stopping.min_repetitions), stopping.max_repetitions)
    own = {"stopping": msgspec.structs.replace(stopping, min_repetitions=least)}
    rate = stopping.error_rate
    preprocessing = preprocessing_for(config, spec)
    header = DecoderHeader(
        method="none",
        kind="uncalibrated",
        preprocessing=preprocessing,
        evidence=Evidence(code_spread=CODE_SPREAD, nobody=0.5, threshold=1 - rate, error_rate=rate),
        trained_on=() if start is None else start.header.trained_on,
        **(kept(config, DecoderHeader) | own),
    )
    if start is None:
        return make_decoder(header, {})
    return make_decoder(header, {"response": _response_on(start, preprocessing.ch_names)})


def check_uncalibrated(config: Config) -> None:
    """Refuse what cannot be done without a calibration.

    Parameters
    ----------
    config : Config
        Paradigm and layout.

    Raises
    ------
    ConfigError
        If it is for motor imagery. If one symbol of two is lit whenever the other is not: without
        labels nobody knows which of the two kinds of epochs is the response.

    See Also
    --------
    uncalibrated_decoder : Asks, too.

    Examples
    --------
    >>> check_uncalibrated(Config())
    """
    if config.paradigm != "p300":
        raise ConfigError(
            "--no-calibration is for spellers: motor imagery has no response that is known "
            "beforehand; record a calibration and train"
        )
    symbols_of_code = config.layout.symbols_of_code
    codes_of: dict[str, set[int]] = {}
    for code, symbols in symbols_of_code.items():
        for symbol in symbols:
            codes_of.setdefault(symbol, set()).add(code)
    symbol_of = {frozenset(codes): symbol for symbol, codes in codes_of.items()}
    for symbol, codes in codes_of.items():
        other = symbol_of.get(frozenset(symbols_of_code.keys() - codes))
        if other is not None:
            raise ConfigError(
                f"layout: {other!r} flashes whenever {symbol!r} does not: without calibration the "
                "two cannot be told apart; use a layout with more symbols, or record a calibration"
            )


def read_start(path: Path) -> UncalibratedDecoder:
    """Return what earlier sessions say, as ``bci-calibrate library start`` wrote it.

    Parameters
    ----------
    path : Path
        A decoder file of kind ``uncalibrated``, on the sensors of the library.

    Returns
    -------
    start : UncalibratedDecoder
        With the array ``response``.

    Raises
    ------
    DecoderMismatchError
        If it is another decoder, or one of other epochs than those without calibration.

    See Also
    --------
    uncalibrated_decoder : Brings it onto a stream.

    Examples
    --------
    >>> read_start(Path("nowhere.decoder"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    bci_online.errors.DecoderMismatchError: nowhere.decoder: ...
    """
    start = read_decoder(path)
    own = start.header.preprocessing
    if not isinstance(start, UncalibratedDecoder) or "response" not in start.arrays:
        raise DecoderMismatchError(f"{path}: holds no response of earlier sessions")
    if (own.epoch, own.filter) != (EPOCH, FilterSpec()):
        raise DecoderMismatchError(f"{path}: is for other epochs than those without calibration")
    return start


def _response_on(start: UncalibratedDecoder, ch_names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the response on other sensors; nothing is known of one that the library lacks."""
    names = start.header.preprocessing.ch_names
    rows = dict(zip(map(sensor_place, names), start.arrays["response"], strict=True))
    nothing = np.zeros(start.arrays["response"].shape[1])
    return np.stack([rows.get(sensor_place(name), nothing) for name in ch_names])
