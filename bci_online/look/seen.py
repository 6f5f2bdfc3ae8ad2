"""What a look at a recording shows, as plain values: terminal, page and JSON show the same."""

import msgspec
import numpy as np

from bci_online.acquisition.measured_rate import measured_rate
from bci_online.acquisition.xdf.overview import StreamOverview
from bci_online.input_findings import InputFinding
from bci_online.look.responses import Response
from bci_online.look.run_through import RunThrough
from bci_online.look.words import MarkerWord
from bci_online.preprocessing.quality import faults

__all__ = ["Look", "SeenChannel", "SeenStream", "seen_channels", "seen_stream"]


class SeenStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream of a recording.

    Parameters
    ----------
    name : str
        How it was announced.
    number : int
        Its place in the file, from 1.
    type, source_id, hostname : str
        How else it was announced.
    n_channels, n_samples : int
        Values of a sample, and samples.
    format : str
        How samples are stored.
    sfreq : float
        The rate that it states; 0 for none.
    measured_sfreq : float or None
        What its stamps show; None where they are not regular.
    role : {"EEG", "markers", "not read"}
        What it is used for.
    first_s, last_s : float or None
        Its span, in seconds after the first sample of all streams; None without samples.
    n_offsets : int
        How often its clock was compared.
    offset_s, drift_ppm : float or None
        By how much its clock was off at first, and how much it ran off since, in microseconds a
        second; None where it was not compared, or for less than a minute.

    See Also
    --------
    seen_stream : Makes it.
    """

    name: str
    number: int = 1
    type: str = ""
    source_id: str = ""
    hostname: str = ""
    n_channels: int = 1
    n_samples: int = 0
    format: str = ""
    sfreq: float = 0.0
    measured_sfreq: float | None = None
    role: str = "not read"
    first_s: float | None = None
    last_s: float | None = None
    n_offsets: int = 0
    offset_s: float | None = None
    drift_ppm: float | None = None


class SeenChannel(msgspec.Struct, frozen=True):
    """A channel of the EEG stream.

    Parameters
    ----------
    name, type : str
        As described.
    takes_part : bool
        Whether it is decoded.
    why_not : str
        Why it does not take part.
    rms : float
        Of two seconds, in the stream's unit, the median.
    mains : float
        Share of its power at 50 or 60 Hz.
    fault : str
        What is wrong with its signal; empty where nothing is.

    See Also
    --------
    seen_channels : Makes them.
    """

    name: str
    type: str
    takes_part: bool
    why_not: str
    rms: float
    mains: float
    fault: str


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """All that one page shows.

    Parameters
    ----------
    name : str
        Of the recording.
    streams : tuple of SeenStream
        In the order of the file.
    findings : tuple of InputFinding
        What is wrong, in the order of cost.
    toml : str
        A configuration that mends what can be mended.
    unit : str
        Of the channels.
    channels : tuple of SeenChannel
        Of the EEG stream; empty if there is none.
    words : tuple of MarkerWord
        The most frequent first.
    facts : tuple of (str, str)
        Figures of the run through the chain: name and value.
    response : Response or None
        None where labels are not known.

    See Also
    --------
    bci_online.look.looking.look_at : Makes it.
    """

    name: str
    streams: tuple[SeenStream, ...]
    findings: tuple[InputFinding, ...]
    toml: str
    unit: str = "unknown"
    channels: tuple[SeenChannel, ...] = ()
    words: tuple[MarkerWord, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    response: Response | None = None


def seen_stream(stream: StreamOverview, role: str, origin: float) -> SeenStream:
    """Return a stream as it is shown.

    Parameters
    ----------
    stream : StreamOverview
        As recorded.
    role : str
        What it is used for.
    origin : float
        Common time of the first sample of all streams.

    Returns
    -------
    seen : SeenStream
        With its measured rate, span and clock.

    See Also
    --------
    bci_online.acquisition.xdf.overview.overview_of : Reads the streams.

    Examples
    --------
    >>> from bci_online.acquisition.stream_header import parse_header
    >>> xml = b"<info><name>amp</name><channel_count>1</channel_count>"
    >>> xml += b"<channel_format>int16</channel_format></info>"
    >>> stamps = np.arange(1000) / 100 + 50
    >>> stream = StreamOverview(1, parse_header(xml, 1), 1000, stamps, stamps, np.zeros((0, 2)))
    >>> seen = seen_stream(stream, "not read", origin=40.0)
    >>> seen.name, seen.measured_sfreq, seen.first_s, seen.offset_s
    ('amp', 100.0, 10.0, None)
    """
    header, common, offsets = stream.header, stream.common, stream.offsets
    rate = measured_rate(stream.stamps)
    drift = None
    if len(offsets) > 1 and (seconds := float(np.ptp(offsets[:, 0]))) >= 60.0:
        drift = 1e6 * float(offsets[-1, 1] - offsets[0, 1]) / seconds
    return SeenStream(
        number=header.number,
        name=header.name,
        type=header.type,
        source_id=header.source_id,
        hostname=header.hostname,
        n_channels=header.n_channels,
        n_samples=stream.n_samples,
        format=header.format,
        sfreq=header.sfreq,
        measured_sfreq=rate.sfreq if rate is not None and rate.is_regular else None,
        role=role,
        first_s=float(common.min()) - origin if common.size else None,
        last_s=float(common.max()) - origin if common.size else None,
        n_offsets=len(offsets),
        offset_s=float(offsets[0, 1]) if len(offsets) else None,
        drift_ppm=drift,
    )


def seen_channels(run: RunThrough, findings: tuple[InputFinding, ...]) -> tuple[SeenChannel, ...]:
    """Return the channels of the EEG stream as they are shown.

    Parameters
    ----------
    run : RunThrough
        With their qualities.
    findings : tuple of InputFinding
        They say why channels are left out.

    Returns
    -------
    channels : tuple of SeenChannel
        In the order of the stream.

    See Also
    --------
    bci_online.preprocessing.quality.assess : Judges a block of them.
    """
    spec, taken = run.spec, run.preprocessing.ch_names
    medians = {
        blocks[0].name: msgspec.structs.replace(
            blocks[0],
            rms=float(np.median([one.rms for one in blocks])),
            line_noise=float(np.median([one.line_noise for one in blocks])),
            flat=sum(one.flat for one in blocks) > len(blocks) / 2,
            railing=sum(one.railing for one in blocks) > len(blocks) / 2,
        )
        for blocks in zip(*run.qualities, strict=True)
    }
    wrong = faults([one for name, one in medians.items() if name in taken], spec.unit)
    return tuple(
        SeenChannel(
            name,
            kind,
            name in taken,
            "" if name in taken else _why_not(name, kind, findings),
            medians[name].rms if name in medians else 0.0,
            medians[name].line_noise if name in medians else 0.0,
            wrong.get(name, ""),
        )
        for name, kind in zip(spec.ch_names, spec.ch_types, strict=True)
    )


def _why_not(name: str, kind: str, findings: tuple[InputFinding, ...]) -> str:
    for finding in findings:
        named = finding.what.removeprefix("channels ").removeprefix("channel ").split(", ")
        if finding.kind == "no electrode" and name in named:
            return finding.value.removesuffix(", left out")
    return "left out in the configuration" if kind == "EEG" else f"of type {kind}"
