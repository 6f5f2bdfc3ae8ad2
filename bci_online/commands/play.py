"""`bci-online play`: a recording sent to LSL as if its amplifier were there again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bci_online.commands.options import SessionName, StreamsConfig
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import session_name

if TYPE_CHECKING:
    import numpy as np

    from bci_online.acquisition.lsl.outlets import SampleType

__all__ = ["CHUNK_S", "play", "play_recording"]

# As amplifiers send: blocks of some tens of milliseconds.
CHUNK_S = 0.03
PATIENCE_S = 30.0


def play(
    recording: Annotated[Path, typer.Argument(help="an XDF file, or one of another format")],
    config: StreamsConfig = None,
    speed: Annotated[float, typer.Option(help="times real time", min=0.01, max=1000)] = 1.0,
    session: SessionName = "",
) -> None:
    """Play a recording into LSL outlets, as if its amplifier were there again."""
    end_soon_after_interrupt()
    play_recording(recording, config, speed, session)


def play_recording(
    path: Path, config_path: Path | None, speed: float, session: str, *, with_bar: bool = True
) -> None:
    """Play a recording into LSL outlets, once a program receives both.

    Without a bar another process shows the progress.

    Raises
    ------
    BciError
        If the recording cannot be read, or no program receives the streams within 30 s.
    """
    import msgspec

    from bci_online.acquisition import lsl
    from bci_online.config import read_config
    from bci_online.runtime import playback
    from bci_online.runtime.sources import recording
    from bci_online.session_keys import new_key
    from bci_online.session_names import session_source_id
    from bci_online.terminal.run_output import RunOutput

    named, session = session, session_name(session)
    if not named:
        new_key(session)
    source = recording(path, read_config(config_path), CHUNK_S)
    source.open()
    spec = msgspec.structs.replace(source.spec, source_id=session_source_id(session, "eeg"))
    eeg = lsl.eeg_outlet(spec, sample_type=_sample_type(source.dtype))
    markers = lsl.MarkerOutlet(session)
    try:
        with RunOutput(f"play {path.name}", not with_bar, source.duration_s) as output:
            output.note(f"session {session}: waiting for listeners to EEG and markers")
            if not lsl.wait_for_consumers((eeg, markers), PATIENCE_S):
                raise BciError(
                    f"no program receives EEG and markers of {spec.name!r} within {PATIENCE_S:g} "
                    "s; start `bci-online run` or another consumer first"
                )
            sink = lsl.LslMarkerSink(markers)
            playback.play(source, eeg, sink, lsl.local_clock, speed, output.progress)
            lsl.wait_until_left((eeg, markers), 5.0)
    finally:
        eeg.close()
        markers.close()
        source.close()


def _sample_type(dtype: "np.dtype[Any]") -> "SampleType":
    """Return the type of stream that carries numbers of `dtype` unchanged."""
    same: dict[str, SampleType] = {"int16": "int16", "int32": "int32", "float32": "float32"}
    return same.get(dtype.name, "double64")
