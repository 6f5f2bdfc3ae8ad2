"""The figures of a session as a person reads them: with units, and marked where one should look."""

from bci_online.gui.panel.figure_grid import Figure
from bci_online.gui.panel.session_figures import SessionFigures
from bci_online.gui.panel.signal_figures import SignalFigures
from bci_online.gui.panel.watchdog import FrameFigures

__all__ = ["TITLES", "duration", "groups_of", "size"]

TITLES = ("EEG stream", "markers, epochs", "decisions", "screen, recording")

# A clock of a computer runs so much wrong at most; more is a fault of the measurement.
WRONG_RATE = 0.005
OLD_S = 0.5
# A letter is asked again where so many of its flashes are lost.
MANY_REJECTED, FEW = 0.2, 25
NONE = "–"


def groups_of(
    figures: SessionFigures,
    frames: FrameFigures,
    signal: SignalFigures | None,
    sfreq: float | None,
    sample_age: float | None,
    now: float,
) -> list[list[Figure]]:
    """Return the groups under `TITLES`.

    Parameters
    ----------
    figures, frames, signal
        What was counted and measured; no `signal` before it has come for a while.
    sfreq : float or None
        The stream's nominal rate in Hz.
    sample_age : float or None
        How old the newest sample in the panel is, in seconds.
    now : float
        The panel's clock.
    """
    return [
        _stream(figures, signal, sfreq, sample_age),
        _epochs(figures),
        _letters(figures, now),
        _screen(figures, frames),
    ]


def _stream(
    figures: SessionFigures,
    signal: SignalFigures | None,
    sfreq: float | None,
    sample_age: float | None,
) -> list[Figure]:
    measured = 0.0 if signal is None else signal.measured_sfreq
    wrong = bool(measured and sfreq and abs(measured / sfreq - 1) > WRONG_RATE)
    age = NONE if sample_age is None else _age(max(sample_age, 0.0))
    offset, drift = NONE, NONE
    if figures.offset is not None and figures.first_offset is not None:
        offset = _signed(1000 * figures.offset)
        drift = _signed(1000 * (figures.offset - figures.first_offset))
    return [
        ("nominal", NONE if sfreq is None else f"{sfreq:g} Hz", False),
        ("measured", f"{_rate(measured)} Hz" if measured else NONE, wrong),
        ("newest sample", age, sample_age is not None and sample_age > OLD_S),
        ("lost samples", f"{figures.lost:,}".replace(",", " "), figures.lost > 0),
        ("gaps, bridged", f"{figures.gaps}, {figures.bridged}", figures.gaps > figures.bridged),
        ("reconnects", str(figures.reconnects), figures.reconnects > 0),
        ("clock offset", offset, False),
        ("clock drift", drift, False),
    ]


def _age(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _rate(sfreq: float) -> str:
    return f"{sfreq:.1f}" if sfreq >= 1000 else f"{sfreq:.2f}"


def _signed(milliseconds: float) -> str:
    return f"{milliseconds:+.2f} ms".replace("-", "−")


def _epochs(figures: SessionFigures) -> list[Figure]:
    rejected = sum(figures.rejected.values())
    unanswered = figures.unanswered
    # Windows of imagery are many to a cue, and nobody counts them while they run.
    rows: list[Figure] = [("cues shown", str(figures.markers), False)]
    if unanswered is not None:
        rows = [
            ("markers shown", str(figures.markers), False),
            ("epochs made", str(figures.epochs), False),
        ]
    too_many = rejected > MANY_REJECTED * max(figures.epochs + rejected, FEW)
    rows.append(("rejected", str(rejected), too_many))
    rows += [(f"  {reason}", str(n), False) for reason, n in figures.rejected.most_common(3)]
    rows.append(("retracted", str(figures.retracted), figures.retracted > 0))
    if unanswered is not None:
        rows.append(("to come", str(max(unanswered, 0)), False))
    return rows


def _letters(figures: SessionFigures, now: float) -> list[Figure]:
    right, known = figures.right
    undecided = sum(line.value is None for line in figures.decisions)
    n_late = sum(line.late for line in figures.decisions)
    bits = figures.bits_per_min(now)
    last = figures.decisions[-1].data_age_ms if figures.decisions else None
    speed = NONE
    if figures.since is not None and figures.decisions:
        speed = f"{60 * len(figures.decisions) / figures.seconds(now):.1f} /min"
    undone: list[Figure] = []
    if figures.undone is not None:
        undone = [("undone", str(figures.undone), False)]
    return [
        ("trial", str(figures.trial) if figures.trial else NONE, False),
        ("decided", str(len(figures.decisions) - undecided), False),
        ("right", f"{right} of {known}" if known else NONE, False),
        ("no decision", str(undecided), False),
        ("decided late", str(n_late), n_late > 0),
        *undone,
        ("speed", speed, False),
        ("ITR", NONE if bits is None else f"{bits:.1f} bit/min", False),
        ("data age", NONE if last is None else f"{last:.0f} ms", False),
    ]


def _screen(figures: SessionFigures, frames: FrameFigures) -> list[Figure]:
    told = frames.figures()
    conducted, growth = figures.conducted, figures.growth
    recorded = conducted is not None and conducted.n_bytes > 0
    stands = recorded and growth == 0 and figures.state in {"running", "paused"}
    return [
        ("frame", NONE if told is None else f"{told[0]:.2f} ms", False),
        ("99 % under", NONE if told is None else f"{told[1]:.2f} ms", False),
        ("late frames", f"{frames.n_late} of {frames.n}" if frames.n else NONE, False),
        ("late markers", str(figures.late_marked), figures.late_marked > 0),
        ("recorded", size(conducted.n_bytes) if recorded and conducted else NONE, False),
        ("growth", f"{size(growth)}/s" if recorded and growth is not None else NONE, stands),
        ("notes", str(len(figures.notes)), False),
        ("alarms seen", str(figures.alarms.n_acknowledged), False),
    ]


def size(n_bytes: float) -> str:
    """Return a number of bytes as a person reads it."""
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.2f} GB"


def duration(seconds: float) -> str:
    """Return a duration as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
