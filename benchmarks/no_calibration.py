"""Letters right from the first one on, without any calibration.

    python -m benchmarks.no_calibration [--subjects 200] [--recordings RECORDINGS]
        [--output docs/no-calibration.md]

Simulated subjects (each seed another: other noise, another strength of response) copy eight random
letters; then ten minutes are simulated in which nobody looks. The code that decides online
(`bci_online.paradigms.p300.uncalibrated`) decides by their epochs; every session is a cold start.
Real recordings go through the whole online chain. A letter is decided with dynamic stopping at a
stated 5 %, or after ten repetitions. "Not decided" means that the letter is asked again.

From letter 3 on, 95 % of letters should be right after ten repetitions where the AUC is 0.80 or
more. They are where it is 0.85 or more; with 0.80, 88 % are. The letters before say too little of
the response for more: told their true labels, a shrinkage-LDA has as many likeliest symbols right
in the same subjects as there are without labels (60 subjects: 95 %; where the AUC is about 0.80,
82 % against 84 %), and the best one has 96 %. What is likeliest but not surer than 95 % is asked
again: with dynamic stopping, which allows fifteen repetitions, more than 95 % of all these letters
are right.

"Likeliest" is the symbol that is best after ten repetitions, whether it is decided or not. "Read
again" is the same once all eight letters are there, read together.

A prior for smooth responses (neighbouring electrodes and latencies alike) was tried: at an AUC of
0.75 simulated subjects gain much (56 % of letters in the place of 28 %), and real recordings lose
as much: 10 of 16 letters after ten repetitions in the place of 14. It is not used.

Each subject is a line of `benchmarks/results/no_calibration.jsonl`, which says what code made it. A
run that was stopped goes on with the next one. With `--again 5`, rows of other code are kept where
five of them, computed again, come out alike; they then name both. The subjects with true labels are
from `python -m benchmarks.no_calibration_floor`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import Config, Stopping, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.markers import Flash, Layout, TrialStart
from bci_online.messages import Decision, Epoch, Marker
from bci_online.metrics import proportion_interval
from bci_online.paradigms.p300.earlier_response import EarlierResponse
from bci_online.paradigms.p300.mean_differences import consistent_symbols, letter_sums
from bci_online.paradigms.p300.uncalibrated import UncalibratedSpeller
from bci_online.paradigms.p300.whitening import whitened
from bci_online.runtime.no_calibration import EPOCH, uncalibrated_decoder
from bci_online.runtime.sources import recording
from benchmarks.decided_letters import ScoredFlashes, decided_by, replayed
from benchmarks.kept_rows import code_of
from benchmarks.no_calibration_floor import floor_lines
from benchmarks.real_letters import CODED, CONFIGS, FILES
from benchmarks.simulated_subjects import ALPHABET, NOBODY_LETTERS, cut, uncalibrated
from benchmarks.subject_results import each_subject, parser_of, write_page
from calibration.p300.epochs import EpochSet

LETTERS = 8
AUCS = (0.75, 0.80, 0.85, 0.89, 0.92)
"""Of single flashes, at `WIDE_RESPONSES_UV`, with a trained decoder: docs/evidence.md."""

FIXED = 10
UNCALIBRATED = "bci_online.paradigms.p300.uncalibrated"


class Letter(msgspec.Struct, frozen=True, array_like=True):
    """What was decided; an empty value is no decision. `best` is the likeliest symbol."""

    value: str
    truth: str
    flashes: int
    best: str = ""


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    dynamic: tuple[Letter, ...]
    fixed: tuple[Letter, ...]
    again: tuple[str, ...]
    typed: int


def letters_of(decisions: Sequence[Decision]) -> tuple[Letter, ...]:
    """Return what is kept of decisions."""
    return tuple(
        Letter(
            one.value or "",
            one.truth,
            one.flashes,
            max(one.evidence, key=one.evidence.__getitem__, default=""),
        )
        for one in decisions
    )


def spelled(path: Path, config: Config, repetitions: int = 0) -> tuple[Letter, ...]:
    """Decide a recording's letters; without `repetitions` the stopping rule ends them."""
    source = recording(path, config, 1.0)
    source.open()
    decoder = uncalibrated_decoder(config, source.spec)
    return letters_of(replayed(source, decoder, config.markers, repetitions))


