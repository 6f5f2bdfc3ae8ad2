"""`bci-online spell`: a live spelling session with a decoder."""

import secrets
from pathlib import Path
from typing import Any

import msgspec

from bci_online.acquisition.session_folder import SessionFolder
from bci_online.commands.expecting import expected_lines
from bci_online.commands.session_showing import SessionShowing
from bci_online.config import LanguageSpec, Presentation, read_config
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.runtime.assembly import check_paradigm, load_decoder
from bci_online.runtime.conductor import SessionPlan, as_decoded, conduct
from bci_online.runtime.live import session_name
from bci_online.runtime.session import only_this_machine

__all__ = ["spell"]


def spell(
    decoder_path: Path,
    folder: Path,
    config_path: Path | None,
    copy: str,
    *,
    wish: str,
    subject: str,
    session: str,
    run: int,
    prior: bool,
    simulate: bool,
    headless: bool,
    accept_quality: str,
    as_json: bool,
) -> None:
    """Spell live, recorded, until the copy is done or the session is ended.

    Parameters
    ----------
    decoder_path : Path
        Made by `bci-calibrate train`.
    folder : Path
        For the recording and all that belongs to it; must not hold a recording.
    config_path : Path or None
        Streams, timing, the screen; all else is the decoder's.
    copy : str
        What to copy; empty: the subject spells freely.
    wish : str
        What a simulated subject writes who spells freely.
    subject, session, run
        As `SessionFolder` has them; never a name.
    prior : bool
        False: every symbol is alike, whatever language the configuration names.
    simulate : bool
        With the simulated amplifier and subject, who attends to the letters of `copy`, or to what
        brings the `wish` on.
    headless : bool
        Without windows.
    accept_quality : str
        Why to begin with electrodes that are not good; empty: the operator is asked.
    as_json : bool
        Lines of JSON for a program.

    Raises
    ------
    BciError
        If the session cannot begin, or did not end as planned.
    """
    decoder = load_decoder(decoder_path)
    config = read_config(config_path)
    check_paradigm(decoder, config if config_path else None)
    _check(copy, wish, simulate=simulate)
    config = as_decoded(config, decoder.header)
    if not prior:
        config = msgspec.structs.replace(config, language=LanguageSpec())
    if config_path is None:
        config = msgspec.structs.replace(config, presentation=decoder.header.presentation)
    name = session_name()
    if simulate:
        only_this_machine(name)
    plan = SessionPlan(
        name=name,
        folder=SessionFolder(folder, subject=subject, session=session, run=run),
        config=config,
        config_path=config_path,
        decoder=decoder_path,
        mode="copy" if copy else "free",
        words=tuple(copy.split()),
        wish=wish,
        seed=config.simulation.seed if simulate else secrets.randbelow(2**31),
        simulate=simulate,
        screen=("--headless",) if headless else (),
    )
    show = SessionShowing(headless=headless, as_json=as_json, accept_quality=accept_quality)
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
    show.summary(summary, _outcome(summary), f"recorded in {plan.folder.recording}")


def _check(copy: str, wish: str, *, simulate: bool) -> None:
    if simulate and not copy and not wish:
        raise BciError(
            "--simulate needs --copy WORD, or --wish WORD for a subject who spells freely"
        )
    if wish and (copy or not simulate):
        raise BciError("--wish is for a simulated subject who spells freely: without --copy")


def _outcome(summary: dict[str, Any]) -> str:
    engine = summary["engine"]
    if not engine["known"]:
        # What a subject writes of its own mind is for its own screen.
        return f"{engine['decisions']} symbols chosen in {summary['screen']['trials']} trials"
    return (
        f"spelled {plain(str(summary['spelled']))}: {engine['correct']} of {engine['known']} "
        f"right, {engine['itr_bits_per_min']:.1f} bit/min with all pauses"
    )


def _pace(presentation: Presentation) -> str:
    flash, gap = (1000 * n / presentation.refresh_hz for n in presentation.frames())
    return f"{flash:.0f} ms on, {gap:.0f} ms off"
