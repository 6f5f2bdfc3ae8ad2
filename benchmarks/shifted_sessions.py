"""Decided trials that are wrong in sessions that are not as calibration.

    python -m benchmarks.shifted_sessions DATA

writes its table in docs/motor-imagery.md. DATA is the folder of converted recordings. A decoder is
trained on the gel subject's offline runs and decides the runs of the online session: as they are,
and with signals that another day could have brought. Five sensors of one side, or each of the other
side, are weaker or stronger; each sensor has a gain of its own (spread 0.35 of its logarithm); each
sensor has a share of all others (spread 0.12). Each is decided with what the session's own trials
say of the decoder, and without it. Each run goes on from those before. The last sessions hold the
trials of one class alone, of each class, so that a session of one class is no shift.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, Stopping, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from benchmarks.kept_rows import write_between
from calibration.motor_imagery.methods import METHODS
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.trial_length import with_trial_length
from calibration.motor_imagery.window_set import WindowSet
from calibration.motor_imagery.windows import windows_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "motor-imagery.md"
MARKS = "<!-- written by benchmarks/shifted_sessions.py -->", "<!-- to here -->"
TRIAL_S = 7.0
LEFT = {"C3", "CP5", "CP1", "FC5", "FC1"}
RIGHT = {"C4", "CP6", "CP2", "FC6", "FC2"}
N_DRAWN = 3

# Method, recentring, idle.
WAYS = (
    ("csp-lda", False, False),
    ("csp-lda", True, True),
    ("fbcsp", True, True),
)


def changes(ch_names: tuple[str, ...]) -> Iterator[NDArray[np.float64]]:
    """Yield what the signal is multiplied by, (n_channels, n_channels)."""
    n = len(ch_names)
    for side in (LEFT, RIGHT):
        for gain in (0.6, 1.67):
            yield np.diag([gain if name in side else 1.0 for name in ch_names])
    for seed in range(N_DRAWN):
        rng = np.random.default_rng(seed)
        yield np.diag(np.exp(0.35 * rng.normal(size=n)))
        yield np.eye(n) + 0.12 * rng.normal(size=(n, n))


def changed(windows: WindowSet, matrix: NDArray[np.float64]) -> WindowSet:
    """Return the windows of a signal that is multiplied by a matrix, band by band."""
    n_bands = len(windows.preprocessing.filter.bands)
    mixing = np.kron(np.eye(n_bands), matrix)
    return msgspec.structs.replace(windows, X=tuple(mixing @ window for window in windows.X))


def of_one_class(windows: WindowSet, label: str) -> WindowSet:
    """Return the trials whose cue is one class."""
    is_one = np.array([one.cued and one.label == label for one in windows.trials])
    return windows[np.flatnonzero(is_one[windows.trial])]


def counted(decoder: Decoder, windows: WindowSet) -> NDArray[np.int64]:
    """Return trials wrong, decided, right with their whole evidence, and all."""
    found = np.zeros(4, dtype=np.int64)
    for dynamic in (True, False):
        for one in decisions(decoder, windows, dynamic):
            trial = windows.trials[one.trial - 1]
            if not trial.cued or trial.label not in windows.classes:
                continue
            if not dynamic:
                found[2:] += one.value == trial.label, 1
            elif one.value is not None:
                found[:2] += one.value != trial.label, 1
    return found


def rows(data: Path, way: tuple[str, bool, bool], config: Config) -> Iterator[str]:
    """Yield the lines of one way."""
    name, recentre, idle = way
    method = METHODS[name]
    window = msgspec.structs.replace(config.window, recentre=recentre)
    stopping = Stopping(error_rate=config.stopping.error_rate, idle=idle)
    own, _ = method.configured(msgspec.structs.replace(config, window=window, stopping=stopping))
    offline, online = (
        windows_of(sorted((data / "mi_gel").glob(f"*ses-{n}*.xdf")), own, needs_samples=False)
        for n in ("01", "02")
    )
    fitted = method.fit(offline, np.arange(len(offline)), own)
    evidence = msgspec.structs.replace(fitted.header.evidence, trials=None)
    header = msgspec.structs.replace(fitted.header, evidence=evidence)
    plain = make_decoder(header, dict(fitted.arrays))
    # The runs of one session.
    online = msgspec.structs.replace(
        online, trials=tuple(msgspec.structs.replace(one, run=0) for one in online.trials)
    )
    mixed = [changed(online, one) for one in changes(offline.preprocessing.ch_names)]
    alone = [of_one_class(online, label) for label in online.classes]
    for text, sessions in (("as it is", [online]), ("changed", mixed), ("one class", alone)):
        before, after = (
            np.sum([counted(decoder, one) for one in sessions], axis=0)
            for decoder in (plain, fitted)
        )
        cells = [f"{c[0]} of {c[1]} | {c[2]} of {c[3]}" for c in (before, after)]
        how = f"{name}{', recentred' if recentre else ''}{', idle' if idle else ''}"
        yield f"| {how} | {text} | {' | '.join(cells)} |"


def main() -> None:
    """Decide all sessions and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of mi_gel")
    data = parser.parse_args().data
    config, _ = with_trial_length(read_config(ROOT / "configs" / "motor_imagery.toml"), TRIAL_S)
    lines = [
        "| decoder | session | before: wrong of decided | whole trial right "
        "| with the session's own trials: wrong of decided | whole trial right |",
        "|---|---|---|---|---|---|",
    ]
    for way in WAYS:
        for line in rows(data, way, config):
            print(line, flush=True)
            lines.append(line)
    write_between(PAGE, MARKS, [*lines, ""])


if __name__ == "__main__":
    main()
