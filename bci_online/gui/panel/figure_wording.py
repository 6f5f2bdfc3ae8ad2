"""The figures of a session for a person: with units, and marked where they need attention."""

from bci_online.gui.panel.figure_grid import Figure
from bci_online.gui.panel.signal_figures import SignalFigures
from bci_online.gui.panel.watchdog import FrameFigures
from bci_online.session_state import SessionState
from bci_online.session_state.phases import HIDDEN

__all__ = ["TITLES", "activity", "duration", "groups_of", "size"]

TITLES = ("EEG stream", "markers, epochs", "decisions", "screen, recording")

# The clock of a computer is wrong by this share at most; more is a fault of the measurement.
WRONG_RATE = 0.005
OLD_S = 0.5
# A letter is asked again where so many of its flashes are lost.
MANY_REJECTED, FEW = 0.2, 25
MOST_CHANNELS = 3
NONE = "–"


def groups_of(
    state: SessionState,
    frames: FrameFigures,
    signal: SignalFigures | None,
    sfreq: float | None,
    sample_age: float | None,
    now: float,
) -> list[list[Figure]]:
    """Return the groups under `TITLES`.

    Parameters
    ----------
    state : SessionState
        Of the session.
    frames : FrameFigures
        Of the screen.
    signal : SignalFigures or None
        None for the first two seconds.
    sfreq : float or None
        The stream's nominal rate in Hz.
    sample_age : float or None
        How old the newest sample in the panel is, in seconds.
    now : float
        The panel's clock.

    Returns
    -------
    groups : list of list of Figure
        In the order of the titles.

    See Also
    --------
    bci_online.gui.panel.figure_grid.FigureGrid : Shows them.
    """
    return [
        _stream(state, signal, sfreq, sample_age),
        _epochs(state, now),
        _letters(state, now),
        _screen(state, frames),
    ]


def activity(state: SessionState) -> str:
    """Return the current activity in words; empty if the phase says it.

    Parameters
    ----------
    state : SessionState
        Of the session.

    Returns
    -------
    text : str
        A few words.

    See Also
    --------
    groups_of : The figures.
    """
    if state.phase == "waiting":
        return "looking for its streams" if state.status is None else state.status.doing
    if state.phase == "ready":
        return "press Start to begin"
    if state.phase == "lost":
        return f"silent: {', '.join(state.silent)}"
    if state.phase in {"running", "paused"} and state.is_hidden:
        return HIDDEN
    return _doing(state) if state.phase == "running" else ""


def _doing(state: SessionState) -> str:
    match state.activity:
        case "flashing":
            return "flashing"
        case "imagining":
            return f"cue {state.cue}"
        case "decided":
            return "" if state.decision is None else f"decided {state.decision.value}"
        case "undecided":
            return "not sure: no decision"
        case "nobody looks":
            return "waiting: nobody looks at the screen"
    return ""


def _stream(
    state: SessionState,
    signal: SignalFigures | None,
    sfreq: float | None,
    sample_age: float | None,
) -> list[Figure]:
    measured = 0.0 if signal is None else signal.measured_sfreq
    wrong = bool(measured and sfreq and abs(measured / sfreq - 1) > WRONG_RATE)
    age = NONE if sample_age is None else _age(max(sample_age, 0.0))
    offset, drift = NONE, NONE
    if state.signal.offset is not None and state.signal.first_offset is not None:
        offset = _signed(1000 * state.signal.offset)
        drift = _signed(1000 * (state.signal.offset - state.signal.first_offset))
    counts = state.signal
    return [
        ("nominal", NONE if sfreq is None else f"{sfreq:g} Hz", False),
        ("measured", f"{_rate(measured)} Hz" if measured else NONE, wrong),
        ("newest sample", age, sample_age is not None and sample_age > OLD_S),
        ("lost samples", f"{counts.lost:,}".replace(",", " "), counts.lost > 0),
        (
            "gaps, bridged",
            f"{state.signal.gaps}, {state.signal.bridged}",
            state.signal.gaps > state.signal.bridged,
        ),
        ("reconnects", str(counts.reconnects), counts.reconnects > 0),
        ("clock offset", offset, False),
        ("clock drift", drift, False),
    ]


