"""`bci-online replay`: recordings through the online chain, directly or over LSL."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import (
    EarlierRuns,
    ErrorPotentials,
    JsonLines,
    NoCalibration,
    OptionalDecoder,
    Stopping,
    StoppingRule,
    StreamsConfig,
    check_decoder,
    earlier_recordings,
)
from bci_online.console import note
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json, parse_speed, parse_trials, session_name

if TYPE_CHECKING:
    from bci_online.acquisition.source import RecordedSource
    from bci_online.commands.run_request import RunRequest
    from bci_online.config import Config
    from bci_online.decoding.decoder import Decoder
    from bci_online.runtime.total import RunTotal

__all__ = ["replay"]

# The streams appear once the player has loaded its recording. A player that dies is noticed at
# once.
LOADING_S = 300.0


def replay(
    decoder: OptionalDecoder = None,
    recordings: Annotated[
        list[Path] | None,
        typer.Argument(
            help="XDF files, ones of another format, or folders of them: several give a total; "
            "none: the FIF file of eeg.source"
        ),
    ] = None,
    config: StreamsConfig = None,
    speed: Annotated[str, typer.Option(help="max, or times real time: 1, 10")] = "max",
    after: EarlierRuns = None,
    stopping: StoppingRule = Stopping.rule,
    max_repetitions: Annotated[
        int | None, typer.Option(help="use at most this number of repetitions of each letter")
    ] = None,
    trials: Annotated[str, typer.Option(help="which letters count, such as 1-3,5")] = "",
    no_calibration: NoCalibration = False,
    errp: ErrorPotentials = None,
    lsl: Annotated[bool, typer.Option("--lsl", help="play it into LSL and decode it live")] = False,
    json: JsonLines = "",
) -> None:
    """Run recordings through the online chain and show their decisions."""
    times = parse_speed(speed)
    check_decoder(decoder, no_calibration=no_calibration)
    from bci_online.commands.run_request import RunRequest

    request = RunRequest(
        decoder_path=decoder,
        config_path=config,
        dynamic=stopping is Stopping.rule,
        max_repetitions=max_repetitions,
        trials=parse_trials(trials),
        as_json=parse_json(json),
        after=earlier_recordings(after),
        errp_path=errp,
    )
    paths = _found(recordings or [])
    if lsl and no_calibration:
        raise BciError("--no-calibration replays a recording directly: leave --lsl out")
    if lsl and len(paths) != 1:
        raise BciError("--lsl plays one RECORDING; name one, or decode eeg.source with `run`")
    if trials and len(paths) > 1:
        raise BciError("--trials counts the letters of one recording; name one")
    if lsl:
        _replay_over_lsl(paths[0], request, times)
    else:
        _replay_directly(paths, request, times)


def _found(paths: list[Path]) -> list[Path]:
    """Return the recordings, those of a folder run by run, each of them once."""
    from bci_online.acquisition.other_formats import bids_recordings
    from bci_online.runtime.assembly import recording_content
    from bci_online.session.folder import recordings_in

    found: list[Path] = []
    for path in paths:
        own = (recordings_in(path) or bids_recordings(path)) if path.is_dir() else [path]
        if not own:
            raise BciError(f"{path}: the folder holds no recording (*.xdf, or a BIDS data set)")
        found += own
    seen: dict[tuple[int, str], Path] = {}
    for path in found if len(found) > 1 else ():
        first = seen.setdefault(recording_content(path), path)
        if first is not path:
            raise BciError(f"{path}: is the same recording as {first}; give each of them once")
    return found


def _replay_directly(paths: list[Path], request: "RunRequest", speed: float | None) -> None:
    """Replay recordings and show their decisions, as tables or as JSON lines, and a total."""
    end_soon_after_interrupt()
    from bci_online.runtime.total import RunTotal
    from bci_online.terminal.run_output import RunOutput

    decoder, config = request.load()
    total: RunTotal | None = None
    each: Sequence[Path | None] = paths or [None]
    n_left_out = 0
    for path in each:
        try:
            source = _opened(path, config, speed)
        except BciError as error:
            if len(each) == 1:
                raise
            n_left_out += 1
            note(f"left out: {error}")
            continue
        total = _replay_one(path, source, decoder, config, request, speed, total, len(paths) > 1)
    if total is not None and len(paths) > 1:
        title = f"{len(paths) - n_left_out} recordings together"
        with RunOutput(title, request.as_json) as output:
            output.summary(total.summary())
    if n_left_out:
        raise BciError(
            f"{n_left_out} of {len(paths)} recordings cannot be opened and are left out, see above"
        )


def _replay_one(
    path: Path | None,
    source: "RecordedSource",
    decoder: "Decoder | None",
    config: "Config",
    request: "RunRequest",
    speed: float | None,
    total: "RunTotal | None",
    is_named: bool,
) -> "RunTotal":
    """Replay one recording, show it, and return the total with it."""
    from bci_online.runtime.assembly import online_chain, was_trained_on
    from bci_online.runtime.earlier_runs import carried_over, going_on
    from bci_online.runtime.no_calibration import uncalibrated_decoder
    from bci_online.runtime.replay import replay as replayed
    from bci_online.runtime.tally import Summary
    from bci_online.runtime.total import RunTotal
    from bci_online.terminal.run_output import RunOutput

    if decoder is None:
        decoder = uncalibrated_decoder(config, source.spec)
    markers = request.markers(config)
    stopping = request.dynamic, request.max_repetitions
    chain, _ = online_chain(decoder, source.spec, *stopping, markers, errp=request.load_errp())
    if request.after:
        # Instead of what the recording's own journal says.
        chain.push(going_on(carried_over(decoder, request.after, config, markers)))
    if total is None:
        total = RunTotal(decoder.header, chain.translator.rules)
    tally = total.run(request.trials)
    name = f"replay of {path.name}" if is_named and path is not None else "replay"
    with RunOutput(name, request.as_json, source.duration_s) as output:
        if is_named and path is not None:
            output.recording(path)
        findings = [finding.text for finding in source.findings]
        for text in (*findings, *source.notes, *chain.warnings):
            output.note(text)
        if path is not None and was_trained_on(decoder, path):
            output.note("the decoder was trained on this very recording: no figure is held out")
        for message in replayed(source, chain, tally, speed, source.load_s, output.progress):
            if isinstance(message, Summary):
                output.summary(message)
            else:
                output.message(message)
    source.close()
    return total


def _opened(path: Path | None, config: "Config", speed: float | None) -> "RecordedSource":
    """Return the recording, or without one the FIF file of ``eeg.source``, opened."""
    from bci_online.runtime.sources import FAST_CHUNK_S, mock_recording, recording

    chunk_s = FAST_CHUNK_S if speed is None else 0.125
    if path is None:
        source: RecordedSource = mock_recording(config.eeg, chunk_s)
    else:
        source = recording(path, config, chunk_s)
    source.open()
    return source


def _replay_over_lsl(path: Path, request: "RunRequest", speed: float | None) -> None:
    """Play a recording into LSL in a separate process, and decode it live."""
    if speed is None:
        raise BciError("--speed max --lsl: a stream has a speed; give --speed 1 or 10")
    from bci_online.acquisition.lsl import local_clock
    from bci_online.runtime.earlier_runs import carried_over
    from bci_online.runtime.live import LiveRun, decode
    from bci_online.runtime.sources import check_recording
    from bci_online.session.processes import Processes
    from bci_online.session.this_machine import only_this_machine
    from bci_online.session_keys import new_key
    from bci_online.terminal.run_output import RunOutput

    decoder, config = request.load()
    # A recording that cannot be played is refused before the engine waits for its streams.
    check_recording(path)
    session = session_name()
    new_key(session)
    only_this_machine(session)
    options = [str(path), "--speed", f"{speed:g}", "--session", session]
    options += [] if request.config_path is None else ["--config", str(request.config_path)]
    markers = request.markers(config)
    live = LiveRun(
        config=_as_played(config, session, speed),
        session=session,
        markers=markers,
        dynamic=request.dynamic,
        max_repetitions=request.max_repetitions,
        trials=request.trials,
        carried="" if decoder is None else carried_over(decoder, request.after, config, markers),
        clock=local_clock if speed == 1 else None,
        errp=request.load_errp(),
    )
    with Processes() as processes, RunOutput("replay over LSL", request.as_json) as output:
        processes.start("player", *options)

        def player_failed() -> None:
            if any(processes.ended().values()):
                raise BciError(f"{path}: the player ended early; its message is above")

        decode(decoder, live, output, player_failed)


def _as_played(config: "Config", session: str, speed: float) -> "Config":
    """Return `config` with the player's streams in it."""
    import msgspec

    from bci_online.config import EegStream, Live, MarkerStream, Security
    from bci_online.session_names import session_source_id

    # In an accelerated replay nothing is late, and silence says nothing.
    unwatched = Live(silent_after=60.0, lost_after=60.0, max_data_age=1e9)
    live = config.live if speed == 1 else unwatched
    return msgspec.structs.replace(
        config,
        eeg=EegStream(name=session_source_id(session, "eeg")),
        markers=MarkerStream(names=(session_source_id(session, "signed"),)),
        security=Security(),
        live=msgspec.structs.replace(live, resolve_timeout=max(LOADING_S, live.resolve_timeout)),
    )
