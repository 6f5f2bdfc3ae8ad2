"""Which streams of a recording are the EEG and the markers."""

from bci_online.acquisition.stream_header import StreamHeader, clean
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import RecordingError
from bci_online.messages import EEG, MARKERS

__all__ = ["choose_eeg", "choose_markers"]

FASTEST = 1e6
# Text streams that the system itself writes: what it said, not what happened.
OWN_TYPES = {"decisions", "journal", "control"}


def choose_eeg(contents: Contents, eeg: EegStream) -> int:
    """Return the id of the one stream that is meant and can be used.

    Raises
    ------
    RecordingError
        If there is none, or several.
    """
    headers = contents.headers
    if eeg.name:
        wanted, found = f"stream {eeg.name!r}", contents.find(eeg.name)
    else:
        wanted = f"stream of type {eeg.type!r}"
        found = [
            id_ for id_, header in headers.items() if header.type.casefold() == eeg.type.casefold()
        ]
    if not headers:
        nothing = "none that can be read" if contents.notes else "nothing was recorded into it"
        raise RecordingError(f"holds no streams: {nothing}")
    if not found:
        raise RecordingError(
            f"holds no {wanted} but {contents.describe_all()}; "
            "set eeg.name or eeg.type in the configuration"
        )
    flaws = {id_: _flaw(headers[id_], contents.n_samples[id_]) for id_ in found}
    usable = [id_ for id_, flaw in flaws.items() if not flaw]
    if not usable:
        said = "; ".join(f"{headers[id_].name!r} {flaw}" for id_, flaw in flaws.items())
        raise RecordingError(
            f"has no usable {wanted}: {clean(said, 500)}; it holds {contents.describe_all()}"
        )
    if len(usable) > 1:
        raise RecordingError(
            f"{len(usable)} streams could be the EEG: {contents.describe_all(usable)}; set "
            "eeg.name in the configuration to one's name, source_id or number (like "
            f'eeg.name = "#{headers[usable[0]].number}")'
        )
    return usable[0]


def _flaw(header: StreamHeader, n_samples: int) -> str:
    """Return why a stream cannot be the EEG; empty if it can."""
    if header.format == "string":
        return "is text, not numbers"
    if not 0 < header.sfreq <= FASTEST:
        return f"has a nominal rate of {header.sfreq:g} Hz where a regular one is needed"
    return "" if n_samples else "has no samples"


def choose_markers(contents: Contents, markers: MarkerStream, eeg: int) -> dict[str, int]:
    """Return the ids of the marker streams by stream key: those named, else all that look like it.

    Raises
    ------
    RecordingError
        If a named stream is not in the file.
    """
    types = {type_.casefold() for type_ in markers.types}
    chosen = []
    for name in dict.fromkeys(markers.names):
        found = contents.find(name)
        if not found:
            raise RecordingError(
                f"holds no stream {name!r} (markers.names in the configuration); it holds "
                f"{contents.describe_all()}"
            )
        chosen += [id_ for id_ in found if id_ not in chosen]
    if not markers.names:
        for id_, header in contents.headers.items():
            type_ = header.type.casefold()
            text = header.format == "string" and type_ not in OWN_TYPES
            if id_ != eeg and (text or type_ in types):
                chosen.append(id_)
    chosen = [id_ for id_ in chosen if contents.n_samples[id_]]
    if len(chosen) == 1:
        return {MARKERS: chosen[0]}
    keys: dict[str, int] = {}
    for id_ in chosen:
        header = contents.headers[id_]
        key = header.name or MARKERS
        unique = key not in keys and key != EEG
        keys[key if unique else f"{key}#{header.number}"] = id_
    return keys
