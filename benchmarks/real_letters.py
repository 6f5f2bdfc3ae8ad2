"""Letters that real subjects copied: some to calibrate with, the others fresh.

The flashes of Brain Invaders and of the Muse have no codes. Their letters are dealt: see `_dealt`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, read_config
from calibration.p300.epochs import EpochSet, Letter
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of

CONFIGS = Path(__file__).resolve().parents[1] / "configs"

FILES = {
    "p300_wadsworth": [f"sub-01_ses-{s}_run-0{run}.xdf" for s in (10, 11) for run in (1, 2)],
    "p300_bci2000": ["sub-01_ses-01_run-01.xdf"],
    "p300_braininvaders": ["sub-01_ses-01_run-01.xdf"],
    "p300_muse": [f"sub-01_ses-01_run-0{run}.xdf" for run in range(1, 7)]
    + [f"sub-01_ses-02_run-0{run}.xdf" for run in (1, 2)],
}
CODED = ("p300_wadsworth", "p300_bci2000")
"""Sets whose flashes have codes."""

THREES = [range(0, 3), range(3, 6)]
REAL = (
    ("Wadsworth, one run, the rest", "p300_wadsworth", [range(i, i + 3) for i in (0, 3, 6, 9)]),
    ("Wadsworth, one session, the other", "p300_wadsworth", [range(i, i + 6) for i in (0, 6)]),
    ("Wadsworth, a half of both sessions, the rest", "p300_wadsworth",
     [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]]),
    ("BCI2000, three letters, the fourth", "p300_bci2000",
     [[n for n in range(4) if n != out] for out in range(4)]),
    ("Brain Invaders, three dealt letters, the rest", "p300_braininvaders", THREES),
    ("Muse, three dealt letters, the rest", "p300_muse", THREES),
)  # fmt: skip
"""Name, folder, and the letters of each calibration; all others are fresh."""

N_TARGETS, N_CODES, MOST_REPETITIONS = 2, 12, 15
"""Of each repetition of a matrix of rows and columns, and repetitions of a dealt letter."""


class RealSubject(NamedTuple):
    """One division of a real subject's letters."""

    set_name: str
    config: Config
    recorded: RecordedEpochs
    calibration: NDArray[np.int64]
    n_calibration: int
    fresh: EpochSet


def real_subjects(recordings: Path) -> Iterator[RealSubject]:
    """Return every division of every set; `recordings` has a folder for each set."""
    for name, folder, parts in REAL:
        path = CONFIGS / f"{folder}.toml"
        config = read_config(path) if path.exists() else Config()
        recorded = epochs_of([recordings / folder / file for file in FILES[folder]], config)
        if not recorded.all().code.any():
            recorded = _dealt(recorded.all(), config)
        for part in parts:
            yield _divided(name, config, recorded, part)


def nobody_looks(epochs: EpochSet, n_letters: int, config: Config, seed: int) -> EpochSet:
    """Return letters that nobody looks at: non-targets alone, under codes at random.

    Flashes of a letter followed each other in the recording, in the same order.
    """
    rng = np.random.default_rng(seed)
    others = np.flatnonzero(~epochs.y)
    n_flashes = MOST_REPETITIONS * N_CODES
    starts = rng.integers(others.size, size=n_letters)
    rows = others[np.add.outer(starts, np.arange(n_flashes)).ravel() % others.size]
    code = np.concatenate(
        [1 + rng.permutation(N_CODES) for _ in range(n_letters * MOST_REPETITIONS)]
    )
    letter = Letter(0, "", config.layout.symbols_of_code)
    return msgspec.structs.replace(
        epochs[rows],
        letter=np.repeat(np.arange(n_letters), n_flashes),
        code=code,
        time=0.2 * np.arange(code.size),
        letters=(letter,) * n_letters,
    )


def _dealt(epochs: EpochSet, config: Config) -> RecordedEpochs:
    """Make letters of flashes that have no codes: each repetition gets those of a matrix.

    Its two targets have the codes of the letter, the ten others the other codes, at random. They
    keep their order in time.
    """
    rng = np.random.default_rng(0)
    lines = config.layout.symbols_of_code
    symbols = [symbol for line in lines.values() for symbol in line]
    rows, code, letter = [], [], []
    letters: list[Letter] = []
    for targets, others in _parts(epochs):
        truth = str(rng.choice(symbols))
        lit = [code for code, line in lines.items() if truth in line]
        dark = [code for code in lines if code not in lit]
        n = len(targets) // N_TARGETS
        for repetition in zip(np.split(targets, n), np.split(others, n), strict=True):
            order = np.argsort(np.concatenate(repetition))
            rows += np.concatenate(repetition)[order].tolist()
            code += np.concatenate([rng.permutation(lit), rng.permutation(dark)])[order].tolist()
        letters.append(Letter(0, truth, lines))
        letter += [len(letters) - 1] * (len(rows) - len(letter))
    dealt = msgspec.structs.replace(
        epochs[np.array(rows)],
        code=np.array(code),
        letter=np.array(letter),
        letters=tuple(letters),
    )
    return RecordedEpochs(dealt, cut_again=lambda _: dealt)


def _parts(epochs: EpochSet) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield targets and others of each dealt letter: of a trial, or so many that followed."""
    targets, others = np.flatnonzero(epochs.y), np.flatnonzero(~epochs.y)
    if (epochs.letter >= 0).all():
        for number in range(len(epochs.letters)):
            yield targets[epochs.letter[targets] == number], others[epochs.letter[others] == number]
        return
    most = MOST_REPETITIONS * N_TARGETS, MOST_REPETITIONS * (N_CODES - N_TARGETS)
    for number in range(min(targets.size // most[0], others.size // most[1])):
        here = (slice(n * number, n * (number + 1)) for n in most)
        yield targets[next(here)], others[next(here)]


def _divided(
    name: str, config: Config, recorded: RecordedEpochs, part: Sequence[int]
) -> RealSubject:
    epochs = recorded.all()
    inside = np.isin(epochs.letter, part)
    fresh = epochs[~inside & (epochs.letter >= 0)]
    return RealSubject(name, config, recorded, np.flatnonzero(inside), len(part), fresh)
