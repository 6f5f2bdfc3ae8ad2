"""A look at the streams of the network: some seconds of them, looked at as a recording is."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bci_online.acquisition.lsl.short_recording import recorded_for
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.errors import BciError
from bci_online.look import Look, look_at
from bci_online.session.this_machine import temporary_folder

__all__ = ["look_live"]

MOST_NAMED = 10


def look_live(wanted: str, tables: Mapping[str, Any], seconds: float) -> Look:
    """Read all streams for some seconds, and look at them.

    Parameters
    ----------
    wanted : str
        Name or source_id of the EEG; empty: as `tables` say.
    tables : mapping of str to object
        Of a configuration.
    seconds : float
        How long to read.

    Returns
    -------
    look : Look
        As at a recording of those seconds.

    Raises
    ------
    BciError
        If there is no such stream, or none at all.

    See Also
    --------
    bci_online.look.looking.look_at : Looks at a recording.
    """
    streams = recorded_for(seconds)
    if not streams or wanted not in {"", *_names(streams)}:
        there = ", ".join(repr(stream.name) for stream in streams[:MOST_NAMED]) or "no streams"
        what = f"no stream {wanted!r} (and no such file)" if wanted else "no stream"
        raise BciError(f"{what} on the network but {there}; start it, or correct the name")
    chosen = {**tables, "eeg": {**tables.get("eeg", {}), "name": wanted}} if wanted else tables
    path = temporary_folder() / "network.xdf"
    write_xdf(path, streams)
    look = look_at(path, chosen, wanted or "the network")
    path.unlink()
    if not any(stream.role == "markers" for stream in look.streams):
        return look
    # In some seconds nothing need have happened.
    kept = tuple(finding for finding in look.findings if finding.kind != "no markers")
    return msgspec.structs.replace(look, findings=kept)


def _names(streams: Sequence[XdfStream]) -> set[str]:
    return {name for stream in streams for name in (stream.name, stream.source_id)}
