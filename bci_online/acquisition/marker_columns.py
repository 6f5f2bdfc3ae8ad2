"""Which channel of a stream of numbers holds its markers."""

from collections.abc import Sequence

from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_texts import clean
from bci_online.config import MarkerStream
from bci_online.errors import BciError

__all__ = ["chosen_column", "labels_of"]

_VALUE_WORDS = ("marker", "value", "code", "event", "trigger", "stim")


def labels_of(header: StreamHeader) -> list[str]:
    """Return the label of each channel of a marker stream, empty where it has none.

    Parameters
    ----------
    header : StreamHeader
        Of the stream.

    Returns
    -------
    labels : list of str
        One for each channel.

    See Also
    --------
    chosen_column : The channel that is meant.

    Examples
    --------
    >>> from bci_online.acquisition.stream_header import parse_header
    >>> xml = b"<info><channel_count>1</channel_count><channel_format>int32</channel_format></info>"
    >>> labels_of(parse_header(xml, 1))
    ['']
    """
    channels = header.description.findall("channels/channel")
    labels = [clean(channel.findtext("label"), 200) for channel in channels]
    return labels if len(labels) == header.n_channels else [""] * header.n_channels


def chosen_column(labels: Sequence[str], markers: MarkerStream) -> int:
    """Return the channel of a marker stream that holds the markers, from 0.

    Parameters
    ----------
    labels : sequence of str
        Of its channels.
    markers : MarkerStream
        Its ``channel`` is a label, or a number from 1.

    Returns
    -------
    column : int
        Without a choice the one that is called a marker's and no time's, else the first.

    Raises
    ------
    BciError
        If there is no such channel.

    See Also
    --------
    labels_of : The labels.

    Examples
    --------
    >>> chosen_column(["MarkerTime", "MarkerValue", "Duration"], MarkerStream())
    1
    """
    wanted = markers.channel
    if wanted == "":
        named = [
            column
            for column, label in enumerate(map(str.lower, labels))
            if any(word in label for word in _VALUE_WORDS) and "time" not in label
        ]
        return named[0] if named else 0
    if isinstance(wanted, str) and wanted in labels:
        return [*labels].index(wanted)
    if isinstance(wanted, int) and wanted <= len(labels):
        return wanted - 1
    there = ", ".join(label or str(number) for number, label in enumerate(labels, start=1))
    raise BciError(f"markers.channel={wanted!r} is not there; the marker stream has {there}")
