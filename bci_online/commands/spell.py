"""`bci-online spell`: a live spelling session with a decoder."""

from pathlib import Path

import msgspec

from bci_online.commands.expecting import expected_lines
from bci_online.commands.session_request import SessionRequest
from bci_online.config import LanguageSpec, Presentation, read_config, read_tables
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.runtime.assembly import check_paradigm, load_decoder
from bci_online.session.conductor import SessionMode, as_decoded, conduct
from bci_online.session.config import overruled
from bci_online.session.summary import SessionSummary

__all__ = ["spell"]


def spell(
    decoder_path: Path, request: SessionRequest, copy: str, *, wish: str, prior: bool
) -> None:
    """Spell live, recorded, until the copy is done or the session is ended.

    Parameters
    ----------
    decoder_path : Path
        Made by `bci-calibrate train`.
    request : SessionRequest
        Its configuration says streams, timing and the screen; all else is the decoder's. A
        simulated subject attends to the letters of `copy`, or to what brings the `wish` on.
    copy : str
        What to copy, as `LayoutSpec.words` reads it; empty: the subject spells freely.
    wish : str
        What a simulated subject writes who spells freely.
    prior : bool
        False: every symbol is alike, whatever language the configuration names.

    Raises
    ------
    BciError
        If the session cannot begin, or did not end as planned.
    """
    decoder = load_decoder(decoder_path)
    config = read_config(request.config_path)
    check_paradigm(decoder, config if request.config_path else None)
    _check(copy, wish, simulate=request.simulate)
    given = {} if request.config_path is None else read_tables(request.config_path)
    vain = overruled(given, config, decoder.header)
    config = as_decoded(config, decoder.header)
    if not prior:
        config = msgspec.structs.replace(config, language=LanguageSpec())
    if request.config_path is None:
        config = msgspec.structs.replace(config, presentation=decoder.header.presentation)
    mode: SessionMode = "copy" if copy else "free"
    plan = request.plan(
        config,
        "p300",
        mode,
        words=config.layout.words(copy),
        wish=wish,
        decoder=decoder_path,
    )
    show = request.showing()
    for line in vain:
        show.note(line)
    pace = _pace(config.presentation)
    if pace != _pace(decoder.header.presentation):
        show.note(
            f"the decoder was trained at {_pace(decoder.header.presentation)}, this session "
            f"flashes {pace}: expect other error rates"
        )
    for line in expected_lines(decoder.header):
        show.note(line)
    with show.session(f"copying {copy}" if copy else "spelling", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(summary.row(), _outcome(summary), f"recorded in {plan.folder.recording}")


def _check(copy: str, wish: str, *, simulate: bool) -> None:
    if simulate and not copy and not wish:
        raise BciError(
            "--simulate needs --copy WORD, or --wish WORD for a subject who spells freely"
        )
    if wish and (copy or not simulate):
        raise BciError("--wish is for a simulated subject who spells freely: without --copy")


def _outcome(summary: SessionSummary) -> str:
    screen, engine = summary.screen, summary.engine
    if screen is None or engine is None:
        return "a part of the session left no figures"
    if not engine.known:
        # What a subject spells of its own choice is for its own screen.
        return f"{engine.decisions} symbols chosen in {screen.trials} trials"
    return (
        f"spelled {plain(screen.spelled)}: {engine.correct} of {engine.known} "
        f"right, {engine.itr_bits_per_min:.1f} bit/min with all pauses"
    )


def _pace(presentation: Presentation) -> str:
    flash, gap = (1000 * n / presentation.refresh_hz for n in presentation.frames())
    return f"{flash:.0f} ms on, {gap:.0f} ms off"
