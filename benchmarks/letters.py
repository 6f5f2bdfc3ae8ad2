"""Letters right and bits per minute against repetitions, on real recordings held out by session.

    python -m benchmarks.letters RECORDINGS [--output docs/letters.md]

Each decoder is trained by `calibration.p300.training.train` on one part of a subject's letters and
decides the other part by a replay through the online chain: after a fixed number of repetitions,
and dynamically at a stated error rate. Then the parts change places. Wadsworth: session 10 (CAT,
DOG) and session 11 (HAT, HAT). BCI2000: letters 1-2 (T3) and 3-4 (OF) of its one recording. Counts
are of both directions together, with 95 % intervals of Wilson; a letter without a decision counts
as wrong. There is none where it is likeliest that nobody looks, or where more than a fifth of a
letter's flashes are rejected: so after one and two repetitions of the first letter of session 11,
which begins with an artefact. Seconds per letter are those of the flashes used plus the recording's
own pauses between letters; information is Wolpaw's over that time. Which fixed number is best is
known only afterwards; the dynamic rule is set by the calibration letters alone. One subject per
data set, few letters: the intervals are wide, and nothing here holds for people in general.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import msgspec
import numpy as np

from bci_online.config import Config, Stopping, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision
from bci_online.metrics import itr_bits_per_min, proportion_interval
from bci_online.runtime.sources import recording
from benchmarks.decided_letters import replayed
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
METHODS = ("lda", "gsvm-2")
RATES = (0.01, 0.05)
FIXED = tuple(range(1, 16))
N_CODES = 12


@dataclass(frozen=True)
class Part:
    """Letters of one subject: recordings, and which of their letters."""

    files: tuple[str, ...]
    trials: frozenset[int] = frozenset()


@dataclass(frozen=True)
class DataSet:
    """Two parts that train and test in turn; seconds from flash to flash, and between letters."""

    name: str
    config: str
    parts: tuple[Part, Part]
    soa_s: float
    pause_s: float


WADSWORTH = tuple(
    Part(tuple(f"p300_wadsworth/sub-01_ses-{session}_run-0{run}.xdf" for run in (1, 2)))
    for session in (10, 11)
)
BCI2000 = tuple(
    Part(("p300_bci2000/sub-01_ses-01_run-01.xdf",), frozenset(trials))
    for trials in ({1, 2}, {3, 4})
)
DATA_SETS = (
    DataSet("Wadsworth", "p300_wadsworth.toml", WADSWORTH, 0.175, 5.0),
    DataSet("BCI2000", "p300_bci2000.toml", BCI2000, 0.25, 8.5),
)


def fixed(repetitions: int) -> str:
    """Return what the table calls deciding after so many repetitions."""
    return f"{repetitions} repetition{'s' if repetitions > 1 else ''}"


def letters_of(
    data: Path, part: Part, decoder: Decoder, config: Config, repetitions: int = 0
) -> list[Decision]:
    """Replay a part's recordings; return the decisions on its own letters."""
    found = []
    for file in part.files:
        source = recording(data / file, config, 1.0)
        source.open()
        decisions = replayed(source, decoder, config.markers, repetitions)
        found += [d for n, d in enumerate(decisions, 1) if not part.trials or n in part.trials]
    return found


def spelled(data: Path, of: DataSet, method: str, folder: Path) -> dict[str, list[Decision]]:
    """Train on either part and decide the other one in every way."""
    found: dict[str, list[Decision]] = {}
    for train_on, test_on in (of.parts, of.parts[::-1]):
        paths = [data / file for file in train_on.files]
        for rate in RATES:
            config = read_config(CONFIGS / of.config)
            config = msgspec.structs.replace(config, stopping=Stopping(error_rate=rate))
            path = folder / f"{rate}.decoder"
            asked = TrainingRequest(
                recordings=tuple(paths),
                method=method,
                config=config,
                output=path,
                trials=train_on.trials,
                evaluation=False,
            )
            train(asked)
            decoder = read_decoder(path)
            way = f"dynamic, {100 * rate:g} % stated"
            found.setdefault(way, []).extend(letters_of(data, test_on, decoder, config))
        for repetitions in FIXED:
            decisions = letters_of(data, test_on, decoder, config, repetitions)
            found.setdefault(fixed(repetitions), []).extend(decisions)
    return found


