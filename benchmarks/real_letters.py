"""Letters that real subjects copied: some to calibrate with, the others fresh."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, read_config
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of

CONFIGS = Path(__file__).resolve().parents[1] / "configs"

FILES = {
    "p300_wadsworth": [f"sub-01_ses-{s}_run-0{run}.xdf" for s in (10, 11) for run in (1, 2)],
    "p300_bci2000": ["sub-01_ses-01_run-01.xdf"],
}
REAL = (
    ("Wadsworth, one run, the rest", "p300_wadsworth", [range(i, i + 3) for i in (0, 3, 6, 9)]),
    ("Wadsworth, one session, the other", "p300_wadsworth", [range(i, i + 6) for i in (0, 6)]),
    ("Wadsworth, a half of both sessions, the rest", "p300_wadsworth",
     [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]]),
    ("BCI2000, three letters, the fourth", "p300_bci2000",
     [[n for n in range(4) if n != out] for out in range(4)]),
)  # fmt: skip
"""Name, folder, and the letters of each calibration; all others are fresh."""


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
        config = read_config(CONFIGS / f"{folder}.toml")
        recorded = epochs_of([recordings / folder / file for file in FILES[folder]], config)
        for part in parts:
            yield _divided(name, config, recorded, part)


def _divided(
    name: str, config: Config, recorded: RecordedEpochs, part: Sequence[int]
) -> RealSubject:
    epochs = recorded.all()
    inside = np.isin(epochs.letter, part)
    fresh = epochs[~inside & (epochs.letter >= 0)]
    return RealSubject(name, config, recorded, np.flatnonzero(inside), len(part), fresh)
