"""How good the channels are, in figures: what the engine measures and everybody shows."""

import msgspec

__all__ = ["ChannelQuality", "Electrodes"]


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
    """

    name: str
    rms: float
    flat: bool
    railing: bool
    line_noise: float
    impedance_kohm: float | None = None


class Electrodes(msgspec.Struct, frozen=True, tag="electrodes"):
    """The channels that take part, over the last seconds before ``time``; RMS in ``unit``."""

    channels: tuple[ChannelQuality, ...]
    unit: str = "unknown"
    time: float = 0.0
