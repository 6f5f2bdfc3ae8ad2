"""What the earlier runs of a session leave to the next one."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from bci_online.config import Config, DecoderHeader, MarkerStream
from bci_online.decoding.decoder import Decoder
from bci_online.errors import BciError
from bci_online.messages import CARRIED, LEFT, Journal, Message, Reading
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.sources import FAST_CHUNK_S, recording

__all__ = ["carried_over", "check_goes_on", "going_on"]


def going_on(carried: str) -> Reading:
    """Return the reading with which a run goes on from an earlier one.

    Parameters
    ----------
    carried : str
        As `carried_over` returns it.

    Returns
    -------
    reading : Reading
        For `Chain.push`, before any other.

    See Also
    --------
    carried_over : What is carried.

    Examples
    --------
    >>> [line.kind for line in going_on("20 AAAA").journal]
    ['carried']
    """
    return Reading(journal=(Journal(CARRIED, 0.0, text=carried),)) if carried else Reading()


def carried_over(
    decoder: Decoder,
    paths: Sequence[Path],
    config: Config,
    markers: MarkerStream | None = None,
) -> str:
    """Replay the earlier runs of a session, one after the other, and return what they leave.

    Parameters
    ----------
    decoder : Decoder
        Of the next run.
    paths : sequence of Path
        XDF files, in the order they were recorded.
    config : Config
        Which streams are read.
    markers : MarkerStream, optional
        As for `online_chain`.

    Returns
    -------
    carried : str
        Empty where nothing is carried, as without a finished trial.

    Raises
    ------
    BciError
        If a recording cannot be read, or does not fit the decoder.

    See Also
    --------
    bci_online.paradigms.paradigm.Carrying : What is carried.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> carried_over(SimpleNamespace(), [], Config())
    ''
    """
    carried = ""
    for path in paths:
        with closing(recording(path, config, FAST_CHUNK_S)) as source:
            source.open()
            chain, _ = online_chain(decoder, source.spec, markers=markers)
            chain.push(going_on(carried))
            while (reading := source.read()) is not None:
                # These files say what is carried; what one of them took over does not count.
                chain.push(msgspec.structs.replace(reading, journal=()))
        carried = _left(chain.finish()) or carried
    return carried


def check_goes_on(header: DecoderHeader | None) -> None:
    """Refuse earlier runs that would leave nothing to the next one.

    Parameters
    ----------
    header : DecoderHeader or None
        Of the next run's decoder; None: it has none.

    Raises
    ------
    BciError
        If the decoder does not recentre.

    See Also
    --------
    carried_over : What they leave.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(sfreq=250.0, ch_names=("Cz",))
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> check_goes_on(header)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --after: only recentring goes on, and this decoder ...
    """
    window = None if header is None else header.preprocessing.window
    if window is None or not window.recentre:
        raise BciError(
            "--after: only recentring goes on, and this decoder does not recentre; leave --after "
            "out, or train imagery with window.recentre = true"
        )


def _left(messages: Sequence[Message]) -> str:
    lines = [one for one in messages if isinstance(one, Journal) and one.kind == LEFT]
    return lines[-1].text if lines else ""
