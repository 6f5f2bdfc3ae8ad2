"""Does the stated error rate hold, and what does stopping early save? Simulated subjects, no LSL.

    python benchmarks/evidence.py [--subjects 4] [--letters 200] [--output docs/evidence.md]

Each simulated subject (another seed: other noise, other orders; single-flash AUC about 0.85) copies
24 letters for calibration and then some hundred letters, all through the online chain. The decoder
is a shrinkage LDA. The same flashes are decided by dynamic stopping at a stated error rate and
after fixed numbers of repetitions. Seconds per letter are those of the flashes used plus cue and
pause; information is Wolpaw's over that time, letters without a decision counted as wrong.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config, Simulation, Stopping
from bci_online.messages import Decision
from bci_online.metrics import itr_bits_per_min, proportion_interval
from bci_online.runtime.assembly import load_decoder, online_chain
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789_"
RATES = (0.01, 0.05)
FIXED = (2, 3, 4, 5, 6, 8, 10, 15)
CALIBRATION_LETTERS = 24


def configured(seed: int, error_rate: float) -> Config:
    """Return the default speller for one subject."""
    return Config(simulation=Simulation(seed=seed), stopping=Stopping(error_rate=error_rate))


def decided(recording: Path, decoder: object, repetitions: int | None) -> list[Decision]:
    """Decide a recording dynamically, or after so many repetitions."""
    source = XdfSource(recording, chunk_s=1.0)
    source.open()
    chain, _ = online_chain(decoder, source.spec, repetitions is None, repetitions)
    messages = [m for reading in iter(source.read, None) for m in chain.push(reading)]
    return [m for m in messages + chain.finish() if isinstance(m, Decision)]


def one_subject(seed: int, n_letters: int, folder: Path) -> dict[str, list[Decision]]:
    """Calibrate, spell, and decide in every way."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list(ALPHABET), n)) for n in (CALIBRATION_LETTERS, n_letters)]
    paths = [folder / f"{seed}-{part}.xdf" for part in ("calibration", "session")]
    for part, (word, path) in enumerate(zip(words, paths, strict=True)):
        write_recording(configured(seed, 0.05), word, path, seed * 10 + part)
    found = {}
    for rate in RATES:
        decoder_path = folder / f"{seed}-{rate}.decoder"
        asked = TrainingRequest(
            recordings=(paths[0],),
            method="lda",
            config=configured(seed, rate),
            output=decoder_path,
            evaluation=False,
        )
        train(asked)
        decoder = load_decoder(decoder_path)
        found[f"dynamic, {100 * rate:g} % stated"] = decided(paths[1], decoder, None)
    for repetitions in FIXED:
        found[f"{repetitions} repetitions"] = decided(paths[1], decoder, repetitions)
    return found


def row(way: str, decisions: list[Decision], config: Config) -> str:
    """Return a line of the table."""
    n_codes = len(config.layout.symbols_of_code)
    flash, gap = config.presentation.frames()
    soa_s = (flash + gap) / config.presentation.refresh_hz
    wrong = sum(d.value not in {None, d.truth} for d in decisions)
    answered = sum(d.value is not None for d in decisions)
    right = answered - wrong
    seconds = [
        d.flashes * soa_s + config.presentation.cue_s + config.presentation.pause_s
        for d in decisions
    ]
    low, high = (100 * share for share in proportion_interval(wrong, answered))
    bits = itr_bits_per_min(len(ALPHABET), right / len(decisions), len(decisions), sum(seconds))
    repetitions = np.mean([d.flashes / n_codes for d in decisions])
    return (
        f"| {way} | {answered} of {len(decisions)} | {100 * wrong / answered:.1f} "
        f"({low:.1f}-{high:.1f}) | {repetitions:.1f} | {np.mean(seconds):.1f} | {bits:.1f} |"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=4)
    parser.add_argument("--letters", type=int, default=200)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    pooled: dict[str, list[Decision]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, options.subjects + 1):
            for way, decisions in one_subject(seed, options.letters, Path(folder)).items():
                print(seed, row(way, decisions, Config()))
                pooled.setdefault(way, []).extend(decisions)
    lines = [
        "# Evidence: is the stated error rate kept?",
        "",
        *__doc__.splitlines()[4:],
        "",
        f"Made by `python benchmarks/evidence.py --subjects {options.subjects} "
        f"--letters {options.letters} --output docs/evidence.md`.",
        "",
        "| way | decided | wrong of the decided, % (95 % interval) | repetitions | s per letter "
        "| bit/min |",
        "|---|---|---|---|---|---|",
        *(row(way, decisions, Config()) for way, decisions in pooled.items()),
        "",
    ]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
