r"""Markers that come early or late, and whether a speller notices it within two letters.

    python benchmarks/shifted_markers.py --results shifted.jsonl [--subjects 20]
    python benchmarks/shifted_markers.py --results own.jsonl --config C.toml \
        --calibration A.xdf B.xdf --spelled C.xdf D.xdf

Simulated subjects, no LSL, or recordings of one subject. A simulated subject copies 8 letters for
calibration and spells five runs, with 8 repetitions a letter; the decoder is a shrinkage LDA. The
first two letters of each run are decoded with all markers shifted. A shift is noticed by any alarm,
and named by one of the right size, to 30 ms.

Each subject's results are a line of the results file. A run that was stopped goes on with the next
subject.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from simulated_subjects import ALPHABET, RESPONSES_UV
from subject_results import each_subject

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config, Presentation, Simulation
from bci_online.config.reading import read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Marker, Message, Status
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CH_NAMES = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
CALIBRATION, RUNS, LETTERS = 8, 5, 2
SHIFTS_MS = (0, 60, -60, 100, -100, 500, -500)
RIGHT_MS = 30


class Shift(msgspec.Struct, frozen=True):
    """In how many runs a shift was noticed, and named with its size."""

    milliseconds: int
    runs: int
    noticed: int
    named: int


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    shifts: tuple[Shift, ...]


def alarms(path: Path, decoder: Decoder, milliseconds: int) -> list[str]:
    """Return the alarms about time in the first letters of a run whose markers are shifted."""
    source = XdfSource(path, chunk_s=1.0)
    source.open()
    chain, _ = online_chain(decoder, source.spec)
    messages: list[Message] = []
    n_letters = 0
    for reading in iter(source.read, None):
        markers: list[Marker] = []
        for marker in reading.markers:
            n_letters += marker.text.startswith("trial/start")
            # The next letter's start is the marker by which the last one is judged.
            is_next = n_letters == LETTERS + 1 and marker.text.startswith("trial/start")
            if n_letters <= LETTERS or is_next:
                time = marker.time + milliseconds / 1000
                markers.append(msgspec.structs.replace(marker, time=time))
        messages += chain.push(msgspec.structs.replace(reading, markers=tuple(markers)))
    statuses = [message for message in messages if isinstance(message, Status)]
    return [status.text for status in statuses if status.kind == "misaligned"]


def found(paths: Sequence[Path], decoder: Decoder) -> tuple[Shift, ...]:
    """Return the results of all shifts over some runs."""
    shifts = []
    for milliseconds in SHIFTS_MS:
        said = [alarms(path, decoder, milliseconds) for path in paths]
        named = [any(is_right(text, milliseconds) for text in texts) for texts in said]
        shifts.append(Shift(milliseconds, len(paths), sum(map(bool, said)), sum(named)))
    return tuple(shifts)


def is_right(text: str, milliseconds: int) -> bool:
    """Return whether an alarm names a shift of the markers; later markers, earlier responses."""
    match = re.search(r"come (\d+) ms (later|earlier)", text)
    if match is None or "give or take" in text:
        return False
    way = -1 if match.group(2) == "later" else 1
    return abs(way * int(match.group(1)) - milliseconds) <= RIGHT_MS


def trained(paths: Sequence[Path], config: Config, output: Path) -> Decoder:
    """Return a shrinkage LDA."""
    train(
        TrainingRequest(
            recordings=tuple(paths), method="lda", config=config, output=output, evaluation=False
        )
    )
    return read_decoder(output)


def one_subject(seed: int, folder: Path) -> Subject:
    """Calibrate, and spell with shifted markers."""
    rng = np.random.default_rng(seed)
    response = RESPONSES_UV[seed % len(RESPONSES_UV)]
    config = Config(
        simulation=Simulation(seed=seed, p300_uv=response, ch_names=CH_NAMES),
        presentation=Presentation(repetitions=8),
    )

    def written(number: int, n: int) -> Path:
        path = folder / f"{number}.xdf"
        write_recording(config, "".join(rng.choice(list(ALPHABET), n)), path, seed * 10 + number)
        return path

    decoder = trained([written(0, CALIBRATION)], config, folder / "own.decoder")
    runs = [written(number, LETTERS + 1) for number in range(1, RUNS + 1)]
    return Subject(seed, found(runs, decoder))


def table(subjects: Sequence[Sequence[Shift]]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| markers come | noticed | named, to 30 ms |"
    yield "|---|---|---|"
    for same in zip(*subjects, strict=True):
        runs, noticed, named = (
            sum(getattr(shift, part) for shift in same) for part in ("runs", "noticed", "named")
        )
        how = f"{same[0].milliseconds:+d} ms" if same[0].milliseconds else "in time"
        yield f"| {how} | {noticed} of {runs} | {f'{named} of {runs}' if named else '–'} |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=20)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--calibration", type=Path, nargs="+")
    parser.add_argument("--spelled", type=Path, nargs="+", default=[])
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    if options.calibration:
        config = read_config(options.config)
        decoder = trained(options.calibration, config, options.results.with_suffix(".decoder"))
        print("\n".join(table([found(options.spelled, decoder)])))
        return
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        one_subject,
        belongs=lambda one: one.shifts[0].runs == RUNS,
        words=lambda one: f"{sum(shift.noticed for shift in one.shifts[1:])} noticed",
    )
    print("\n".join(table([one.shifts for one in subjects])))


if __name__ == "__main__":
    main()