def read_epochs(epochs: EpochSet, decoder: Decoder, repetitions: int = 0) -> tuple[Letter, ...]:
    """Decide letters one after the other, as the online chain would."""
    header = decoder.header
    stopping = header.stopping
    if repetitions:
        stopping = Stopping(min_repetitions=1, max_repetitions=repetitions)
    speller = UncalibratedSpeller(
        header.layout.symbols_of_code, header.evidence, stopping, EPOCH.tmax,
        dynamic=not repetitions,
        response=EarlierResponse(
            decoder.arrays.get("response"), EPOCH.latencies.size, EPOCH.step
        ),
    )  # fmt: skip
    letters = []
    for number, letter in enumerate(epochs.letters):
        flashes = []
        for row in np.flatnonzero(epochs.letter == number).tolist():
            flash, time = Flash(int(epochs.code[row])), float(epochs.time[row])
            marker = Marker(flash.text(), time)
            epoch = Epoch(epochs.X[row], marker, row, time, epochs.peak_to_peak[row])
            flashes.append((flash, time, epoch))
        start = TrialStart(number + 1, letter.truth)
        letters.append(ScoredFlashes(Layout(letter.symbols_of_code), start, flashes))
    return letters_of(decided_by(speller, letters))


def read_together(epochs: EpochSet, repetitions: int) -> tuple[str, ...]:
    """Return the symbols of all letters, read together after so many repetitions."""
    rows, symbols, lit = [], [], []
    for number, letter in enumerate(epochs.letters):
        own = np.flatnonzero(epochs.letter == number)[: repetitions * len(letter.symbols_of_code)]
        lines = [letter.symbols_of_code[int(code)] for code in epochs.code[own]]
        symbols.append(tuple(dict.fromkeys(s for line in lines for s in line)))
        lit.append(np.array([[float(one in line) for line in lines] for one in symbols[-1]]))
        rows.append(own)
    ends = np.cumsum([len(own) for own in rows])[:-1]
    parts = np.split(whitened(epochs.X[np.concatenate(rows)]), ends)
    sums = [letter_sums(part, one).sums for part, one in zip(parts, lit, strict=True)]
    chosen = consistent_symbols(sums)
    return tuple(own[place] for own, place in zip(symbols, chosen, strict=True))


def one_subject(seed: int, _: Path) -> Subject:
    """Let a subject spell in both ways, then look away."""
    rng = np.random.default_rng(seed)
    found = []
    for looks, n in ((True, LETTERS), (False, NOBODY_LETTERS)):
        config = uncalibrated(seed, looks=looks)
        decoder = uncalibrated_decoder(config, SimulatedAmplifier(config.simulation).spec)
        found.append((cut(config, "".join(rng.choice(list(ALPHABET), n))), decoder))
    attended, nobody = found
    return Subject(
        seed,
        read_epochs(*attended),
        read_epochs(*attended, FIXED),
        read_together(attended[0], FIXED),
        sum(letter.value != "" for letter in read_epochs(*nobody)),
    )


def right_of(letters: Sequence[Letter]) -> str:
    """Return how many letters are right, with an interval, and how many are wrong."""
    n_right = sum(letter.value == letter.truth for letter in letters)
    n_wrong = sum(letter.value not in ("", letter.truth) for letter in letters)
    low, high = proportion_interval(n_right, len(letters))
    return (
        f"{n_right} of {len(letters)} ({100 * n_right / len(letters):.0f} %, "
        f"{100 * low:.0f}-{100 * high:.0f}) | {n_wrong}"
    )


def repetitions_of(letters: Sequence[Letter], n_codes: int = 12) -> str:
    """Return the mean number of repetitions of a letter."""
    return f"{sum(letter.flashes for letter in letters) / n_codes / len(letters):.1f}"


HEADER = (
    "dynamic: right | wrong | repetitions | after ten: right | wrong | likeliest right | "
    "read again right"
)


