"""`bci-calibrate record --resume FOLDER`: what the recordings in a folder have shown."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bci_online.commands.bodies.recorded_session import RecordedSession
from bci_online.commands.resumption import Resumption
from bci_online.commands.session_request import SessionRequest
from bci_online.config import Config, read_config
from bci_online.errors import RecordingError
from bci_online.markers import (
    Cue,
    Event,
    Flash,
    Layout,
    SessionStarted,
    TrialEnd,
    TrialStart,
    parse_marker,
)
from bci_online.paradigms.motor_imagery.cue_order import cue_order
from bci_online.runtime.whole_recording import read_whole
from bci_online.session.folder import SessionFolder, recordings_in

__all__ = ["ShownTrial", "resumption_of", "shown_trials"]

# What may differ between the runs of one calibration: nothing of it reaches a decoder.
FREE = ("screen", "live", "presentation.until", "simulation.seed")
# A frame of the slowest display, and a little.
FRAME_S = 0.05


class ShownTrial(msgspec.Struct):
    """A letter or a trial as a recording holds it.

    Parameters
    ----------
    label : str
        The letter, or the class that was cued.
    is_whole : bool
        Whether all of it was shown, and the last response to it was recorded.

    See Also
    --------
    shown_trials : Finds them.
    """

    label: str
    is_whole: bool


def resumption_of(folder: Path, request: SessionRequest) -> Resumption:
    """Return what is left of the calibration in a folder.

    Parameters
    ----------
    folder : Path
        Of a calibration.
    request : SessionRequest
        Its configuration, subject, session and run must not contradict those of the folder.

    Returns
    -------
    resumption : Resumption
        The next run.

    Raises
    ------
    BciError
        If the folder holds no calibration, it has shown all already, or it does not agree with the
        request or with its own recordings.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : Shows what is left.
    """
    recordings = recordings_in(folder)
    if not recordings:
        raise RecordingError(f"{folder}: holds no recording to go on with; record with --output")
    sessions = [RecordedSession(path) for path in recordings]
    config = sessions[0].config
    if request.config_path is not None:
        _check_config(folder, config, read_config(request.config_path))
    _check_labels(request, sessions[0].folder)
    seed, done = None, 0
    for session in sessions:
        if session.mode != "calibration":
            raise RecordingError(f"{session.path}: is no calibration; only those are resumed")
        for started in session.of(SessionStarted)[:1]:
            seed, done = _number(started, "seed"), _number(started, "done")
            order = _order(config, seed)
            trials = shown_trials(session)
            _check_order(session.path, [trial.label for trial in trials], order[done:])
            done += len(trials) - (bool(trials) and not trials[-1].is_whole)
    n_total = len(_order(config, seed or 0))
    if done >= n_total:
        raise RecordingError(
            f"{folder}: all {n_total} are shown already; nothing is left to record"
        )
    last = sessions[-1].folder
    return Resumption(folder=last.next_run(), config=config, seed=seed, done=done)


def shown_trials(session: RecordedSession) -> list[ShownTrial]:
    """Return the letters or trials that a recording holds, in the order in which they were shown.

    Parameters
    ----------
    session : RecordedSession
        A calibration.

    Returns
    -------
    trials : list of ShownTrial
        At most the last one is cut.

    See Also
    --------
    resumption_of : Counts them.
    """
    config = session.config
    whole = read_whole(session.path, session.streams)
    events = [(time, parse_marker(text)) for time, text in whole.events]
    until = float(whole.times[-1])
    whole_trial = _whole_letter if config.paradigm == "p300" else _whole_imagery
    n_codes = 0
    trials: list[ShownTrial] = []
    own: list[tuple[float, Event]] = []
    for time, event in events:
        if isinstance(event, Layout):
            n_codes = len(event.symbols)
        if isinstance(event, TrialStart):
            own = []
            trials.append(ShownTrial(event.symbol, is_whole=False))
        if trials and event is not None:
            own.append((time, event))
            trials[-1].label = event.label if isinstance(event, Cue) else trials[-1].label
        if trials and isinstance(event, TrialEnd):
            trials[-1].is_whole = whole_trial(own, config, n_codes, until)
    return trials


def _whole_letter(
    events: Sequence[tuple[float, Event]], config: Config, n_codes: int, until: float
) -> bool:
    flashes = [time for time, event in events if isinstance(event, Flash)]
    # Without a layout it is not known how many flashes a letter has.
    wanted = config.presentation.repetitions * n_codes
    return 0 < len(flashes) == wanted and until >= flashes[-1] + config.epoch.tmax


def _whole_imagery(
    events: Sequence[tuple[float, Event]], config: Config, n_codes: int, until: float
) -> bool:
    cued = next((time for time, event in events if isinstance(event, Cue)), None)
    if cued is None:
        return False
    ended, _ = events[-1]
    # An abort ends the open trial before its time.
    lasts = config.imagery.end - config.imagery.cue - FRAME_S
    return ended - cued >= lasts and until >= cued + config.evidence.tmax


def _order(config: Config, seed: int) -> list[str]:
    """Return the letters, or the classes that are cued, in the order of a session."""
    if config.paradigm == "motor_imagery":
        return cue_order(config.presentation, np.random.default_rng(seed))
    return [symbol for word in config.presentation.words for symbol in config.layout.spelled(word)]


def _check_order(path: Path, shown: list[str], order: list[str]) -> None:
    for place, (was, expected) in enumerate(zip(shown, order, strict=False), start=1):
        if was and was != expected:
            raise RecordingError(
                f"{path}: showed {was!r} as number {place} of its run, the folder's configuration "
                f"has {expected!r}: it was changed since; record in a new folder"
            )
    if len(shown) > len(order):
        raise RecordingError(f"{path}: showed more than the folder's configuration has")


def _check_config(folder: Path, own: Config, given: Config) -> None:
    differing = sorted(_differences(msgspec.to_builtins(own), msgspec.to_builtins(given)))
    if differing:
        raise RecordingError(
            f"{folder}: was recorded with another configuration ({', '.join(differing)} differ); "
            "one training set needs one configuration: leave --config out, or record in a new "
            "folder"
        )


def _differences(own: dict[str, Any], given: dict[str, Any]) -> Iterator[str]:
    for table, values in own.items():
        keys = values if isinstance(values, dict) else {"": values}
        others = given[table] if isinstance(values, dict) else {"": given[table]}
        for key in keys:
            name = f"{table}.{key}" if key else table
            if table not in FREE and name not in FREE and keys[key] != others.get(key):
                yield name


def _check_labels(request: SessionRequest, folder: SessionFolder) -> None:
    """Refuse a subject or a session that is not the folder's; the defaults stand for any."""
    own = {"subject": folder.subject, "session": folder.session}
    for name, label in own.items():
        asked = getattr(request, name)
        if asked not in ("01", label):
            raise RecordingError(
                f"--{name} {asked}: the folder is of {name} {label}; leave the option out"
            )


def _number(started: SessionStarted, name: str) -> int:
    value = started.info.get(name, 0)
    return value if isinstance(value, int) and value >= 0 else 0
