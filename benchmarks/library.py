"""Letters right from the first one on: with nothing, with others' sessions, with own ones.

    python -m benchmarks.library [--subjects 60] [--recordings RECORDINGS]
        [--output docs/library.md]

Simulated subjects (each seed another: other noise, another strength of response, a response that
comes up to 40 ms earlier or later) copy eight random letters without any calibration, with dynamic
stopping at a stated 5 %. Each session is decided three times by the code that decides online: with
nothing; with a library of six other subjects; and with one earlier session of the subject. A
session of the library has twelve letters of ten repetitions. "Not decided" means that the letter is
asked again.

All simulated subjects respond at the same electrodes. So other subjects help them more than they
help people.

Each subject is a line of `benchmarks/results/library.jsonl`, which says what code made it. A run
that was stopped goes on with the next one.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import Config, EpochSpec, FilterSpec, Presentation, read_config
from bci_online.decoding.uncalibrated import UncalibratedDecoder
from bci_online.messages import StreamSpec
from bci_online.runtime.no_calibration import EPOCH, SENSORS, uncalibrated_decoder
from bci_online.runtime.sources import recording
from benchmarks.kept_rows import code_of
from benchmarks.no_calibration import (
    AUCS,
    UNCALIBRATED,
    Letter,
    read_epochs,
    repetitions_of,
    right_of,
)
from benchmarks.real_letters import CONFIGS, FILES
from benchmarks.simulated_subjects import ALPHABET, configured, cut
from benchmarks.subject_results import each_subject, parser_of, write_page
from calibration.chain_runs import sources_of
from calibration.p300.labelled_epochs import labelled_epochs
from calibration.p300.library.entry import Entry, EntryHeader
from calibration.p300.library.made_entry import made_entry
from calibration.p300.library.start import start_of

HOW = """\
```sh
bci-calibrate library add lab-library monday.xdf --config configs/simulated_p300.toml \\
    --subject 07 --consent "use by this lab"
bci-calibrate library list lab-library --subject 07
bci-calibrate library check lab-library
bci-calibrate train today.xdf --config configs/simulated_p300.toml --library lab-library \\
    -o from-library.decoder
```

`bci-online spell --no-calibration --library lab-library --subject 07` starts from it without any
calibration, and `bci-calibrate library remove lab-library NAME` removes a session for good.
[A short calibration](tutorials/short-calibration.md#a-library-of-earlier-sessions) explains each of
them. In the lab's window the library is the folder `library` of the lab."""

LETTERS = 8
KEPT = 12
OTHERS = 6
SHIFT_S = 0.04
WIDE = EpochSpec(tmin=0.0, tmax=0.9)
WAYS = ("nothing", "others", "own")


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    nothing: tuple[Letter, ...]
    others: tuple[Letter, ...]
    own: tuple[Letter, ...]


def subject_of(seed: int, part: int) -> Config:
    """Return one session of a subject, who responds earlier or later than others."""
    config = configured(seed, 0.05)
    late = float(np.random.default_rng(seed).uniform(-SHIFT_S, SHIFT_S))
    simulation = msgspec.structs.replace(
        config.simulation,
        seed=10 * seed + part,
        p300_latency_s=0.3 + late,
        # Those that are used without calibration.
        ch_names=tuple(name for name in SENSORS if name in config.simulation.ch_names),
    )
    return msgspec.structs.replace(config, simulation=simulation, filter=FilterSpec())


def word_of(seed: int, n: int) -> str:
    """Return random letters."""
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET), n))


def kept(seed: int, part: int) -> tuple[str, Entry]:
    """Return a session of a library."""
    config = msgspec.structs.replace(
        subject_of(seed, part), epoch=WIDE, presentation=Presentation(repetitions=10)
    )
    epochs = cut(config, word_of(10 * seed + part, KEPT))
    header = EntryHeader(preprocessing=epochs.preprocessing, consent="simulated").of(str(seed))
    return str(seed), Entry(header=header, epochs=epochs.X.astype(np.float32), is_target=epochs.y)


@cache
def others() -> UncalibratedDecoder:
    """Return what the other subjects say."""
    return start_of([kept(10_000 + n, 0) for n in range(OTHERS)], "")[0]


def in_each_way(
    config: Config, spec: StreamSpec, word: str, starts: Sequence[UncalibratedDecoder]
) -> Iterator[tuple[Letter, ...]]:
    """Yield a simulated session's letters with nothing, and with each start."""
    epochs = cut(msgspec.structs.replace(config, epoch=EPOCH), word)
    yield read_epochs(epochs, uncalibrated_decoder(config, spec))
    for start in starts:
        yield read_epochs(epochs, uncalibrated_decoder(config, spec, start))


