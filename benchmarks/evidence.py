"""Is the stated error rate kept, how soon, and what is typed when nobody looks.

    python benchmarks/evidence.py --results evidence.jsonl [--subjects 50] [--letters 100]
        [--output docs/evidence.md]

Simulated subjects, no LSL. Each one (another seed: other noise, another strength of response)
copies 20 letters for calibration and then a session of further letters, all through the online
chain. The decoder is a shrinkage LDA on the first 3, 5, 8 or 20 calibration letters. The same
session is decided with dynamic stopping at a stated error rate, and after fixed numbers of
repetitions. In a third recording of ten minutes the subject has no response at all: nobody looks.

Each subject's results are a line of the results file. A run that was stopped goes on with the next
subject. Seconds a letter are those of the flashes used plus cue and pause.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from subject_results import each_subject

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config, Simulation, Stopping
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision, Score
from bci_online.metrics import auc, proportion_interval
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789_"
RATES = (0.01, 0.05, 0.1)
CALIBRATIONS = (3, 5, 8, 20)
FIXED = (3, 5, 8, 15)
RESPONSES_UV = (6.0, 7.0, 8.0, 9.0, 10.0)
"""Strength of the response: AUCs of single flashes from about 0.75 to 0.92."""

NOBODY_LETTERS = 17
"""Letters of 15 repetitions in ten minutes."""

N_DRAWS = 2000


class Way(msgspec.Struct, frozen=True):
    """What came of one session, decided in one way."""

    calibration: int
    rate: float
    repetitions: int
    letters: int
    decided: int
    wrong: int
    flashes: int


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject; ``typed`` are letters typed in ten minutes of nobody."""

    seed: int
    letters: int
    auc: float
    ways: tuple[Way, ...]
    typed: dict[str, int]


def configured(seed: int, rate: float, *, looks: bool = True) -> Config:
    """Return the speller for one subject, who may not be looking."""
    response = RESPONSES_UV[seed % len(RESPONSES_UV)] if looks else 0.0
    own = {} if looks else {"vep_uv": 0.0}
    return Config(
        simulation=Simulation(seed=seed, p300_uv=response, **own),
        stopping=Stopping(error_rate=rate),
    )


def messages_of(recording: Path, decoder: Decoder, repetitions: int = 0) -> list[object]:
    """Run a recording through the chain, dynamically or with a fixed number of repetitions."""
    source = XdfSource(recording, chunk_s=1.0)
    source.open()
    chain, _ = online_chain(decoder, source.spec, not repetitions, repetitions or None)
    found = [m for reading in iter(source.read, None) for m in chain.push(reading)]
    return [*found, *chain.finish()]


def decisions_of(recording: Path, decoder: Decoder, repetitions: int = 0) -> list[Decision]:
    """Return the decisions of a recording."""
    found = messages_of(recording, decoder, repetitions)
    return [message for message in found if isinstance(message, Decision)]


def trained(calibration: Path, seed: int, n: int, rate: float, output: Path) -> Decoder:
    """Train on the first letters of a calibration."""
    asked = TrainingRequest(
        recordings=(calibration,),
        method="lda",
        config=configured(seed, rate),
        output=output,
        trials=frozenset(range(1, n + 1)),
        evaluation=False,
    )
    train(asked)
    return read_decoder(output)


def ways_of(
    seed: int, calibration: Path, session: Path, folder: Path
) -> Iterator[tuple[Way, Decoder]]:
    """Decide a session after each calibration, at each stated rate."""
    for n in CALIBRATIONS:
        for rate in RATES:
            decoder = trained(calibration, seed, n, rate, folder / f"{n}-{rate}.decoder")
            yield counted(decisions_of(session, decoder), n, rate, 0), decoder
    for repetitions in FIXED:
        yield counted(decisions_of(session, decoder, repetitions), n, 0.0, repetitions), decoder


def counted(decisions: list[Decision], n: int, rate: float, repetitions: int) -> Way:
    """Count what was decided, and how."""
    answered = [decision for decision in decisions if decision.value is not None]
    return Way(
        calibration=n,
        rate=rate,
        repetitions=repetitions,
        letters=len(decisions),
        decided=len(answered),
        wrong=sum(decision.value != decision.truth for decision in answered),
        flashes=sum(decision.flashes for decision in decisions),
    )


