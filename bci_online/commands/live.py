"""`bci-online run` and `replay --lsl`: a live engine on the streams of the network."""

from pathlib import Path

import msgspec

from bci_online.acquisition.lsl import local_clock
from bci_online.acquisition.xdf import describe_streams
from bci_online.commands.showing import Showing
from bci_online.config import EegStream, Live, MarkerStream, read_config
from bci_online.errors import BciError
from bci_online.runtime.assembly import check_paradigm, load_decoder
from bci_online.runtime.live import decode
from bci_online.runtime.publisher import session_name
from bci_online.session.processes import Processes, only_this_machine
from bci_online.session_names import session_source_id

__all__ = ["replay_over_lsl", "run_live"]

# In an accelerated replay nothing is late, and silence says nothing.
UNWATCHED = Live(silent_after=60.0, lost_after=60.0, max_data_age=1e9)
# The streams come once the player has loaded its recording; that it died is seen at once.
LOADING_S = 300.0


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
        decode(
            decoder,
            config,
            session_name(session),
            showing,
            translate=config_path is not None,
            dynamic=dynamic,
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
    live = msgspec.structs.replace(live, resolve_timeout=max(LOADING_S, live.resolve_timeout))
    with Processes() as processes, Showing("replay over LSL", as_json) as showing:
        processes.start("player", *options)
        names = (session_source_id(session, "markers"),)
        config = msgspec.structs.replace(
            config,
            eeg=EegStream(name=session_source_id(session, "eeg")),
            markers=MarkerStream(names=names, translate=config.markers.translate),
            live=live,
        )

        def player_failed() -> None:
            if any(processes.ended().values()):
                raise BciError(f"{path}: the player ended; what it said stands above")

        decode(
            decoder,
            config,
            session,
            showing,
            translate=config_path is not None,
            dynamic=dynamic,
            max_repetitions=max_repetitions,
            trials=trials,
            clock=local_clock if speed == 1 else None,
            watch=player_failed,
        )
