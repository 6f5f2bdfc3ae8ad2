"""Whether responses change within a training: from some letter on, later, inverted or gone."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.errors import RecordingError
from bci_online.paradigms.p300.flash_pace import FlashPattern
from bci_online.preprocessing.montage_check import rms_and_correlations
from calibration.folds import NO_LETTER
from calibration.p300.cut_beside import CutBeside
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import epochs_beside
from calibration.p300.response_time import FINE_S, JUMP_S, around_flashes

__all__ = ["response_change"]

SAME_S = 0.04
LEAST_JUMP_S = 0.05
# Without a jump the likeness is largest where it was, so nothing is gained.
CERTAIN_GAIN = 0.15
LEAST_LETTERS = 2
BLOCK = 60
# Sums of two likenesses. Halves of a sound recording have 0.8 and more; noise has less than 0.6.
LEAST_ALIKE, MOST_UNLIKE = 0.7, 0.35
LEAST_CONTRAST = 0.4


def response_change(
    paths: Sequence[Path], config: Config, trials: frozenset[int], cut: CutBeside | None = None
) -> str:
    """Return one line if responses change within a training; empty otherwise.

    From some letter on they come at another time, are upside down, or are not there.

    Parameters
    ----------
    paths, config, trials : sequence of Path, Config, frozenset of int
        As for `calibration.p300.response_time.misplaced_response`.
    cut : CutBeside, optional
        Of `calibration.p300.response_time.around_flashes`, cut beside the epochs of the training;
        by default they are cut here.

    Returns
    -------
    line : str
        From which letter or flash on, and by how much.

    See Also
    --------
    bci_online.paradigms.p300.flash_pace.FlashPattern : The likeness.

    Notes
    -----
    Every letter may be the first after a change: the letters before it are compared with the rest.
    Two waves are compared at shifted onsets: the mean epoch of all flashes, and the difference
    between targets and others. The first shows the shift exactly, but only up to whole intervals
    between flashes. The second shows how many intervals there are. If there are fewer than four
    letters, blocks of sixty flashes take their place.

    Examples
    --------
    Nothing changes while a simulated subject copies three letters:

    >>> import tempfile
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "ABC", recording, seed=0)
    ...     response_change([recording], config, frozenset())
    ''
    """
    cut = cut or around_flashes(config)
    try:
        epochs = epochs_beside(cut, paths, trials)
    except RecordingError:
        # These epochs are longer than those of the training, so losses may leave none.
        return ""
    names, parts = _parts_of(epochs)
    if len(parts) < 2 * LEAST_LETTERS:
        return ""
    spec = config.epoch
    around = spec.tmin - JUMP_S, spec.tmax + JUMP_S
    means, contrasts = (cut.between(wave, *around) for wave in _waves(epochs, parts))
    # Two seconds around each flash hold its neighbours, too: some of them are the whole signal.
    some = cut.between(epochs.X[::3], *around).astype(float)
    rms, correlation = rms_and_correlations(some, some.shape[1])
    splits = [
        _split_at(split, (means, contrasts), correlation, rms)
        for split in range(LEAST_LETTERS, len(parts) - LEAST_LETTERS + 1)
    ]
    return _turned(splits, names) or _jumped(splits, names) or _vanished(splits, names)


class _Split(NamedTuple):
    """How alike the parts from a place on and the parts before it are.

    ``each`` is the likeness of mean epochs, and that of contrasts, at each shift (2, n_lags).
    ``within`` is the same among the parts before the place, without a shift (2,).
    ``size`` is the product of the lengths of both sides' waves.
    """

    place: int
    each: NDArray[np.float64]
    within: NDArray[np.float64]
    size: float

    @property
    def likeness(self) -> NDArray[np.float64]:
        """How alike they are at each shift (n_lags,), by mean epochs and contrasts together."""
        return np.asarray(self.each.sum(axis=0))

    @property
    def same(self) -> float:
        """How alike they are without a shift."""
        return float(self.likeness[self.each.shape[1] // 2])

    @property
    def before(self) -> float:
        """How alike the parts before the place are."""
        return float(self.within.sum())

    @property
    def shows_jumps(self) -> bool:
        """Whether the best shift is no chance.

        Mean epochs of regular flashes are alike at whole intervals. Then contrasts tell how many
        there were, and where nothing tells targets from others they tell nothing.
        """
        gain = self.each[0, self.likeness.argmax()] - self.each[0, self.each.shape[1] // 2]
        return bool(gain >= CERTAIN_GAIN or self.within[1] > LEAST_CONTRAST)


def _split_at(
    place: int,
    waves: tuple[NDArray[np.float64], ...],
    correlation: NDArray[np.float64],
    rms: NDArray[np.float64],
) -> _Split:
    each, within, size = [], [], 1.0
    for wave in waves:
        earlier, later = wave[:place].mean(axis=0), wave[place:].mean(axis=0)
        each.append(_likeness(earlier, later, correlation, rms))
        halves = wave[:place:2].mean(axis=0), wave[1:place:2].mean(axis=0)
        own = _likeness(*halves, correlation, rms)
        within.append(own[own.size // 2])
        # Waves of two kinds on one side cancel in its mean. So the size is largest at the place
        # where the kind changes.
        size *= float(np.linalg.norm(earlier) * np.linalg.norm(later))
    return _Split(place, np.stack(each), np.array(within), size)


def _turned(splits: Sequence[_Split], names: Sequence[str]) -> str:
    found = [one for one in splits if -one.same > max(LEAST_ALIKE, float(one.likeness.max()))]
    if not found:
        return ""
    place = max(found, key=lambda one: one.size).place
    return (
        f"from about {names[place]} on the responses are upside down: the signal has another "
        "polarity there, as if plugs or the reference were exchanged; train these parts apart"
    )


def _jumped(splits: Sequence[_Split], names: Sequence[str]) -> str:
    known = [one for one in splits if one.shows_jumps]
    gain, lag, place, alike = max(
        ((*_gained(one.likeness), one.place, float(one.likeness.max())) for one in known),
        default=(0.0, 0.0, 0, 0.0),
    )
    # Likeness that still rises at the largest shift has no peak.
    is_peak = LEAST_JUMP_S <= abs(lag) < JUMP_S - FINE_S / 2
    if gain < CERTAIN_GAIN or not is_peak or alike < LEAST_ALIKE:
        return ""
    how = f"{1000 * abs(lag):.0f} ms {'later' if lag > 0 else 'earlier'}"
    return (
        f"from about {names[place]} on the responses come {how} than before: the stamps of the "
        "markers or of the signal jumped there; choose letters of one side with --trials"
    )


def _vanished(splits: Sequence[_Split], names: Sequence[str]) -> str:
    unlike = [one for one in splits if float(one.likeness.max()) < MOST_UNLIKE]
    found = [one.place for one in unlike if one.before > LEAST_ALIKE]
    if not found:
        return ""
    return (
        f"from about {names[found[0]]} on the earlier responses are missing: the stamps "
        f"of the markers or of the signal jumped by more than {JUMP_S:g} s, or the subject paused; "
        "choose letters of one side with --trials"
    )


def _parts_of(epochs: EpochSet) -> tuple[list[str], list[NDArray[np.bool_]]]:
    """Return the name of each part of a training that has both classes, and which epochs it is."""
    numbers = [number for number in np.unique(epochs.letter).tolist() if number != NO_LETTER]
    rows = {f"letter {number + 1}": epochs.letter == number for number in numbers}
    if len(rows) < 2 * LEAST_LETTERS:
        starts = range(0, len(epochs), BLOCK)
        rows = {f"flash {n + 1}": np.arange(len(epochs)) // BLOCK == n // BLOCK for n in starts}
    both = {
        name: part
        for name, part in rows.items()
        if epochs.y[part].any() and not epochs.y[part].all()
    }
    return [*both], [*both.values()]


def _waves(
    epochs: EpochSet, parts: Sequence[NDArray[np.bool_]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean epoch of each part, and the difference between targets and others."""
    # One product for all: the epochs of each part would have to be copied.
    kinds = [[part, part & epochs.y, part & ~epochs.y] for part in parts]
    shares = np.array([kind / kind.sum() for kinds_of_part in kinds for kind in kinds_of_part])
    products = shares.astype(epochs.X.dtype) @ epochs.X.reshape(len(epochs), -1)
    waves = products.astype(float).reshape(-1, 3, *epochs.X.shape[1:])
    return waves[:, 0], waves[:, 1] - waves[:, 2]


def _likeness(
    earlier: NDArray[np.float64],
    later: NDArray[np.float64],
    correlation: NDArray[np.float64],
    rms: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the likeness of a later mean epoch and an earlier one, at each shift (n_lags,)."""
    n_most = round(JUMP_S / FINE_S)
    n_times = earlier.shape[1] - 2 * n_most
    pattern = FlashPattern(earlier[:, n_most : n_most + n_times], correlation, rms)
    shifted = np.lib.stride_tricks.sliding_window_view(later, n_times, axis=1)
    return pattern.likeness(shifted.transpose(1, 0, 2))


def _gained(likeness: NDArray[np.float64]) -> tuple[float, float]:
    """Return how much a shift gains over none, and the shift in seconds."""
    lags = (np.arange(likeness.size) - likeness.size // 2) * FINE_S
    best = int(np.argmax(likeness))
    same = likeness[np.abs(lags) <= SAME_S + 1e-9].max()
    return float(likeness[best] - same), float(lags[best])
