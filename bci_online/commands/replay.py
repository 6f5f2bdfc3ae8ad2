"""`bci-online replay`: a recording through the online chain."""

from pathlib import Path

from bci_online.commands.showing import Showing
from bci_online.config import read_config
from bci_online.runtime.assembly import (
    FAST_CHUNK_S,
    check_paradigm,
    load_decoder,
    online_chain,
    recording,
    was_trained_on,
)
from bci_online.runtime.replay import replay
from bci_online.runtime.tally import Summary, Tally

__all__ = ["replay_recording"]


def replay_recording(
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
    """Replay a recording and show what it decides, as a table or as JSON lines.

    Raises
    ------
    BciError
        If the decoder, the configuration or the recording is not usable, or they do not fit.
    """
    decoder = load_decoder(decoder_path)
    config = None if config_path is None else read_config(config_path)
    check_paradigm(decoder, config)
    chunk_s = FAST_CHUNK_S if speed is None else 0.125
    source = recording(path, config, chunk_s)
    source.open()
    chain, _ = online_chain(
        decoder, source.spec, dynamic, max_repetitions, None if config is None else config.markers
    )
    tally = Tally(decoder.header, chain.translator.rules, trials)
    with Showing("replay", as_json, source.duration_s) as showing:
        for note in (*source.notes, *chain.warnings):
            showing.note(note)
        if was_trained_on(decoder, path):
            showing.note("the decoder was trained on this very recording: no figure is held out")
        for message in replay(source, chain, tally, speed, source.load_s, showing.progress):
            if isinstance(message, Summary):
                showing.summary(message)
            else:
                showing.message(message)
    source.close()
