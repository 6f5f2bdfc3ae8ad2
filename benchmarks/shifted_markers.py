r"""Markers that come early or late, and whether a speller notices it within two letters.

    python -m benchmarks.shifted_markers --results shifted.jsonl [--subjects 90]
    python -m benchmarks.shifted_markers --results own.jsonl --config C.toml \
        --calibration A.xdf B.xdf --spelled C.xdf D.xdf

Simulated subjects, no LSL, or recordings of one subject. A simulated subject copies 8 letters for
calibration and spells twelve, with 8 repetitions a letter; the decoder is a shrinkage LDA. The
scores at shifted onsets are those that the chain makes; each two letters are judged anew, as if all
markers came early or late. Of recordings the markers themselves are shifted, in the first two
letters. A shift is noticed by any alarm, and named by one of the right size, to 30 ms. All twelve
letters, one after the other and in time, show how often there is a false alarm.

Each subject's results are a line of the results file. A run that was stopped goes on with the next
subject.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config, Presentation, Simulation, preprocessing_for
from bci_online.config.reading import read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.decoding.linear import linear_scores
from bci_online.markers import Flash, TrialStart, parse_marker
from bci_online.messages import Marker, Message, Status
from bci_online.paradigms.p300.alignment import LAGS, Alignment
from bci_online.paradigms.p300.flash_pace import FlashPattern
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.simulated_recording import copy_spelling
from benchmarks.simulated_subjects import ALPHABET, RESPONSES_UV, cut, filtered
from benchmarks.subject_results import each_subject, parser_of
from calibration.p300.fitting import FittedDecoder, LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CH_NAMES = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
CALIBRATION, SPELLED, LETTERS = 8, 12, 2
SHIFTS_MS = (0, 60, -60, 100, -100, 500, -500)
STEP_S = float(LAGS[1] - LAGS[0])
BEYOND = max(SHIFTS_MS) // round(1000 * STEP_S)
"""Lags that are scored on either side beyond those that the speller looks at."""
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
    false_alarms: int


class LaggedLetter(NamedTuple):
    """What a letter shows at each lag: see `Alignment.observe`."""

    lines: list[tuple[str, ...]]
    scores: NDArray[np.float64]
    likeness: NDArray[np.float64]


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


def lagged(config: Config, word: str, fitted: FittedDecoder) -> list[LaggedLetter]:
    """Return what each letter of a session shows, at more lags than the speller looks at."""
    markers, duration_s = copy_spelling(config, word)
    preprocessing = preprocessing_for(config, SimulatedAmplifier(config.simulation).spec)
    signal = filtered(config, markers, duration_s, preprocessing)
    pattern = FlashPattern(fitted.center, fitted.correlation, fitted.band_rms)
    lags = STEP_S * np.arange(-BEYOND, BEYOND + 1)
    lags = np.concatenate([lags[:BEYOND] + LAGS[0], LAGS, lags[BEYOND + 1 :] + LAGS[-1]])
    steps = np.add.outer(lags, preprocessing.epoch.latencies)
    layout = config.layout.symbols_of_code
    shown: list[list[tuple[tuple[str, ...], float]]] = []
    for marker in markers:
        event = parse_marker(marker.text)
        if isinstance(event, TrialStart):
            shown.append([])
        elif isinstance(event, Flash):
            shown[-1].append((layout[event.code], marker.time))
    letters = []
    for flashes in shown:
        total, scores = np.zeros(1), []
        for _, time in flashes:
            rows = np.round((time + steps) * preprocessing.sfreq).astype(int)
            epochs = signal[:, np.clip(rows, 0, signal.shape[1] - 1)].transpose(1, 0, 2)
            total = total + epochs
            weights = fitted.coef, fitted.center, fitted.scale, fitted.intercept
            scores.append(linear_scores(epochs, *weights))
        likeness = pattern.likeness(total / len(flashes))
        letters.append(LaggedLetter([line for line, _ in flashes], np.stack(scores), likeness))
    return letters


def judged(
    letters: Sequence[LaggedLetter], fitted: FittedDecoder, config: Config, milliseconds: int = 0
) -> list[str]:
    """Return the alarms of some letters whose markers are shifted."""
    alignment = Alignment(fitted.evidence)
    soa_s = sum(config.presentation.frames()) / config.presentation.refresh_hz
    first = BEYOND + round(milliseconds / (1000 * STEP_S))
    seen = slice(first, first + LAGS.size)
    found = [
        alignment.observe(number, one.lines, one.scores[:, seen], one.likeness[seen], soa_s)
        for number, one in enumerate(letters, start=1)
    ]
    return [one.alarm(0.0).text for one in found if one is not None]


def one_subject(seed: int) -> Subject:
    """Calibrate, and spell with shifted markers."""
    rng = np.random.default_rng(seed)
    response = RESPONSES_UV[seed % len(RESPONSES_UV)]
    known, spelled = (
        Config(
            simulation=Simulation(seed=10 * seed + part, p300_uv=response, ch_names=CH_NAMES),
            presentation=Presentation(repetitions=8),
        )
        for part in (0, 1)
    )
    words = ["".join(rng.choice(list(ALPHABET), n)) for n in (CALIBRATION, SPELLED)]
    epochs = cut(known, words[0])
    recorded = RecordedEpochs(epochs, cut_again=lambda _: epochs)
    fitted = LinearMethod(name="lda").fit(recorded, np.arange(len(epochs)), known)
    letters = lagged(spelled, words[1], fitted)
    shifts = []
    for milliseconds in SHIFTS_MS:
        said = [
            judged(letters[start : start + LETTERS], fitted, spelled, milliseconds)
            for start in range(0, SPELLED, LETTERS)
        ]
        named = [any(is_right(text, milliseconds) for text in texts) for texts in said]
        shifts.append(Shift(milliseconds, len(said), sum(map(bool, said)), sum(named)))
    return Subject(seed, tuple(shifts), len(judged(letters, fitted, spelled)))


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
    parser = parser_of(__doc__, 90)
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
        lambda seed, _: one_subject(seed),
        belongs=lambda one: sum(shift.runs for shift in one.shifts) > 0,
        words=lambda one: f"{sum(shift.noticed for shift in one.shifts[1:])} noticed",
    )
    print("\n".join(table([one.shifts for one in subjects])))
    n = sum(one.false_alarms for one in subjects)
    print(f"\n{n} alarms in {SPELLED * len(subjects)} letters, markers in time")


if __name__ == "__main__":
    main()
