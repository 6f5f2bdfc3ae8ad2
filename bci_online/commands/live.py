"""`bci-online run` and `replay --lsl`: a live engine on the streams of the network."""

import math
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from bci_online.acquisition.lsl import LslSource, local_clock, session_outlet, wait_until_left
from bci_online.acquisition.xdf import describe_streams
from bci_online.commands.showing import Showing
from bci_online.config import EegStream, Live, MarkerStream, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.errors import BciError
from bci_online.messages import Status
from bci_online.runtime.assembly import check_paradigm, load_decoder, online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.live import LivePublisher, session_name
from bci_online.runtime.replay import Tally
from bci_online.runtime.session import Processes, only_this_machine

__all__ = ["replay_over_lsl", "run_live"]

# In an accelerated replay nothing is late, and silence says nothing.
UNWATCHED = Live(silent_after=60.0, lost_after=60.0, max_data_age=1e9)


def run_live(
    decoder_path: Path, config_path: Path | None, session: str, *, dynamic: bool, as_json: bool
) -> None:
    """Decode the streams of the network until the session ends or Ctrl-C.

    Raises
    ------
    BciError
        If the decoder or the streams cannot be used, or the EEG is lost for too long.
    """
    decoder = load_decoder(decoder_path)
    config = read_config(config_path)
    check_paradigm(decoder, config if config_path else None)
    with Showing("live", as_json) as showing:
        _decode(
            decoder,
            config.eeg,
            config.markers if config_path else None,
            config.live,
            session_name(session),
            showing,
            dynamic=dynamic,
            clock=local_clock,
        )


def replay_over_lsl(
    path: Path,
    decoder_path: Path,
    config_path: Path | None,
    *,
    speed: float | None,
    dynamic: bool,
    max_repetitions: int | None,
    trials: frozenset[int],
    as_json: bool,
) -> None:
    """Play a recording into LSL in a process of its own, and decode it live.

    Raises
    ------
    BciError
        As `run_live`; and if the player cannot play the recording.
    """
    if speed is None:
        raise BciError("--speed max --lsl: a stream has a speed; give --speed 1 or 10")
    decoder = load_decoder(decoder_path)
    config = read_config(config_path)
    check_paradigm(decoder, config if config_path else None)
    # What cannot be played is told before anybody waits for its streams.
    describe_streams(path)
    session = session_name()
    only_this_machine(session)
    options = [str(path), "--speed", f"{speed:g}", "--session", session]
    options += [] if config_path is None else ["--config", str(config_path)]
    live = config.live if speed == 1 else UNWATCHED
    with Processes() as processes, Showing("replay over LSL", as_json) as showing:
        processes.start("player", *options)
        eeg = EegStream(name=f"bci-online/{session}/eeg")
        markers = MarkerStream(
            names=(f"bci-online/{session}/markers",), translate=config.markers.translate
        )
        if config_path is None:
            markers = msgspec.structs.replace(markers, translate=decoder.header.translate)

        def player_failed() -> None:
            if any(processes.ended().values()):
                raise BciError(f"{path}: the player ended; what it said stands above")

        _decode(
            decoder,
            eeg,
            markers,
            live,
            session,
            showing,
            dynamic=dynamic,
            max_repetitions=max_repetitions,
            trials=trials,
            clock=local_clock if speed == 1 else None,
            watch=player_failed,
        )


def _decode(
    decoder: Decoder,
    eeg: EegStream,
    markers: MarkerStream | None,
    live: Live,
    session: str,
    showing: Showing,
    *,
    dynamic: bool,
    clock: Callable[[], float] | None,
    max_repetitions: int | None = None,
    trials: frozenset[int] = frozenset(),
    watch: Callable[[], None] = lambda: None,
) -> None:
    lost_after = live.lost_after if live.on_lost == "end" else math.inf
    source = LslSource(
        eeg,
        markers or MarkerStream(),
        resolve_timeout=live.resolve_timeout,
        lost_after=lost_after,
    )
    decisions, journal = (session_outlet(session, kind) for kind in ("decisions", "journal"))
    try:
        source.open()
        chain, _ = online_chain(decoder, source.spec, dynamic, max_repetitions, markers)
        for warning in chain.warnings:
            showing.note(warning)
        tally = Tally(decoder.header, chain.translator.rules, trials)
        window_s = decoder.header.preprocessing.epoch.tmax
        publisher = LivePublisher(tally, window_s, clock, live, decisions, journal, showing.message)
        ready = f"ready: session {session}, stream {source.spec.name}"
        publisher(Status("info", ready, local_clock()))
        engine = Engine(source, chain, publisher, local_clock, live)
        began = local_clock()
        _run(engine, watch)
        seconds = local_clock() - began
        summary = tally.summary(chain, engine.n_samples / source.spec.sfreq, 0.0, seconds)
        showing.summary(publisher.completed(summary))
        if engine.error is not None:
            raise engine.error
    finally:
        source.close()
        # Whoever records the session reads the last lines before the streams end.
        wait_until_left((decisions, journal), 0.5)
        for outlet in (decisions, journal):
            outlet.close()


def _run(engine: Engine, watch: Callable[[], None]) -> None:
    """Wait for the engine's end; a Ctrl-C ends it in order, a second one at once."""
    engine.start()
    try:
        while engine.wait():
            watch()
    except KeyboardInterrupt:
        sys.stderr.write("stopping: what was read is still decoded\n")
        engine.stop("interrupted")
        while engine.wait():
            pass
    except BciError:
        # The summary of what there was comes before the error.
        engine.stop("lost")
        if engine.error is None:
            raise