def one_subject(seed: int, n_letters: int, folder: Path) -> Subject:
    """Calibrate, spell, look away, and decide in every way."""
    rng = np.random.default_rng(seed)
    lengths = max(CALIBRATIONS), n_letters, NOBODY_LETTERS
    paths = [folder / f"{part}.xdf" for part in ("calibration", "session", "nobody")]
    for part, (n, path) in enumerate(zip(lengths, paths, strict=True)):
        word = "".join(rng.choice(list(ALPHABET), n))
        write_recording(configured(seed, 0.05, looks=part < 2), word, path, seed * 10 + part)
    ways, typed = [], {}
    for way, decoder in ways_of(seed, paths[0], paths[1], folder):
        ways.append(way)
        if way.rate == 0.05:
            nobody = decisions_of(paths[2], decoder)
            typed[str(way.calibration)] = sum(one.value is not None for one in nobody)
    scores = [m for m in messages_of(paths[1], decoder, 15) if isinstance(m, Score)]
    labels = np.array(["/target" in score.marker.text for score in scores])
    values = np.array([score.values[1] for score in scores])
    return Subject(seed, n_letters, auc(labels, values), tuple(ways), typed)


def table(subjects: list[Subject], config: Config) -> list[str]:
    """Return the lines of the page's tables."""
    flash, gap = config.presentation.frames()
    soa_s = (flash + gap) / config.presentation.refresh_hz
    around_s = config.presentation.cue_s + config.presentation.pause_s
    n_codes = len(config.layout.symbols_of_code)
    grouped: dict[tuple[int, float, int], list[Way]] = defaultdict(list)
    for subject in subjects:
        for way in subject.ways:
            grouped[way.calibration, way.rate, way.repetitions].append(way)
    lines = [
        "| calibration letters | stopping | decided | wrong of the decided, % (95 % interval over "
        "subjects) | repetitions | s a letter |",
        "|---|---|---|---|---|---|",
    ]
    for (n, rate, repetitions), ways in grouped.items():
        how = f"{100 * rate:g} % stated" if rate else f"{repetitions} repetitions"
        wrong = np.array([way.wrong for way in ways])
        decided = np.array([way.decided for way in ways])
        letters = sum(way.letters for way in ways)
        flashes = sum(way.flashes for way in ways) / letters
        low, high = interval(wrong, decided)
        lines.append(
            f"| {n} | {how} | {decided.sum()} of {letters} "
            f"| {100 * wrong.sum() / max(decided.sum(), 1):.1f} ({100 * low:.1f}-{100 * high:.1f}) "
            f"| {flashes / n_codes:.1f} | {flashes * soa_s + around_s:.1f} |"
        )
    lines += [
        "",
        "Nobody looks, ten minutes each, decoders at a stated 5 %:",
        "",
        "| calibration letters | letters typed | in minutes | most of one subject |",
        "|---|---|---|---|",
    ]
    for n in CALIBRATIONS:
        typed = [subject.typed[str(n)] for subject in subjects]
        lines.append(f"| {n} | {sum(typed)} | {10 * len(typed)} | {max(typed)} |")
    return lines


def interval(wrong: np.ndarray, decided: np.ndarray) -> tuple[float, float]:
    """Return a 95 % bootstrap interval of the error rate over subjects."""
    if not wrong.any():
        return proportion_interval(0, int(decided.sum()))
    rng = np.random.default_rng(0)
    drawn = rng.integers(wrong.size, size=(N_DRAWS, wrong.size))
    low, high = np.percentile(wrong[drawn].sum(1) / decided[drawn].sum(1), [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=50)
    parser.add_argument("--letters", type=int, default=100)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        lambda seed, folder: one_subject(seed, options.letters, folder),
        belongs=lambda one: one.letters == options.letters,
        words=lambda one: f"AUC {one.auc:.3f}, typed by nobody {one.typed}",
    )
    aucs = [subject.auc for subject in subjects]
    page = [
        "# Evidence: is the stated error rate kept?",
        "",
        *__doc__.splitlines()[5:],
        "",
        f"Made by `python benchmarks/evidence.py --results evidence.jsonl --subjects "
        f"{options.subjects} --letters {options.letters} --output docs/evidence.md`: "
        f"{len(subjects)} subjects, AUC of single flashes {min(aucs):.2f} to {max(aucs):.2f}.",
        "",
        *table(subjects, Config()),
        "",
    ]
    print("\n".join(page))
    if options.output:
        options.output.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