@dataclass(frozen=True)
class Figures:
    """What the decisions of one way come to."""

    right: int
    n: int
    undecided: int
    repetitions: float
    seconds: float
    bits_per_min: float

    @classmethod
    def of(cls, decisions: list[Decision], of: DataSet) -> "Figures":
        """Count."""
        n_symbols = len(decisions[0].evidence)
        right = sum(d.value == d.truth for d in decisions)
        seconds = [d.flashes * of.soa_s + of.pause_s for d in decisions]
        return cls(
            right,
            len(decisions),
            sum(d.value is None for d in decisions),
            float(np.mean([d.flashes for d in decisions])) / N_CODES,
            float(np.mean(seconds)),
            itr_bits_per_min(n_symbols, right / len(decisions), len(decisions), sum(seconds)),
        )

    def cells(self) -> str:
        """Return cells of a table."""
        low, high = (100 * share for share in proportion_interval(self.right, self.n))
        undecided = f", {self.undecided} undecided" if self.undecided else ""
        return (
            f"{self.right} of {self.n} ({low:.0f}-{high:.0f} %{undecided}) "
            f"| {self.repetitions:.1f} | {self.seconds:.1f} | {self.bits_per_min:.1f}"
        )


def table(of: DataSet, found: dict[str, dict[str, Figures]]) -> list[str]:
    """Return one data set's table."""
    ways = [fixed(n) for n in FIXED] + [f"dynamic, {100 * r:g} % stated" for r in RATES]
    head = " | ".join(f"{m}: right | repetitions | s per letter | bit/min" for m in METHODS)
    lines = [f"## {of.name}", "", f"| way | {head} |", "|---" * (1 + 4 * len(METHODS)) + "|"]
    for way in ways:
        cells = " | ".join(found[method][way].cells() for method in METHODS)
        lines.append(f"| {way} | {cells} |")
    return [*lines, ""]


def figure(found: dict[str, dict[str, dict[str, Figures]]], path: Path) -> None:
    """Draw letters right and bits per minute against repetitions."""
    figure, axes = plt.subplots(2, len(found), figsize=(9, 6), sharex=True, layout="constrained")
    for column, (name, of_method) in enumerate(found.items()):
        for colour, (method, ways) in zip(("C0", "C1"), of_method.items(), strict=True):
            by_number = [ways[fixed(n)] for n in FIXED]
            stopped = [(rate, ways[f"dynamic, {100 * rate:g} % stated"]) for rate in RATES]
            right, bits = axes[0, column], axes[1, column]
            right.plot(FIXED, [100 * f.right / f.n for f in by_number], color=colour, label=method)
            bits.plot(FIXED, [f.bits_per_min for f in by_number], color=colour, label=method)
            for marker, (rate, f) in zip("D*", stopped, strict=True):
                label = f"{method}, dynamic, {100 * rate:g} % stated"
                style = {"color": colour, "marker": marker, "linestyle": "", "markersize": 9}
                right.plot(f.repetitions, 100 * f.right / f.n, label=label, **style)
                bits.plot(f.repetitions, f.bits_per_min, label=label, **style)
        n = next(iter(of_method.values()))[fixed(1)].n
        axes[0, column].set(title=f"{name}: {n} letters", ylim=(-5, 105))
        axes[1, column].set(xlabel="repetitions (mean where dynamic)", ylim=(0, None))
    axes[0, 0].set_ylabel("letters right (%)")
    axes[1, 0].set_ylabel("information (bit/min)")
    axes[0, 0].legend(fontsize="small")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", type=Path, help="holds p300_wadsworth/ and p300_bci2000/")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    found: dict[str, dict[str, dict[str, Figures]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for of in DATA_SETS:
            for method in METHODS:
                decisions = spelled(options.recordings, of, method, Path(folder))
                ways = {way: Figures.of(said, of) for way, said in decisions.items()}
                found.setdefault(of.name, {})[method] = ways
                texts = {way: "".join(d.value or "." for d in s) for way, s in decisions.items()}
                print(of.name, method, texts)
    lines = ["# Letters against repetitions", "", *__doc__.splitlines()[4:], ""]
    lines += ["Made by `python -m benchmarks.letters RECORDINGS --output docs/letters.md`.", ""]
    lines += ["![letters right and bits per minute against repetitions](letters.png)", ""]
    for of in DATA_SETS:
        lines += table(of, found[of.name])
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines), encoding="utf-8")
        figure(found, options.output.with_suffix(".png"))


if __name__ == "__main__":
    main()