def share_of(right: Sequence[bool]) -> str:
    """Return how many are right, with an interval."""
    low, high = proportion_interval(sum(right), len(right))
    return (
        f"{sum(right)} of {len(right)} ({100 * sum(right) / len(right):.0f} %, "
        f"{100 * low:.0f}-{100 * high:.0f})"
    )


def cells_of(subjects: Sequence[Subject], places: Sequence[int]) -> str:
    """Return the cells of letters at these places."""
    dynamic = [one.dynamic[place] for one in subjects for place in places]
    fixed = [one.fixed[place] for one in subjects for place in places]
    again = [one.again[place] == one.fixed[place].truth for one in subjects for place in places]
    likeliest = [letter.best == letter.truth for letter in fixed]
    return (
        f"{right_of(dynamic)} | {repetitions_of(dynamic)} | {right_of(fixed)} | "
        f"{share_of(likeliest)} | {share_of(again)}"
    )


def simulated_lines(subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield the tables of simulated subjects."""
    every, late = range(LETTERS), range(2, LETTERS)
    able = [one for one in subjects if one.seed % len(AUCS)]
    yield "## Simulated subjects"
    yield ""
    yield f"| AUC | subjects | {HEADER} |"
    yield "|---" * 9 + "|"
    for place, area in enumerate(AUCS):
        own = [one for one in subjects if one.seed % len(AUCS) == place]
        if own:
            yield f"| about {area:.2f} | {len(own)} | {cells_of(own, every)} |"
    for least in (1, 2):
        own = [one for one in able if one.seed % len(AUCS) >= least]
        row = f"{AUCS[least]:.2f} or more, from letter 3 on"
        yield f"| {row} | {len(own)} | {cells_of(own, late)} |"
    yield ""
    yield "By the letter's place, subjects with an AUC of 0.80 or more:"
    yield ""
    yield f"| letter | {HEADER} |"
    yield "|---" * 8 + "|"
    for place in every:
        yield f"| {place + 1} | {cells_of(able, [place])} |"
    typed = [one.typed for one in subjects]
    yield ""
    yield (
        f"Nobody looks, ten minutes: {sum(typed)} letters typed by {len(typed)} subjects, "
        f"{np.mean(typed):.2f} in ten minutes; {sum(n > 1 for n in typed)} subjects typed more "
        "than one."
    )


def real_lines(recordings: Path) -> Iterator[str]:
    """Yield the table of real recordings."""
    yield "## Real recordings"
    yield ""
    yield "| recording | asked | dynamic | repetitions | after 5 | after 10 | after 15 |"
    yield "|---|---|---|---|---|---|---|"
    for name in CODED:
        config = read_config(CONFIGS / f"{name}.toml")
        for file in FILES[name]:
            path = recordings / name / file
            dynamic, *fixed = (spelled(path, config, n) for n in (0, 5, 10, 15))
            asked = "".join(letter.truth for letter in dynamic)
            words = ("".join(letter.value or "·" for letter in one) for one in fixed)
            shown = "".join(letter.value or "·" for letter in dynamic)
            yield (
                f"| {name}, {Path(file).stem} | {asked} | {shown} | {repetitions_of(dynamic)} | "
                f"{' | '.join(words)} |"
            )
    yield ""
    yield "A dot is a letter that was not decided."


def main() -> None:
    """Run from the command line."""
    parser = parser_of(__doc__, 200, "no_calibration")
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        one_subject,
        belongs=lambda one: len(one.dynamic) == LETTERS,
        words=lambda one: f"{right_of(one.dynamic)} wrong",
        again=options.again,
        code=code_of(__name__, UNCALIBRATED),
    )
    likeliest = {
        one.seed: [letter.best == letter.truth for letter in one.fixed] for one in subjects
    }
    floor = ["", *floor_lines(likeliest, len(AUCS))]
    real = [] if options.recordings is None else ["", *real_lines(options.recordings)]
    write_page(
        "Spelling without calibration",
        __doc__,
        "python -m benchmarks.no_calibration --subjects 0 "
        f"{'--recordings RECORDINGS ' * (options.recordings is not None)}"
        "--output docs/no-calibration.md",
        [*simulated_lines(subjects), *floor, *real],
        options.output,
    )


if __name__ == "__main__":
    main()
