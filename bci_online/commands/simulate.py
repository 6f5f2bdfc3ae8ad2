"""`bci-online simulate`: the simulated subject as an LSL amplifier, or as a recording."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import SessionName
from bci_online.console import note, plain
from bci_online.counted import counted
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import session_name
from bci_online.output_paths import output_file

if TYPE_CHECKING:
    from bci_online.acquisition.lsl import SampleOutlet, TextInlet
    from bci_online.acquisition.simulator import SimulatedAmplifier

__all__ = ["simulate", "stream_simulation"]

# As amplifiers send: blocks of some tens of milliseconds.
CHUNK_S = 0.03
# A marker is known before the samples that answer it are made.
LAG_S = 0.04


def simulate(
    config: Annotated[Path | None, typer.Option(help="TOML: subject, layout, timing")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="write a recording instead of streaming")
    ] = None,
    word: Annotated[str, typer.Option(help="what the subject copies in the recording")] = "",
    seed: Annotated[
        int | None, typer.Option(help="another seed is another session of the same kind", min=0)
    ] = None,
    session: SessionName = "",
    seconds: Annotated[float | None, typer.Option(help="how long to stream", min=0)] = None,
) -> None:
    """Send EEG of a simulated subject who answers markers into LSL, or write a recording of it."""
    end_soon_after_interrupt()
    if output is not None:
        if session or seconds is not None:
            raise BciError("--session and --seconds belong to a stream: leave them or --output out")
        _write_simulation(config, word, output, seed)
        return
    if word or seed is not None:
        raise BciError("--word and --seed belong to a recording: give --output too")
    stream_simulation(config, session, seconds)


def _write_simulation(config_path: Path | None, word: str, output: Path, seed: int | None) -> None:
    """Write a recording in which the simulated subject copies `word`, or imagines what cues ask."""
    from bci_online.config import read_config
    from bci_online.progress import progress_bar
    from bci_online.runtime.simulated_recording import write_recording

    config = read_config(config_path)
    spells = config.paradigm == "p300"
    if word and not spells:
        raise BciError(f"--word {plain(word)}: nothing is spelled with {config_path}; leave it out")
    if spells and not word:
        raise BciError("--word is missing: what shall the subject copy? for instance --word BCI")
    # A recording is never replaced: it may be the only one.
    output_file(output, "", lambda path: False)
    with progress_bar() as bar:
        what = counted(len(word), "letter") if spells else "cued imagery"
        task = bar.add_task(f"simulating {what}", total=1.0)
        duration_s = write_recording(
            config, word, output, seed, lambda share: bar.update(task, completed=share)
        )
    sys.stdout.write(f"{output}: {duration_s:.0f} s\n")


def stream_simulation(config_path: Path | None, session: str, seconds: float | None) -> None:
    """Send the EEG of a subject who answers the markers of a session into LSL, until Ctrl-C.

    Parameters
    ----------
    config_path : Path or None
        The subject and the layout.
    session : str
        Whose markers are answered, and whose name the EEG stream gets.
    seconds : float or None
        How long.
    """
    import msgspec

    from bci_online.acquisition.lsl import eeg_outlet, local_clock, session_inlet
    from bci_online.acquisition.simulator import SimulatedAmplifier
    from bci_online.config import read_config
    from bci_online.session_keys import new_key
    from bci_online.session_names import session_source_id

    config = read_config(config_path)
    named, session = session, session_name(session)
    if not named:
        new_key(session)
    start = local_clock()
    amplifier = SimulatedAmplifier(
        config.simulation, layout=config.layout.symbols_of_code, start=start
    )
    amplifier.open()
    spec = msgspec.structs.replace(amplifier.spec, source_id=session_source_id(session, "eeg"))
    eeg = eeg_outlet(spec)
    markers = session_inlet(session, "markers")
    note(f"session {session}, stream {spec.name}; Ctrl-C ends it")
    try:
        _answer(amplifier, eeg, markers, lambda: seconds is None or local_clock() < start + seconds)
    finally:
        if amplifier.late_marks:
            note(f"{counted(amplifier.late_marks, 'marker')} came too late for a complete response")
        markers.close()
        eeg.close()


def _answer(
    amplifier: "SimulatedAmplifier",
    eeg: "SampleOutlet",
    markers: "TextInlet",
    goes_on: Callable[[], bool],
) -> None:
    """Send the subject's EEG, with its answers to the markers, while `goes_on` says so."""
    from bci_online.acquisition.lsl import local_clock
    from bci_online.messages import Marker

    while goes_on():
        time.sleep(CHUNK_S)
        for text, stamp in markers.read():
            amplifier.mark(Marker(text, stamp))
        amplifier.advance_to(local_clock() - LAG_S)
        reading = amplifier.read()
        for chunk in () if reading is None else reading.chunks:
            eeg.push(chunk.data, chunk.stamps)
