"""Which streams are the EEG and the markers: one rule for the network and for recordings."""

from collections.abc import Sequence
from typing import TypeVar

from bci_online.acquisition.found_streams import NETWORK, RECORDING, Place, Stream, describe
from bci_online.acquisition.stream_header import FASTEST
from bci_online.acquisition.stream_texts import clean
from bci_online.config import EegStream, MarkerStream
from bci_online.counted import some
from bci_online.errors import BciError

__all__ = [
    "choose_eeg",
    "choose_markers",
    "explain_no_eeg",
    "explain_no_markers",
    "explain_unread",
]

# Text streams that this system writes itself: its messages, not what happened.
OWN_TYPES = {"decisions", "journal", "control", "signed"}

S = TypeVar("S", bound=Stream)


def choose_eeg(streams: Sequence[S], eeg: EegStream, place: Place = NETWORK) -> S | None:
    """Return the one stream that is meant and can be the EEG; None if there is none.

    With ``eeg.name`` those streams are meant that have this name, else those with this source_id,
    else the one with this ``#number``; without a name those of ``eeg.type``, in any case. The EEG
    has numbers at a regular rate and, in a recording, samples.

    Parameters
    ----------
    streams : sequence of Stream
        Of the network, or of a recording.
    eeg : EegStream
        The table ``eeg`` of the configuration.
    place : Place
        Words for the error.

    Returns
    -------
    stream : Stream or None
        None: `explain_no_eeg` has the reason.

    Raises
    ------
    BciError
        If there are several; it lists them.

    See Also
    --------
    explain_no_eeg : The reason, in one line.
    choose_markers : The same for markers.

    Examples
    --------
    >>> choose_eeg([], EegStream()) is None
    True
    """
    usable = [stream for stream in _meant(streams, eeg) if not _flaw(stream, eeg)]
    if len(usable) > 1:
        raise BciError(
            f"{len(usable)} streams{place.where} could be the EEG: {describe(usable)}; "
            f"{place.if_several}"
        )
    return usable[0] if usable else None


def explain_no_eeg(streams: Sequence[Stream], eeg: EegStream, place: Place = NETWORK) -> str:
    """Return one line for a person whose EEG stream `choose_eeg` did not find.

    Parameters
    ----------
    streams : sequence of Stream
        Of the network, or of a recording.
    eeg : EegStream
        The table ``eeg`` of the configuration.
    place : Place
        Words for the error.

    Returns
    -------
    line : str
        What was looked for, what there is instead, and the way out.

    See Also
    --------
    choose_eeg : Choose the stream.

    Examples
    --------
    >>> explain_no_eeg([], EegStream()).split(";")[0]
    "no stream of type 'EEG' on the network but no streams"
    """
    wanted = f"stream {eeg.name!r}" if eeg.name else f"stream of type {eeg.type!r}"
    flaws = [f"{stream.header.name!r} {_flaw(stream, eeg)}" for stream in _meant(streams, eeg)]
    listed = describe(streams)
    if not flaws:
        return f"no {wanted}{place.where} but {listed}; {place.if_none}"
    said = clean("; ".join(flaws), 500)
    return f"no usable {wanted}{place.where}: {said}; there is {listed}; {place.if_none}"