def _age(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _rate(sfreq: float) -> str:
    return f"{sfreq:.1f}" if sfreq >= 1000 else f"{sfreq:.2f}"


def _signed(milliseconds: float) -> str:
    return f"{milliseconds:+.2f} ms".replace("-", "−")


def _epochs(state: SessionState, now: float) -> list[Figure]:
    rejected = sum(state.signal.rejected.values())
    unanswered = state.unanswered
    # A cue of imagery has many windows, and they are not counted while they run.
    rows: list[Figure] = [("cues shown", str(state.signal.markers), False)]
    if unanswered is not None:
        rows = [
            ("markers shown", str(state.signal.markers), False),
            ("epochs made", str(state.signal.epochs), False),
        ]
    too_many = rejected > MANY_REJECTED * max(state.signal.epochs + rejected, FEW)
    rows.append(("rejected", str(rejected), too_many))
    rows += [(f"  {reason}", str(n), False) for reason, n in state.signal.rejected.most_common(3)]
    rows += _channels(state, now)
    rows.append(("retracted", str(state.signal.retracted), state.signal.retracted > 0))
    if unanswered is not None:
        rows.append(("pending", str(max(unanswered, 0)), False))
    return rows


def _channels(state: SessionState, now: float) -> list[Figure]:
    """Return the channels that cost most: for how long they were bad, and how many epochs."""
    costly = list(state.signal.bad_channels(now).items())[:MOST_CHANNELS]
    return [
        (f"  {name}", f"{bad.seconds} s bad, {bad.rejected}", name in state.signal.bad_since)
        for name, bad in costly
    ]


def _letters(state: SessionState, now: float) -> list[Figure]:
    right, known = state.right
    decisions, speed, bits = state.decisions, state.per_minute(now), state.bits_per_min(now)
    last = decisions.data_age_ms
    undone: list[Figure] = []
    if state.undone is not None:
        undone = [("undone", str(state.undone), False)]
    return [
        ("trial", str(state.trial) if state.trial else NONE, False),
        ("decided", str(decisions.n_chosen), False),
        ("right", f"{right} of {known}" if known else NONE, False),
        ("no decision", str(decisions.n_undecided), False),
        ("decided late", str(decisions.n_late), decisions.n_late > 0),
        *undone,
        ("speed", NONE if speed is None else f"{speed:.1f} /min", False),
        ("ITR", NONE if bits is None else f"{bits:.1f} bit/min", False),
        ("data age", NONE if last is None else f"{last:.0f} ms", False),
    ]


def _screen(state: SessionState, frames: FrameFigures) -> list[Figure]:
    intervals = frames.figures()
    status, growth = state.status, state.growth
    recorded = status is not None and status.n_bytes > 0
    stands = recorded and growth == 0 and state.phase in {"running", "paused"}
    return [
        ("frame", NONE if intervals is None else f"{intervals[0]:.2f} ms", False),
        ("99 % under", NONE if intervals is None else f"{intervals[1]:.2f} ms", False),
        ("late frames", f"{frames.n_late} of {frames.n}" if frames.n else NONE, False),
        ("late markers", str(state.signal.late_frames), state.signal.late_frames > 0),
        ("recorded", size(status.n_bytes) if recorded and status else NONE, False),
        ("growth", f"{size(growth)}/s" if recorded and growth is not None else NONE, stands),
        ("notes", str(len(state.notes)), False),
        ("alarms seen", str(state.alarms.n_acknowledged), False),
        *([("lines refused", str(status.refused), True)] if status and status.refused else []),
    ]


def size(n_bytes: float) -> str:
    """Return a number of bytes as a person reads it.

    Parameters
    ----------
    n_bytes : float
        Not negative.

    Returns
    -------
    text : str
        In kB, MB or GB.

    See Also
    --------
    duration : A number of seconds.
    """
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.2f} GB"


def duration(seconds: float) -> str:
    """Return a duration as minutes and seconds.

    Parameters
    ----------
    seconds : float
        Not negative.

    Returns
    -------
    text : str
        Such as 1:05.

    See Also
    --------
    size : A number of bytes.
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
