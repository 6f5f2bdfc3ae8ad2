"""Words and figures of a look that terminal and page share."""

from collections.abc import Sequence

from bci_online.counted import some
from bci_online.look.seen import SeenChannel, SeenStream
from bci_online.messages import unit_name

__all__ = ["channel_lines", "clock_of", "rate_of", "span_of"]


def rate_of(stream: SeenStream) -> str:
    """Return the rate of a stream as stated and, where it differs or is needed, as measured.

    Parameters
    ----------
    stream : SeenStream
        Any stream.

    Returns
    -------
    text : str
        Such as ``256 Hz, measured 200``.

    See Also
    --------
    span_of : When its samples came.

    Examples
    --------
    >>> rate_of(SeenStream(name="amp", sfreq=256.0, measured_sfreq=200.0))
    '256 Hz, measured 200 Hz'
    """
    stated, measured = stream.sfreq, stream.measured_sfreq
    if not stated and (stream.role == "markers" or measured is None):
        return "irregular"
    shown = f"{stated:g} Hz" if stated else "no rate stated"
    return shown if measured is None else f"{shown}, measured {measured:.5g} Hz"


def span_of(stream: SeenStream) -> str:
    """Return when a stream's samples came.

    Parameters
    ----------
    stream : SeenStream
        Any stream.

    Returns
    -------
    text : str
        Seconds after the first sample of all streams.

    See Also
    --------
    clock_of : Its clock.

    Examples
    --------
    >>> span_of(SeenStream(name="amp", first_s=0.0, last_s=112.16))
    '0.0-112.2 s'
    """
    if stream.first_s is None or stream.last_s is None:
        return "no samples"
    return f"{stream.first_s:.1f}-{stream.last_s:.1f} s"


def clock_of(stream: SeenStream) -> str:
    """Return how a stream's clock was compared.

    Parameters
    ----------
    stream : SeenStream
        Any stream.

    Returns
    -------
    text : str
        Its computer, and by how much its clock is off.

    See Also
    --------
    rate_of : Its rate.

    Examples
    --------
    >>> clock_of(SeenStream(name="amp", hostname="lab", n_offsets=8, offset_s=0.0031))
    'lab: +3.10 ms, compared 8 times'
    """
    host = f"{stream.hostname}: " if stream.hostname else ""
    if stream.offset_s is None:
        return f"{host}never compared"
    drift = "" if stream.drift_ppm is None else f", {stream.drift_ppm:+.1f} ppm"
    size = stream.offset_s
    off = f"{1000 * size:+.2f} ms" if abs(size) < 10 else f"{size:+.0f} s"
    times = "once" if stream.n_offsets == 1 else f"{stream.n_offsets} times"
    return f"{host}{off}{drift}, compared {times}"


def channel_lines(channels: Sequence[SeenChannel], unit: str) -> list[str]:
    """Return lines about channels: those that take part, those that do not, and faults.

    Parameters
    ----------
    channels : sequence of SeenChannel
        Of the EEG stream.
    unit : str
        Of their size.

    Returns
    -------
    lines : list of str
        Channels with one reason share a line.

    See Also
    --------
    bci_online.look.seen.SeenChannel : One of them.

    Examples
    --------
    >>> for line in channel_lines([SeenChannel("X", "EEG", False, "flat", 0.0, 0.0, "")], "µV"):
    ...     print(line)
    0 take part:
    left out: X: flat
    """
    kept = [one for one in channels if one.takes_part]
    lines = [f"{len(kept)} take part: {some([one.name for one in kept])}".rstrip()]
    if kept:
        sizes = sorted(one.rms for one in kept)
        mains = sorted(one.mains for one in kept)
        middle = len(kept) // 2
        lines.append(
            f"RMS {sizes[0]:.3g} to {sizes[-1]:.3g} {unit_name(unit)}, half of them below "
            f"{sizes[middle]:.3g}; mains {100 * mains[middle]:.0f} % of the power, at most "
            f"{100 * mains[-1]:.0f} %"
        )
    reasons: dict[str, list[str]] = {}
    for one in channels:
        if not one.takes_part:
            reasons.setdefault(one.why_not, []).append(one.name)
    lines += [f"left out: {some(names)}: {why}" for why, names in reasons.items()]
    return lines + [f"{one.name}: {one.fault}" for one in kept if one.fault]
