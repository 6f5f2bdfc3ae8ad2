"""How long a chain takes from the last chunk of an epoch to its decision, for each decoder.

    python -m benchmarks.decoder_latency PATH/TO/recordings

writes the tables of latencies in docs/decoders.md, in processor time: what else the computer does
hardly counts. Each decoder of flashes is trained on session 10 of the Wadsworth recordings (64
channels, 240 Hz). The first run of session 11 then goes through a chain for each of them, in chunks
of 8 samples; every chunk goes through all chains in turn. What LSL adds is the same for all;
`benchmarks/latency.py` has it. A start is the time that it takes to build the chain from the
decoder. Decoders of imagery are trained on one run and decide another, with recentring.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from pyriemann.estimation import XdawnCovariances
from pyriemann.tangentspace import TangentSpace
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from bci_online.config import Config, DecoderHeader, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.messages import Score
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.chain import Chain
from bci_online.runtime.sources import recording
from calibration import to_decoder
from calibration.blas_threads import one_blas_thread
from calibration.motor_imagery.methods import CANDIDATES
from calibration.motor_imagery.windows import windows_of
from calibration.p300.fitting import LinearMethod
from calibration.p300.method_choice import WIDER
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "decoders.md"
MARK = "<!-- written by benchmarks/decoder_latency.py -->"
NEXT = "## "
N_SAMPLES, SFREQ = 8, 240.0
# Of imagery: chunks as long as 8 samples of a slow amplifier.
CHUNK_S = 0.05
SETS = (
    ("mi_hands_feet", "64 channels × 160 Hz", 0, 1),
    ("mi_gel", "13 channels × 512 Hz", 0, 4),
)
"""Folder, what it is, and the places of the runs to learn from and to decide."""
LINEAR = "lda"
METHODS = (LINEAR, "btlda", "xdawn-lda", "xdawn-bt", "xdawn", "xdawn-bt + btlda", "gsvm-2")
LOST = "Cz"


def decoders(paths: list[Path], config: Config) -> Iterator[tuple[str, Decoder]]:
    """Yield the name and the decoder of each way."""
    recorded = epochs_of(paths, config)
    yield from ((name, linear(name, recorded, config)) for name in METHODS)
    yield "xdawn to 12 Hz, every 25 ms", linear("xdawn", recorded.variant(*WIDER), config)
    epochs = recorded.all()
    riemann = make_pipeline(
        XdawnCovariances(4, estimator="oas"),
        TangentSpace(),
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    ).fit(epochs.X, epochs.y)
    header = DecoderHeader(
        method="pipeline", preprocessing=epochs.preprocessing, layout=config.layout
    )
    made = make_decoder(*to_decoder(riemann, epochs.X, header))
    yield "pyriemann: Xdawn covariances, tangent space, LDA", made


def linear(name: str, recorded: RecordedEpochs, config: Config) -> Decoder:
    """Return the decoder of a linear method."""
    fitted = LinearMethod(name=name).fit(recorded, np.arange(len(recorded.all())), config)
    header = DecoderHeader(
        method=name,
        preprocessing=fitted.preprocessing,
        layout=config.layout,
        evidence=fitted.evidence,
        metrics={"auc": 0.9},
    )
    return make_decoder(header, fitted.arrays())


def timed(
    chains: list[Chain], path: Path, config: Config, chunk_s: float = N_SAMPLES / SFREQ
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Push a recording; return seconds of pushes with a scored epoch, and of all (n, n_chains)."""
    source = recording(path, config, chunk_s)
    source.open()
    scored, every = [], []
    for number, reading in enumerate(iter(source.read, None)):
        seconds = np.empty(len(chains))
        n_scores = np.zeros(len(chains), dtype=int)
        for place in np.roll(np.arange(len(chains)), number):
            began = time.thread_time()
            messages = chains[place].push(reading)
            seconds[place] = time.thread_time() - began
            n_scores[place] = sum(isinstance(one, Score) for one in messages)
        every.append(seconds)
        if (n_scores == 1).all():
            scored.append(seconds)
    source.close()
    return np.array(scored), np.array(every)


def table(data: Path) -> list[str]:
    """Return the lines of the table."""
    config = read_config(ROOT / "configs" / "p300_wadsworth.toml")
    paths = sorted((data / "p300_wadsworth").glob("*.xdf"))
    made = list(decoders(paths[:2], config))
    source = recording(paths[2], config)
    source.open()
    spec = source.spec
    names = tuple("lost" if name == LOST else name for name in spec.ch_names)
    without = msgspec.structs.replace(spec, ch_names=names)
    ways = [
        *((name, one, spec) for name, one in made),
        (f"{LINEAR} without {LOST}", made[0][1], without),
    ]
    chains, starts = [], []
    for _, decoder, of in ways:
        began = time.thread_time()
        chains.append(online_chain(decoder, of)[0])
        starts.append(time.thread_time() - began)
    scored, every = timed(chains, paths[2], config)
    middle, most = (1000 * np.percentile(scored, q, axis=0) for q in (50, 99))
    against = np.median(scored / scored[:, [0]], axis=0)
    chunks = f"{len(every)} chunks of {N_SAMPLES} samples"
    lines = [
        f"{len(scored)} epochs in {chunks}, 64 channels × 240 Hz.",
        "",
        "| decoder | median ms | 99 % ms | against lda, median of the ratios | start, ms |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {middle[n]:.2f} | {most[n]:.2f} | {against[n]:.2f} | {1000 * starts[n]:.0f} |"
        for n, (name, *_) in enumerate(ways)
    ]
    return [*lines, ""]


def imagery_table(data: Path) -> list[str]:
    """Return the lines of the table of imagery."""
    config = read_config(ROOT / "configs" / "motor_imagery.toml")
    lines = [
        "| imagery | decoder | median ms | 99 % ms | against csp-lda, median of the ratios |",
        "|---|---|---|---|---|",
    ]
    for name, what, learnt, decided in SETS:
        paths = sorted((data / name).glob("*.xdf"))
        source = recording(paths[decided], config)
        source.open()
        chains = []
        for method in CANDIDATES:
            configured, _ = method.configured(config)
            windows = windows_of([paths[learnt]], configured, needs_samples=method.needs_samples)
            decoder = method.fit(windows, np.arange(len(windows)), configured)
            chains.append(online_chain(decoder, source.spec)[0])
        scored, _ = timed(chains, paths[decided], config, CHUNK_S)
        middle, most = (1000 * np.percentile(scored, q, axis=0) for q in (50, 99))
        against = np.median(scored / scored[:, [0]], axis=0)
        lines += [
            f"| {what} | {method.name} | {middle[n]:.2f} | {most[n]:.2f} | {against[n]:.2f} |"
            for n, method in enumerate(CANDIDATES)
        ]
    return [*lines, ""]


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of p300_wadsworth")
    data = parser.parse_args().data
    with one_blas_thread():
        lines = [*table(data), *imagery_table(data)]
    words, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    after = rest[rest.index(NEXT) :]
    PAGE.write_text("\n".join([words + MARK, "", *lines, after]), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
