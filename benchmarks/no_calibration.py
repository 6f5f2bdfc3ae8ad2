"""Letters right from the first one on, without any calibration.

    python benchmarks/no_calibration.py --results no_calibration.jsonl [--subjects 200]
        [--recordings RECORDINGS] [--output docs/no-calibration.md]

Each recording goes through the online chain with a decoder that was never calibrated
(`bci_online.runtime.no_calibration`); every recording is a cold start. Simulated subjects (each
seed another: other noise, another strength of response) copy eight random letters; then ten
minutes are recorded in which nobody looks. A letter is decided with dynamic stopping at a stated
5 %, or after ten repetitions. "Not decided" means that the letter is asked again.

Each subject is a line of the results file. A run that was stopped goes on with the next one.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from decided_letters import replayed
from real_letters import CODED, CONFIGS, FILES
from simulated_subjects import ALPHABET, NOBODY_LETTERS, configured
from subject_results import each_subject, parser_of, write_page

from bci_online.config import Config, read_config
from bci_online.metrics import proportion_interval
from bci_online.runtime.no_calibration import uncalibrated_decoder
from bci_online.runtime.simulated_recording import write_recording
from bci_online.runtime.sources import recording

LETTERS = 8
AUCS = (0.75, 0.80, 0.85, 0.89, 0.92)
"""Of single flashes, at `WIDE_RESPONSES_UV`, with a trained decoder: docs/evidence.md."""

FIXED = 10


class Letter(msgspec.Struct, frozen=True, array_like=True):
    """What was decided; an empty value is no decision."""

    value: str
    truth: str
    flashes: int


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    dynamic: tuple[Letter, ...]
    fixed: tuple[Letter, ...]
    typed: int


def spelled(path: Path, config: Config, repetitions: int = 0) -> tuple[Letter, ...]:
    """Decide a recording's letters; without `repetitions` the stopping rule ends them."""
    source = recording(path, config, 1.0)
    source.open()
    decoder = uncalibrated_decoder(config, source.spec)
    return tuple(
        Letter(one.value or "", one.truth, one.flashes)
        for one in replayed(source, decoder, config.markers, repetitions)
    )


def one_subject(seed: int, folder: Path) -> Subject:
    """Let a subject spell in both ways, then look away."""
    rng = np.random.default_rng(seed)
    paths = []
    for looks, n in ((True, LETTERS), (False, NOBODY_LETTERS)):
        config = configured(seed, 0.05, looks=looks)
        paths.append(folder / f"{looks}.xdf")
        write_recording(config, "".join(rng.choice(list(ALPHABET), n)), paths[-1], seed * 10 + 5)
    attended, nobody = paths
    return Subject(
        seed,
        spelled(attended, config),
        spelled(attended, config, FIXED),
        sum(letter.value != "" for letter in spelled(nobody, config)),
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


def simulated_lines(subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield the tables of simulated subjects."""
    yield "## Simulated subjects"
    yield ""
    yield "| AUC | subjects | dynamic: right | wrong | repetitions | after ten: right | wrong |"
    yield "|---|---|---|---|---|---|---|"
    for place, area in enumerate(AUCS):
        own = [one for one in subjects if one.seed % len(AUCS) == place]
        dynamic = [letter for one in own for letter in one.dynamic]
        fixed = [letter for one in own for letter in one.fixed]
        if own:
            shown = f"{right_of(dynamic)} | {repetitions_of(dynamic)} | {right_of(fixed)}"
            yield f"| about {area:.2f} | {len(own)} | {shown} |"
    yield ""
    yield "By the letter's place, subjects with an AUC of 0.80 or more:"
    yield ""
    yield "| letter | dynamic: right | wrong | repetitions | after ten: right | wrong |"
    yield "|---|---|---|---|---|---|"
    able = [one for one in subjects if one.seed % len(AUCS)]
    for place in range(LETTERS):
        dynamic = [one.dynamic[place] for one in able]
        fixed = [one.fixed[place] for one in able]
        yield (
            f"| {place + 1} | {right_of(dynamic)} | {repetitions_of(dynamic)} | {right_of(fixed)} |"
        )
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
    parser = parser_of(__doc__, 200)
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
    )
    real = [] if options.recordings is None else ["", *real_lines(options.recordings)]
    write_page(
        "Spelling without calibration",
        __doc__,
        f"python benchmarks/no_calibration.py --results no_calibration.jsonl --subjects "
        f"{options.subjects}{' --recordings RECORDINGS' * (options.recordings is not None)} "
        "--output docs/no-calibration.md",
        [*simulated_lines(subjects), *real],
        options.output,
    )


if __name__ == "__main__":
    main()
