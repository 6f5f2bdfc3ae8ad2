"""Cued recording sessions: what a decoder is trained on."""

from bci_online.commands.session_request import SessionRequest
from bci_online.config import read_config
from bci_online.errors import BciError
from bci_online.session.conductor import SessionPlan, conduct
from bci_online.session.summary import SessionSummary

__all__ = ["record_mi", "record_p300"]


def record_p300(request: SessionRequest) -> None:
    """Record a session in which a subject copies the words of the configuration.

    Raises
    ------
    BciError
        If the session cannot begin, or did not end as planned.
    """
    config = read_config(request.config_path)
    if config.paradigm != "p300":
        raise BciError(
            f"{request.config_path}: paradigm {config.paradigm!r} is not what record p300 shows"
        )
    plan = request.plan(config, "p300", "calibration", words=config.presentation.words)
    show = request.showing()
    with show.session("calibration: copy the words", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(summary.row(), *_came_to("letters", "epochs", summary, plan, "gsvm-2"))


def record_mi(request: SessionRequest) -> None:
    """Record a session in which a subject imagines what is cued, without feedback.

    The configuration says which classes are cued, how often and when.

    Raises
    ------
    BciError
        If the session cannot begin, or did not end as planned.
    """
    config = read_config(request.config_path)
    if config.paradigm != "motor_imagery":
        path = request.config_path
        given = "the default configuration" if path is None else str(path)
        raise BciError(
            f"{given}: paradigm {config.paradigm!r} is not what record mi shows; "
            "give a --config with paradigm = 'motor_imagery'"
        )
    plan = request.plan(config, "imagery", "calibration")
    show = request.showing()
    with show.session("calibration: imagine what is cued", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(summary.row(), *_came_to("trials", "windows", summary, plan, "csp-lda"))


def _came_to(
    shown: str, cut: str, summary: SessionSummary, plan: SessionPlan, method: str
) -> list[str]:
    """Return what a session came to, for a person, and what to do next."""
    screen, engine, folder = summary.screen, summary.engine, plan.folder.folder
    lines = []
    if screen is not None and engine is not None:
        lines.append(
            f"{screen.trials} {shown}, {engine.epochs} {cut}; "
            f"{engine.lost_samples} samples lost; rejected: {engine.rejected or 'none'}"
        )
    return [
        *lines,
        f"recorded in {plan.folder.recording}; to train a decoder on it:",
        f"  bci-calibrate train {folder} --method {method} -o {folder / 'my.decoder'}",
    ]
