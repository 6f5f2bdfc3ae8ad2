"""Cued recording sessions: what a decoder is trained on."""

import secrets
from pathlib import Path

from bci_online.acquisition.session_folder import SessionFolder
from bci_online.commands.session_showing import SessionShowing
from bci_online.config import read_config
from bci_online.errors import BciError
from bci_online.runtime.conductor import SessionPlan, conduct
from bci_online.runtime.live import session_name
from bci_online.runtime.session import only_this_machine

__all__ = ["record_p300"]


def record_p300(
    folder: Path,
    config_path: Path | None,
    *,
    subject: str,
    session: str,
    run: int,
    simulate: bool,
    headless: bool,
    as_json: bool,
) -> None:
    """Record a session in which a subject copies the words of the configuration.

    Parameters
    ----------
    folder : Path
        For the recording and all that belongs to it; must not hold a recording.
    config_path : Path or None
        Streams, matrix, timing, words.
    subject, session, run
        As `SessionFolder` has them; never a name.
    simulate : bool
        With the simulated amplifier and subject, on this machine alone.
    headless : bool
        Without windows.
    as_json : bool
        Lines of JSON for a program.

    Raises
    ------
    BciError
        If the session cannot begin, or did not end as planned.
    """
    config = read_config(config_path)
    if config.paradigm != "p300":
        raise BciError(f"{config_path}: paradigm {config.paradigm!r} is not what record p300 shows")
    name = session_name()
    if simulate:
        only_this_machine(name)
    plan = SessionPlan(
        name=name,
        folder=SessionFolder(folder, subject=subject, session=session, run=run),
        config=config,
        config_path=config_path,
        mode="calibration",
        words=config.presentation.words,
        # People need other flash orders each time; a simulated session is repeatable.
        seed=config.simulation.seed if simulate else secrets.randbelow(2**31),
        simulate=simulate,
        screen=("--headless",) if headless else (),
    )
    show = SessionShowing(headless=headless, as_json=as_json)
    with show.session("calibration: copy the words", plan) as observe:
        summary = conduct(plan, observe)
    engine = summary["engine"]
    show.summary(
        summary,
        f"{summary['screen']['trials']} letters, {engine['epochs']} epochs; "
        f"{engine['lost_samples']} samples lost; rejected: {engine['rejected'] or 'none'}",
        f"recorded in {plan.folder.recording}; to train a decoder on it:",
        f"  bci-calibrate train {folder} --method gsvm-2 -o {folder / 'my.decoder'}",
    )
