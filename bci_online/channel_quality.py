"""How good the channels are, in figures: what the engine measures and everybody shows."""

from typing import Literal

import msgspec

__all__ = ["FAULT_WORDS", "LARGEST", "ChannelFault", "ChannelQuality", "Electrodes"]

LARGEST = 1e12
"""No voltage is larger, in whatever unit: such a number is damaged, as NaN is."""


FaultKind = Literal["flat", "railing", "noisy", "loud", "large"]

FAULT_WORDS: dict[FaultKind, str] = {
    "flat": "flat",
    "railing": "railing",
    "noisy": "noisy: {value:.0f} % mains",
    "loud": "loud: {value:.0f} times the usual",
    "large": "loud: {value:.0f} µV",
}
"""What each kind of fault is called, with its value."""


class ChannelFault(msgspec.Struct, frozen=True):
    """What is wrong with a channel.

    Parameters
    ----------
    kind : {"flat", "railing", "noisy", "loud", "large"}
        Of the fault.
    value : float
        Per cent of mains of a noisy channel; of a loud one, how many times the usual RMS it has;
        of a large one, its RMS in microvolts.

    See Also
    --------
    bci_online.preprocessing.quality.faults_found : Finds it.

    Examples
    --------
    >>> ChannelFault("noisy", 62.0).words
    'noisy: 62 % mains'
    """

    kind: FaultKind
    value: float = 0.0

    @property
    def words(self) -> str:
        """The fault in words."""
        return FAULT_WORDS[self.kind].format(value=self.value)


class ChannelQuality(msgspec.Struct, frozen=True):
    """One channel over some seconds.

    Parameters
    ----------
    name : str
        The channel.
    rms : float
        Without the mean, in the stream's unit.
    flat, railing : bool
        Whether it has at most two values, or sits on its largest or smallest one.
    line_noise : float
        Share of the power above 1 Hz that lies within 1 Hz of the mains frequency.
    impedance_kohm : float, optional
        As the stream says.

    See Also
    --------
    bci_online.preprocessing.quality.assess : Computes it; has an example.
    bci_online.preprocessing.quality.faults : What is wrong with it, in words.
    """

    name: str
    rms: float
    flat: bool
    railing: bool
    line_noise: float
    impedance_kohm: float | None = None


class Electrodes(msgspec.Struct, frozen=True, tag="electrodes"):
    """The channels that take part, over the last seconds.

    Parameters
    ----------
    channels : tuple of ChannelQuality
        In the order of the decoder's channels.
    unit : str
        Of their RMS.
    time : float
        Common time of the newest sample in seconds.

    See Also
    --------
    bci_online.preprocessing.quality.judge : Computes the channels.

    Examples
    --------
    >>> cz = ChannelQuality("Cz", rms=10.0, flat=False, railing=False, line_noise=0.1)
    >>> [channel.name for channel in Electrodes((cz,), "microvolts", time=12.0).channels]
    ['Cz']
    """

    channels: tuple[ChannelQuality, ...]
    unit: str = "unknown"
    time: float = 0.0
