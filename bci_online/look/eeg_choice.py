"""Which stream is most likely the EEG, where a configuration names none or several."""

from collections import Counter
from collections.abc import Sequence

from bci_online.acquisition.channel_description import stream_spec
from bci_online.acquisition.found_streams import RECORDING, Stream
from bci_online.acquisition.stream_choice import choose_eeg, explain_no_eeg
from bci_online.acquisition.stream_header import FASTEST
from bci_online.config import EegStream
from bci_online.errors import BciError
from bci_online.input_findings import InputFinding
from bci_online.look.mended import line
from bci_online.sensor_names import is_place

__all__ = ["missing_eeg"]

# A stream of fewer samples shows nothing.
FEWEST_SAMPLES = 100


def missing_eeg(streams: Sequence[Stream], eeg: EegStream) -> InputFinding | None:
    """Return a finding if no stream, or none for certain, is the EEG.

    Parameters
    ----------
    streams : sequence of Stream
        Of a recording.
    eeg : EegStream
        What the configuration says.

    Returns
    -------
    finding : InputFinding or None
        Its line lets the likely one be read, if there is one.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : The rule for every program.

    Examples
    --------
    >>> missing_eeg([], EegStream()).value
    "no stream of type 'EEG' but no streams"
    """
    try:
        if choose_eeg(streams, eeg, RECORDING) is not None:
            return None
        why = explain_no_eeg(streams, eeg, RECORDING)
    except BciError as error:
        why = str(error)
    why = why.partition("; set eeg.name")[0]
    likely = max(filter(_is_usable, streams), key=_likeness, default=None)
    if likely is None or _likeness(likely) < (0, 1):
        setting = "record the amplifier's stream, too, or name one in eeg.name"
        return InputFinding("no eeg", "the recording", why, setting)
    what, value = f"stream {likely.header.name!r}", f"it is the likely EEG; {why}"
    if likely.header.sfreq or eeg.sfreq != "stated":
        return InputFinding("no eeg", what, value, line=line("eeg.name", _name(likely, streams)))
    return InputFinding("no eeg", what, why, line=line("eeg.sfreq", "measured"))


def _is_usable(stream: Stream) -> bool:
    header = stream.header
    is_signal = header.format != "string" and header.sfreq <= FASTEST
    return is_signal and (stream.n_samples or 0) >= FEWEST_SAMPLES


def _likeness(stream: Stream) -> tuple[int, int, int, int]:
    """Return how much a stream is like EEG; without a word for it below (0, 1)."""
    header = stream.header
    spec = stream_spec(header).spec
    says_so = "eeg" in f"{header.type} {header.name}".casefold()
    says_so |= any("EEG" in header_type for header_type in _stated_types(stream))
    n_places = sum(map(is_place, spec.eeg_names))
    is_signal = header.type.casefold() == "signal"
    return int(says_so), n_places or int(is_signal), len(spec.eeg_names), stream.n_samples or 0


def _stated_types(stream: Stream) -> list[str]:
    channels = stream.header.description.findall("channels/channel")
    return [(channel.findtext("type") or "").upper() for channel in channels]


def _name(stream: Stream, streams: Sequence[Stream]) -> str:
    """Return what `choose_eeg` finds this stream by, and no other."""
    names = Counter(one.header.name for one in streams)
    sources = Counter(one.header.source_id for one in streams)
    header = stream.header
    if header.name and names[header.name] == 1:
        return header.name
    if header.source_id and sources[header.source_id] == 1 and not names[header.source_id]:
        return header.source_id
    return f"#{stream.number}"
