"""Where in time the responses are: after their flashes, or where nobody can respond."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec
from bci_online.errors import RecordingError
from bci_online.metrics import welch_t
from calibration.p300.cut_beside import CutBeside
from calibration.p300.epochs import EpochSet
from calibration.p300.held_out_area import CERTAIN_Z, area_error, held_out_area
from calibration.p300.recorded_epochs import epochs_beside

__all__ = ["around_flashes", "misplaced_response"]

EARLIEST_S, LATEST_S, STEP_S = -1.2, 1.2, 0.2
WINDOW_S, FINE_S = 0.6, 0.02
EVERY = 2
SAMPLED_S = EVERY * FINE_S
# So much earlier or later than the training's own epochs may those be that were displaced.
JUMP_S = 0.6
# A window that begins at the flash holds the response to it, and one so far away does not.
FAR_S = 0.4

# In errors of an AUC: of a dozen windows one is better than the usual by this much.
FARTHER_Z = 4.0
# Before the flash there is nothing but the responses to others, which are as much a target's.
BEFORE_SHARE = 0.4
BEFORE = "targets and others differ before the flash already: the markers come late"
MEASURE = (
    "measure with bci-online doctor --photodiode, and set markers.display_delay and "
    "markers.amplifier_delay"
)
LABELS = {-1: "the flash before", 1: "the flash after"}

# The response to any flash, seen best where the intervals between flashes differ.
IRREGULAR = 0.2
EVOKED_S = (0.05, 0.5)
EVOKED_Z, EVOKED_TIMES = 7.0, 1.25


def around_flashes(config: Config) -> CutBeside:
    """Return how the epochs are cut that checks of response times look at.

    Parameters
    ----------
    config : Config
        Of the training.

    Returns
    -------
    cut : CutBeside
        For `calibration.p300.recorded_epochs.epochs_of`.

    See Also
    --------
    misplaced_response : Takes it.
    calibration.p300.response_change.response_change : Takes the same.

    Examples
    --------
    >>> around_flashes(Config()).config.epoch.tmax
    3.0
    """
    first = min(EARLIEST_S, config.epoch.tmin - JUMP_S)
    last = max(LATEST_S + WINDOW_S, config.epoch.tmax + JUMP_S)
    return CutBeside(first, EpochSpec(tmin=0.0, tmax=last - first, step=FINE_S), config)


def misplaced_response(
    paths: Sequence[Path], config: Config, trials: frozenset[int], cut: CutBeside | None = None
) -> str:
    """Return one line if responses come at another time than flashes allow; empty otherwise.

    Parameters
    ----------
    paths : sequence of Path
        The recordings of a training.
    config : Config
        Of the training.
    trials : frozenset of int
        The letters that were chosen; all if empty.
    cut : CutBeside, optional
        Of `around_flashes`, cut beside the epochs of the training; by default they are cut here.

    Returns
    -------
    line : str
        When the response is strongest, or to which flashes the labels seem to belong, and what to
        do.

    See Also
    --------
    calibration.p300.response_change.response_change : Whether responses change.
    bci_online.paradigms.p300.alignment.Alignment : Notices it while a subject spells.

    Notes
    -----
    A discriminant is trained on windows around each flash, and tried on flashes that it was not
    trained on. Nothing tells targets from others before the flash, but the responses to flashes
    before. Where the intervals between flashes differ, the mean response to all of them shows it
    without labels.

    Examples
    --------
    A simulated subject, trained on with the display said to be half a second late:

    >>> import tempfile
    >>> import msgspec
    >>> from bci_online.config import MarkerStream, Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=6),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz"), p300_uv=15.0),
    ... )
    >>> wrong = msgspec.structs.replace(config, markers=MarkerStream(display_delay=0.5))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "ABCD", recording, seed=0)
    ...     misplaced_response([recording], config, frozenset()) == ""
    ...     print(misplaced_response([recording], wrong, frozenset()).partition(":")[0])
    True
    the response is strongest 0.2 s before the flash
    """
    cut = cut or around_flashes(config)
    try:
        epochs = epochs_beside(cut, paths, trials)
    except RecordingError:
        # These epochs are longer than those of the training: losses may leave none.
        return ""
    if epochs.y.all() or not epochs.y.any():
        return ""
    X = cut.between(epochs.X, EARLIEST_S, LATEST_S + WINDOW_S, EVERY).astype(float)
    epochs = msgspec.structs.replace(epochs, X=X)
    return _by_labels(epochs) or _by_all(epochs)


def _by_labels(epochs: EpochSet) -> str:
    """Compare how surely targets are told from others in windows, and with labels moved."""
    error = area_error(epochs.y)
    starts = np.round(np.arange(EARLIEST_S, LATEST_S + STEP_S / 2, STEP_S), 3).tolist()
    areas = {start: _area(epochs, start, epochs.y) for start in starts}
    usual = areas[0.0]
    moved = {way: _area(epochs, 0.0, _moved(epochs, way)) for way in LABELS}
    way = max(moved, key=moved.__getitem__)
    far = {start: area for start, area in areas.items() if abs(start) >= FAR_S}
    at = max(far, key=far.__getitem__)
    bar = max(0.5 + CERTAIN_Z * error, usual + FARTHER_Z * error)
    if max(moved[way], far[at]) >= bar:
        if moved[way] > far[at]:
            return _of_labels(way, moved[way], usual)
        return _strongest(_strongest_at(epochs, areas))
    before = areas[-WINDOW_S] - 0.5
    if before < max(CERTAIN_Z * error, BEFORE_SHARE * (max(areas.values()) - 0.5)):
        return ""
    seconds = _strongest_at(epochs, areas)
    return _strongest(seconds) if seconds < EVOKED_S[0] else f"{BEFORE}; {MEASURE}"


def _strongest_at(epochs: EpochSet, areas: dict[float, float]) -> float:
    """Return when the response is strongest, in seconds after the flash."""
    # The middle of the windows that hold the response: the best one alone is chance.
    top = 0.5 + 0.8 * (max(areas.values()) - 0.5)
    middle = float(np.mean([start for start, area in areas.items() if area >= top]))
    seconds = EARLIEST_S + SAMPLED_S * np.arange(epochs.X.shape[2])
    here = np.flatnonzero((seconds >= middle) & (seconds <= middle + WINDOW_S))
    X = epochs.X[:, :, here]
    strength = np.abs(welch_t(X[epochs.y], X[~epochs.y])).max(axis=0)
    return float(seconds[here[int(np.argmax(strength))]])


def _strongest(seconds: float) -> str:
    when = f"{abs(seconds):.1f} s {'before' if seconds < 0 else 'after'} the flash"
    way = "late" if seconds < float(np.mean(EVOKED_S)) else "early"
    return f"the response is strongest {when}: the markers come {way}; {MEASURE}"


def _of_labels(way: int, moved: float, usual: float) -> str:
    return (
        f"the labels seem to be those of {LABELS[way]}: with its label a flash is told from others "
        f"with an AUC of {moved:.2f}, with its own {usual:.2f}; see that label and flash come "
        "together (markers.join, markers.translate)"
    )


def _moved(epochs: EpochSet, way: int) -> NDArray[np.bool_]:
    """Return for each flash the label that stands `way` flashes from it, within its run."""
    y = epochs.y.copy()
    for run in np.unique(epochs.run):
        here = epochs.run == run
        y[here] = np.roll(epochs.y[here], way)
    return y


def _area(epochs: EpochSet, start: float, y: NDArray[np.bool_]) -> float:
    """Return the AUC of held-out flashes by the signal from `start` on."""
    first = round((start - EARLIEST_S) / SAMPLED_S)
    return held_out_area(epochs.X[:, :, first : first + round(WINDOW_S / SAMPLED_S) + 1], y)


def _by_all(epochs: EpochSet) -> str:
    """Look where all flashes together evoke most, if their intervals differ enough to see it."""
    intervals = np.diff(epochs.time)
    intervals = intervals[(intervals > 0) & (intervals < 2 * np.median(intervals))]
    low, high = np.quantile(intervals, [0.05, 0.95])
    if high - low < IRREGULAR * np.median(intervals):
        return ""
    X = epochs.X - np.median(epochs.X, axis=(0, 2), keepdims=True)
    z = X.mean(axis=0) / np.maximum(X.std(axis=0, ddof=1) / np.sqrt(len(X)), 1e-30)
    size = np.sqrt(np.mean(z**2, axis=0))
    seconds = EARLIEST_S + SAMPLED_S * np.arange(size.size)
    usual = (seconds >= EVOKED_S[0] - 1e-9) & (seconds <= EVOKED_S[1] + 1e-9)
    at = int(np.argmax(size))
    if np.abs(z[:, at]).max() < EVOKED_Z or size[at] < EVOKED_TIMES * size[usual].max():
        return ""
    return _strongest(float(seconds[at]))