def one_subject(seed: int, _: Path) -> Subject:
    """Let a subject spell, and decide the session in each way."""
    config = subject_of(seed, 1)
    spec = SimulatedAmplifier(config.simulation).spec
    starts = others(), start_of([kept(seed, 2)], "")[0]
    return Subject(seed, *in_each_way(config, spec, word_of(10 * seed + 1, LETTERS), starts))


def simulated_lines(subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield the tables of simulated subjects."""
    yield "## Simulated subjects"
    yield ""
    yield "| AUC | subjects | start from | right | wrong | repetitions |"
    yield "|---|---|---|---|---|---|"
    for place, area in enumerate(AUCS):
        own = [one for one in subjects if one.seed % len(AUCS) == place]
        for way in WAYS if own else ():
            letters = [letter for one in own for letter in getattr(one, way)]
            shown = f"{right_of(letters)} | {repetitions_of(letters)}"
            yield f"| about {area:.2f} | {len(own)} | {way} | {shown} |"
    yield ""
    yield "By the letter's place, all subjects:"
    yield ""
    yield "| letter | start from | right | wrong | repetitions |"
    yield "|---|---|---|---|---|"
    for place in range(LETTERS):
        for way in WAYS:
            letters = [getattr(one, way)[place] for one in subjects]
            yield f"| {place + 1} | {way} | {right_of(letters)} | {repetitions_of(letters)} |"
    yield ""
    able = [one for one in subjects if one.seed % len(AUCS)]
    yield (
        "First letter from which on 90 % are right, subjects with an AUC of 0.80 or more: "
        + ", ".join(f"with {way} {_first_at(able, way)}" for way in WAYS)
        + "."
    )


def _first_at(subjects: Sequence[Subject], way: str) -> str:
    """Return the first letter from which on 90 % of all letters are right."""
    for place in range(LETTERS):
        later = [letter for one in subjects for letter in getattr(one, way)[place:]]
        if sum(letter.value == letter.truth for letter in later) >= 0.9 * len(later):
            return str(place + 1)
    return "none"


def real_lines(recordings: Path) -> Iterator[str]:
    """Yield the table of real recordings: each session with the other ones as a library."""
    sessions = {
        "Wadsworth 10": ("p300_wadsworth", FILES["p300_wadsworth"][:2]),
        "Wadsworth 11": ("p300_wadsworth", FILES["p300_wadsworth"][2:]),
        "BCI2000": ("p300_bci2000", FILES["p300_bci2000"]),
    }
    paths = {
        name: [recordings / data / one for one in own] for name, (data, own) in sessions.items()
    }
    configs = {name: read_config(CONFIGS / f"{data}.toml") for name, (data, _) in sessions.items()}
    entries = {name: made_entry(paths[name], configs[name], "", "public")[0] for name in sessions}
    yield "## Real recordings"
    yield ""
    yield "| session | start from | asked | decided | repetitions |"
    yield "|---|---|---|---|---|"
    for name, config in configs.items():
        source = recording(paths[name][0], config, 1.0)
        source.open()
        spec = source.spec
        source.close()
        for other in (None, *(one for one in sessions if one != name)):
            start = None if other is None else start_of([(other, entries[other])], "")[0]
            decoder = uncalibrated_decoder(config, spec, start)
            own = decoder.header.preprocessing
            letters = read_epochs(
                labelled_epochs(sources_of(paths[name], config), config, own), decoder
            )
            asked = "".join(letter.truth for letter in letters)
            shown = "".join(letter.value or "·" for letter in letters)
            repetitions = repetitions_of(letters)
            yield f"| {name} | {other or 'nothing'} | {asked} | {shown} | {repetitions} |"
    yield ""
    yield "A dot is a letter that was not decided."


def main() -> None:
    """Run from the command line."""
    parser = parser_of(__doc__, 60, "library")
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        one_subject,
        belongs=lambda one: len(one.own) == LETTERS,
        words=lambda one: "; ".join(f"{way} {right_of(getattr(one, way))}" for way in WAYS),
        again=options.again,
        code=code_of(__name__, UNCALIBRATED, "calibration.p300.library.start"),
    )
    real = [] if options.recordings is None else ["", *real_lines(options.recordings)]
    write_page(
        "Starting from earlier sessions",
        __doc__,
        "python -m benchmarks.library --subjects 0 "
        f"{'--recordings RECORDINGS ' * (options.recordings is not None)}--output docs/library.md",
        [*simulated_lines(subjects), *real],
        options.output,
        HOW,
    )


if __name__ == "__main__":
    main()