def choose_markers(
    streams: Sequence[S], markers: MarkerStream, eeg: S, place: Place = NETWORK
) -> tuple[list[S], list[str]]:
    """Return the marker streams, and which of ``markers.names`` are missing.

    With names those streams are meant that have them, as in `choose_eeg`; without names all but
    the EEG that are of one of ``markers.types``. In a file also text of another type is taken,
    except what this system writes itself: who recorded it chose what is in it. On a network such
    text may be anybody's, such as a chat, and steers nothing.

    Parameters
    ----------
    streams : sequence of Stream
        Of the network, or of a recording.
    markers : MarkerStream
        The table ``markers`` of the configuration.
    eeg : Stream
        As `choose_eeg` returned it.
    place : Place
        The network or a file.

    Returns
    -------
    chosen : list of Stream
        In the order of the names, or of the streams.
    missing : list of str
        Names that no stream has.

    See Also
    --------
    explain_no_markers : What to do about a missing one.
    bci_online.acquisition.found_streams.keys_of : How readings name them.
    choose_eeg : The same for the EEG.

    Examples
    --------
    >>> choose_markers([], MarkerStream(names=("screen",)), eeg=None)  # nothing is on the network
    ([], ['screen'])
    """
    chosen: list[S] = []
    missing = []
    streams = _sent_by(markers.hostname, streams)
    for name in dict.fromkeys(markers.names):
        found = _named(streams, name)
        chosen += [stream for stream in found if stream not in chosen]
        missing += [] if found else [name]
    if not markers.names:
        types = {type_.casefold() for type_ in markers.types}
        others = [stream for stream in streams if stream != eeg]
        chosen = [
            stream
            for stream in others
            if stream.header.type.casefold() in types
            or (place is RECORDING and _is_foreign_text(stream))
        ]
    return chosen, missing


def explain_unread(streams: Sequence[S], chosen: Sequence[S]) -> str:
    """Return one line about text streams that are not read; empty if there are none.

    Parameters
    ----------
    streams : sequence of Stream
        Of the network.
    chosen : sequence of Stream
        Those that are read.

    Returns
    -------
    line : str
        Names and types of the first three, and the way out.

    See Also
    --------
    choose_markers : The rule.

    Examples
    --------
    >>> explain_unread([], [])
    ''
    """
    unread = [stream for stream in streams if stream not in chosen and _is_foreign_text(stream)]
    if not unread:
        return ""
    listed = some([f"{one.header.name!r} (type {one.header.type!r})" for one in unread], most=3)
    return (
        f"text streams that are not read: {listed}; if they are markers, set markers.names "
        "or markers.types in the configuration"
    )


def explain_no_markers(streams: Sequence[Stream], name: str, place: Place = NETWORK) -> str:
    """Return one line for a person whose marker stream is missing.

    Parameters
    ----------
    streams : sequence of Stream
        Of the network, or of a recording.
    name : str
        One of the missing names that `choose_markers` returns.
    place : Place
        Words for the error.

    Returns
    -------
    line : str
        What was looked for, what there is instead, and the way out.

    See Also
    --------
    choose_markers : Finds what is missing.

    Examples
    --------
    >>> explain_no_markers([], "screen").partition(" on ")[0]
    "no stream 'screen' (markers.names in the configuration)"
    """
    return (
        f"no stream {name!r} (markers.names in the configuration){place.where} but "
        f"{describe(streams)}; start the program that sends it, or correct the name"
    )


def _sent_by(hostname: str, streams: Sequence[S]) -> list[S]:
    return [one for one in streams if hostname in ("", one.header.hostname)]


def _meant(streams: Sequence[S], eeg: EegStream) -> list[S]:
    streams = _sent_by(eeg.hostname, streams)
    if eeg.name:
        return _named(streams, eeg.name)
    type_ = eeg.type.casefold()
    return [stream for stream in streams if stream.header.type.casefold() == type_]


def _named(streams: Sequence[S], name: str) -> list[S]:
    return (
        [stream for stream in streams if stream.header.name == name]
        or [stream for stream in streams if stream.header.source_id == name]
        or [stream for stream in streams if stream.number and f"#{stream.number}" == name]
    )


def _flaw(stream: Stream, eeg: EegStream) -> str:
    """Return why a stream cannot be the EEG; empty if it can."""
    header = stream.header
    if header.format == "string":
        return "is text, not numbers"
    if header.sfreq > FASTEST:
        return f"has a nominal rate of {header.sfreq:g} Hz, the highest possible is {FASTEST:g} Hz"
    if not header.sfreq and eeg.sfreq == "stated":
        return (
            "has a nominal rate of 0 Hz where a regular one is needed (if its samples come "
            "regularly, set eeg.sfreq = 'measured')"
        )
    return "has no samples" if stream.n_samples == 0 else ""


def _is_foreign_text(stream: Stream) -> bool:
    header = stream.header
    return header.format == "string" and header.type.casefold() not in OWN_TYPES
