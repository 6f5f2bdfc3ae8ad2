"""What the earlier runs of a session leave to the next one."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from bci_online.config import Config, MarkerStream
from bci_online.decoding.decoder import Decoder
from bci_online.messages import CARRIED, LEFT, Journal, Message, Reading
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.sources import FAST_CHUNK_S, recording

__all__ = ["carried_over", "going_on"]


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


def _left(messages: Sequence[Message]) -> str:
    lines = [one for one in messages if isinstance(one, Journal) and one.kind == LEFT]
    return lines[-1].text if lines else ""
