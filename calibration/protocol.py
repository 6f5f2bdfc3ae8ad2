"""Cued recording sessions: what a decoder is trained on."""

import secrets
from pathlib import Path
from typing import Any

from bci_online.acquisition.session_folder import SessionFolder
from bci_online.commands.session_showing import SessionShowing
from bci_online.config import Config, read_config
from bci_online.errors import BciError
from bci_online.runtime.conductor import SessionPlan, conduct
from bci_online.runtime.live import session_name
from bci_online.runtime.session import only_this_machine

__all__ = ["record_mi", "record_p300"]


def record_p300(
    folder: Path,
    config_path: Path | None,
    *,
    subject: str,
    session: str,
    run: int,
    simulate: bool,
    headless: bool,
    accept_quality: str = "",
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
    accept_quality : str
        Why to begin with electrodes that are not good; empty: the operator is asked.
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
    named = SessionFolder(folder, subject=subject, session=session, run=run)
    plan = _planned(
        named, config, config_path, config.presentation.words, simulate=simulate, headless=headless
    )
    show = SessionShowing(headless=headless, as_json=as_json, accept_quality=accept_quality)
    with show.session("calibration: copy the words", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(summary, *_came_to("letters", "epochs", summary, plan, "gsvm-2"))


def record_mi(
    folder: Path,
    config_path: Path | None,
    *,
    subject: str,
    session: str,
    run: int,
    simulate: bool,
    headless: bool,
    as_json: bool,
    accept_quality: str = "",
) -> None:
    """Record a session in which a subject imagines what is cued, without feedback.

    Parameters
    ----------
    folder, config_path, subject, session, run, simulate, headless, as_json, accept_quality
        As for `record_p300`; the configuration says which classes are cued, how often and when.

    Raises
    ------
    BciError
        If the session cannot begin, or did not end as planned.
    """
    config = read_config(config_path)
    if config.paradigm != "motor_imagery":
        given = "the default configuration" if config_path is None else str(config_path)
        raise BciError(
            f"{given}: paradigm {config.paradigm!r} is not what record mi shows; "
            "give a --config with paradigm = 'motor_imagery'"
        )
    named = SessionFolder(folder, subject=subject, session=session, task="imagery", run=run)
    plan = _planned(named, config, config_path, (), simulate=simulate, headless=headless)
    show = SessionShowing(headless=headless, as_json=as_json, accept_quality=accept_quality)
    with show.session("calibration: imagine what is cued", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(summary, *_came_to("trials", "windows", summary, plan, "csp-lda"))


def _planned(
    folder: SessionFolder,
    config: Config,
    config_path: Path | None,
    words: tuple[str, ...],
    *,
    simulate: bool,
    headless: bool,
) -> SessionPlan:
    name = session_name()
    if simulate:
        only_this_machine(name)
    return SessionPlan(
        name=name,
        folder=folder,
        config=config,
        config_path=config_path,
        mode="calibration",
        words=words,
        # People need other orders each time; a simulated session is repeatable.
        seed=config.simulation.seed if simulate else secrets.randbelow(2**31),
        simulate=simulate,
        screen=("--headless",) if headless else (),
    )


def _came_to(
    shown: str, cut: str, summary: dict[str, Any], plan: SessionPlan, method: str
) -> list[str]:
    """Return what a session came to, for a person, and what to do next."""
    engine, folder = summary["engine"], plan.folder.folder
    return [
        f"{summary['screen']['trials']} {shown}, {engine['epochs']} {cut}; "
        f"{engine['lost_samples']} samples lost; rejected: {engine['rejected'] or 'none'}",
        f"recorded in {plan.folder.recording}; to train a decoder on it:",
        f"  bci-calibrate train {folder} --method {method} -o {folder / 'my.decoder'}",
    ]
