"""`bci-online play`, `simulate` and `streams`: what sends to the network, and what is on it."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.acquisition.lsl import (
    LslMarkerSink,
    SampleOutlet,
    TextInlet,
    eeg_outlet,
    list_streams,
    local_clock,
    session_outlet,
    wait_for_consumers,
    wait_until_left,
)
from bci_online.acquisition.lsl.outlets import SampleType
from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.commands.showing import Showing
from bci_online.config import read_config
from bci_online.console import json_line, plain
from bci_online.errors import BciError
from bci_online.messages import Marker, StreamSpec
from bci_online.runtime.assembly import recording
from bci_online.runtime.playback import play
from bci_online.runtime.publisher import session_name
from bci_online.session_names import session_source_id

__all__ = ["play_recording", "show_streams", "stream_simulation"]

# As amplifiers send: blocks of some tens of milliseconds.
CHUNK_S = 0.03
# A marker is known before the samples that answer it are made.
LAG_S = 0.04
PATIENCE_S = 30.0


def play_recording(
    path: Path, config_path: Path | None, speed: float, session: str, *, with_bar: bool = True
) -> None:
    """Play a recording into LSL outlets, from when somebody listens to both.

    A bar shows how far it is, where nobody else shows one.

    Raises
    ------
    BciError
        If the recording cannot be read, or nobody listens within 30 s.
    """
    session = session_name(session)
    source = recording(path, read_config(config_path), CHUNK_S)
    source.open()
    spec = _named(source.spec, session)
    eeg = eeg_outlet(spec, sample_type=_sample_type(source.dtype))
    markers = session_outlet(session, "markers")
    try:
        with Showing(f"play {path.name}", not with_bar, source.duration_s) as showing:
            showing.note(f"session {session}: waiting for listeners to EEG and markers")
            if not wait_for_consumers((eeg, markers), PATIENCE_S):
                raise BciError(
                    f"nobody listens to EEG and markers of {spec.name!r} within {PATIENCE_S:g} s; "
                    "start `bci-online run` or another consumer first"
                )
            play(source, eeg, LslMarkerSink(markers), local_clock, speed, showing.progress)
            wait_until_left((eeg, markers), 5.0)
    finally:
        eeg.close()
        markers.close()
        source.close()


def stream_simulation(config_path: Path | None, session: str, seconds: float | None) -> None:
    """Be an amplifier whose subject answers the markers of a session, until Ctrl-C.

    Parameters
    ----------
    config_path : Path or None
        The subject and the layout.
    session : str
        Whose markers are answered, and whose name the EEG stream gets.
    seconds : float or None
        How long.
    """
    config = read_config(config_path)
    session = session_name(session)
    start = local_clock()
    amplifier = SimulatedAmplifier(
        config.simulation, layout=config.layout.symbols_of_code, start=start
    )
    amplifier.open()
    eeg = eeg_outlet(_named(amplifier.spec, session))
    heard = TextInlet(session_source_id(session, "markers"))
    sys.stderr.write(f"note: session {session}, stream {amplifier.spec.name}; Ctrl-C ends it\n")
    try:
        _simulate(amplifier, eeg, heard, lambda: seconds is None or local_clock() < start + seconds)
    finally:
        if amplifier.late_marks:
            late = f"{amplifier.late_marks} markers came too late for a whole response"
            sys.stderr.write(f"note: {late}\n")
        heard.close()
        eeg.close()


def _simulate(
    amplifier: SimulatedAmplifier,
    eeg: SampleOutlet,
    heard: TextInlet,
    keep_on: Callable[[], bool],
) -> None:
    while keep_on():
        time.sleep(CHUNK_S)
        for text, stamp in heard.read():
            amplifier.mark(Marker(text, stamp))
        amplifier.advance_to(local_clock() - LAG_S)
        reading = amplifier.read()
        for chunk in () if reading is None else reading.chunks:
            eeg.push(chunk.data, chunk.stamps)


def show_streams(as_json: bool) -> None:
    """Show what is on the network."""
    found = list_streams()
    if as_json:
        for stream in found:
            sys.stdout.write(json_line(stream))
        return
    columns = "name", "type", "source_id", "host", "channels", "nominal Hz", "measured Hz", "offset"
    table = Table(*columns, title=f"streams: {len(found)}", title_justify="left")
    for stream in found:
        measured = "" if stream.measured_sfreq is None else f"{stream.measured_sfreq:.2f}"
        offset = "no answer" if stream.offset is None else f"{1000 * stream.offset:.2f} ms"
        cells = (
            stream.name,
            stream.type,
            stream.source_id,
            stream.host,
            f"{stream.n_channels} {stream.format}",
            f"{stream.sfreq:g}",
            measured,
            offset,
        )
        table.add_row(*(escape(plain(cell)) for cell in cells))
    Console(highlight=False).print(table)


def _named(spec: StreamSpec, session: str) -> StreamSpec:
    """Return `spec` under the session's own source_id."""
    return msgspec.structs.replace(spec, source_id=session_source_id(session, "eeg"))


def _sample_type(dtype: np.dtype[Any]) -> SampleType:
    """Return the type of stream that carries numbers of `dtype` unchanged."""
    same: dict[str, SampleType] = {"int16": "int16", "int32": "int32", "float32": "float32"}
    return same.get(dtype.name, "double64")
