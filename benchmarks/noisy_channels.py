"""What leaving out channels that are judged noisy costs and gains, on the recordings themselves.

    python -m benchmarks.noisy_channels PATH/TO/recordings

writes its table in docs/lost-sensors.md. Decoders of one recording each score all others of the
set, through the online chain, with and without the judgement. Of the recordings in which no channel
is judged noisy there is only their number.
"""

import argparse
from collections import Counter
from itertools import permutations
from pathlib import Path

import numpy as np

from bci_online.config import Config, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.messages import Score
from bci_online.metrics import auc
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.sources import recording
from benchmarks.decoder_latency import linear
from benchmarks.kept_rows import write_between
from calibration.blas_threads import one_blas_thread
from calibration.p300.recorded_epochs import epochs_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "lost-sensors.md"
MARKS = "<!-- noisy channels -->", "<!-- end of noisy channels -->"
METHODS = ("lda", "xdawn")
HEAD = (
    "| trained on | tested on | noisy | flashes without | method | AUC of those, without | with it "
    "| all flashes, without | with it |"
)


def decoders_of(path: Path, config: Config, method: str) -> tuple[Decoder, Decoder]:
    """Return a decoder of a recording, and one that judges no channel noisy."""
    recorded = epochs_of([path], config)
    judging = linear(method, recorded, config)
    kept = {name: array for name, array in judging.arrays.items() if name != "band_rms"}
    return judging, make_decoder(judging.header, kept)


def scores(decoder: Decoder, path: Path, config: Config) -> dict[float, Score]:
    """Return the score of each flash that was not rejected, by its time."""
    source = recording(path, config, chunk_s=1.0)
    source.open()
    chain, _ = online_chain(decoder, source.spec)
    messages = [one for reading in iter(source.read, None) for one in chain.push(reading)]
    found = (one for one in (*messages, *chain.finish()) if isinstance(one, Score))
    return {one.marker.time: one for one in found}


def line(trained: Path, tested: Path, method: str, config: Config) -> str | None:
    """Return a line of the table; None where no channel is judged noisy."""
    judging, other = (
        scores(decoder, tested, config) for decoder in decoders_of(trained, config, method)
    )
    both = sorted(set(judging) & set(other))
    left_out = np.array([bool(judging[time].without) for time in both])
    names = Counter(name for time in both for name in judging[time].without)
    if not names:
        return None
    y = np.array([judging[time].marker.text.endswith("/target") for time in both])
    values = [np.array([own[time].values[1] for time in both]) for own in (judging, other)]
    those, every = (
        " | ".join(f"{auc(y[rows], one[rows]):.3f}" for one in values)
        for rows in (left_out, np.ones(len(both), dtype=bool))
    )
    count = f"{left_out.sum()} of {len(both)}"
    own = f"{_short(trained)} | {_short(tested)} | {', '.join(names)} | {count}"
    return f"| {own} | {method} | {those} | {every} |"


def _short(path: Path) -> str:
    return f"{path.parent.name.removeprefix('p300_')} {path.stem.split('_', 1)[1]}"


def main() -> None:
    """Compute, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of p300_wadsworth and p300_muse")
    data = parser.parse_args().data
    lines, quiet = [HEAD, "|" + "---|" * 9], 0
    with one_blas_thread():
        for name in ("wadsworth", "muse"):
            own = ROOT / "configs" / f"p300_{name}.toml"
            config = read_config(own if own.exists() else None)
            paths = sorted((data / f"p300_{name}").glob("*.xdf"))
            for trained, tested in permutations(paths, 2):
                found = [line(trained, tested, method, config) for method in METHODS]
                lines += [one for one in found if one is not None]
                quiet += found[0] is None
                print(trained.stem, tested.stem, found, flush=True)
    lines += ["", f"In {quiet} other pairs of recordings no channel was judged noisy.", ""]
    write_between(PAGE, MARKS, lines)


if __name__ == "__main__":
    main()
