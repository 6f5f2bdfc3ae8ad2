"""From a configuration and a stream to a decoder that was never calibrated."""

import msgspec

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
from bci_online.decoding.decoder_file import make_decoder
from bci_online.errors import ConfigError
from bci_online.messages import StreamSpec

__all__ = ["uncalibrated_decoder"]

EPOCH = EpochSpec(tmin=0.1, tmax=0.6, step=0.05)
"""Latencies that hold the response of nearly everybody; more of them only add noise."""

FEWEST = 5
"""Repetitions of a letter; with three, too many letters are wrong."""

CODE_SPREAD = 0.1**0.5
"""What flashes of one code share, in units of the spread; real recordings have 0.3 to 0.6.

Without it, 3 of 16 real letters were wrong at a stated 5 %; with it 1, and simulated subjects need
a repetition more (docs/no-calibration.md).
"""

SENSORS = (
    *("Fz", "Cz", "Pz", "Oz", "P3", "P4", "PO7", "PO8"),
    *("CPz", "POz", "C3", "C4", "CP3", "CP4", "P7", "P8"),
)
"""Where the response is in nearly everybody. The eight textbook sensors come first."""


def uncalibrated_decoder(config: Config, spec: StreamSpec) -> Decoder:
    """Return a decoder that can spell at once on a stream, without any training.

    Parameters
    ----------
    config : Config
        Layout, stopping rule, filter, and the stream's channels. With ``eeg.channels`` these are
        used; else those of the sixteen usual sensors that the stream has; else all.
    spec : StreamSpec
        The stream.

    Returns
    -------
    decoder : Decoder
        Of kind ``uncalibrated``.

    Raises
    ------
    ConfigError
        If the configuration is for motor imagery, which needs to be calibrated.
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
    if config.paradigm != "p300":
        raise ConfigError(
            "--no-calibration is for spellers: motor imagery has no response that is known "
            "beforehand; record a calibration and train"
        )
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
    header = DecoderHeader(
        method="none",
        kind="uncalibrated",
        preprocessing=preprocessing_for(config, spec),
        evidence=Evidence(code_spread=CODE_SPREAD, nobody=0.5, threshold=1 - rate, error_rate=rate),
        **(kept(config, DecoderHeader) | own),
    )
    return make_decoder(header, {})
