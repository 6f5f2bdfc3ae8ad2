"""What spelling without calibration gains once its letters make a decoder.

    python -m benchmarks.supervised_letters [--subjects 40] [--results RESULTS]
        [--output docs/supervised-letters.md]

Simulated subjects copy twenty random letters without any calibration, as in
docs/no-calibration.md. Each recording is decided twice. First without any label, as before. Then
with the decoders that `bci_online.session.supervision` asks for: from four known letters on, and
again with a quarter more of them, a decoder is fitted on what was decided so far, right or wrong.
It comes during the next letter and decides from the one after it on. A letter is decided with
dynamic stopping at a stated 5 %. Letters that are neither right nor wrong are not decided: they are
asked again.

Eleven subjects are few. With decoders a letter takes 5.9 repetitions in the place of 9.5. They give
up what there was to spare: 5 of 165 letters are wrong (3 %, at a stated 5 %), without labels none.

Each subject is a line of `benchmarks/results/supervised_letters.jsonl`, which says what code made
it. A run that was stopped goes on with the next one.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.errors import RecordingError
from bci_online.messages import Decision, Marker
from bci_online.notes.from_workers import FEWEST_LETTERS
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.no_calibration import uncalibrated_decoder
from bci_online.runtime.publisher import decision_row
from bci_online.runtime.simulated_recording import write_recording
from bci_online.runtime.sources import recording
from bci_online.session.supervision import MORE, KnownLetters
from benchmarks.kept_rows import code_of
from benchmarks.no_calibration import AUCS, Letter, repetitions_of, right_of, spelled
from benchmarks.simulated_subjects import ALPHABET, configured
from benchmarks.subject_results import each_subject, parser_of, write_page
from calibration.p300.supervision import supervised_by

LETTERS = 20
FIRST = 6
"""The first letter that a decoder can decide, from 1: four are known when the fifth begins."""


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    cold: tuple[Letter, ...]
    supervised: tuple[Letter, ...]
    decoders: int


def supervised_letters(path: Path, config: Config) -> tuple[tuple[Letter, ...], int]:
    """Decide a recording's letters with the decoders that they make; return their number too."""
    source = recording(path, config, 1.0)
    source.open()
    cold = uncalibrated_decoder(config, source.spec)
    chain, _ = online_chain(cold, source.spec, markers=config.markers)
    known, decided = KnownLetters(), list[Decision]()
    n_asked = n_decoders = 0
    notes: tuple[Marker, ...] = ()
    for reading in iter(source.read, None):
        reading = msgspec.structs.replace(reading, markers=(*reading.markers, *notes))
        notes = ()
        new = [one for one in chain.push(reading) if isinstance(one, Decision)]
        decided += new
        for one in new:
            known.observe(decision_row(one))
        letters = known.letters()
        if new and len(letters) >= max(FEWEST_LETTERS, MORE * n_asked):
            n_asked = len(letters)
            try:
                note = supervised_by(letters, path, config, cold.header)
            except RecordingError:
                continue
            n_decoders += 1
            notes = (Marker(note.text(), float(reading.chunks[-1].stamps[-1])),)
    decided += [one for one in chain.finish() if isinstance(one, Decision)]
    return tuple(Letter(one.value or "", one.truth, one.flashes) for one in decided), n_decoders


def one_subject(seed: int, folder: Path) -> Subject:
    """Let a subject spell."""
    rng = np.random.default_rng(seed)
    config, path = configured(seed, 0.05), folder / "letters.xdf"
    write_recording(config, "".join(rng.choice(list(ALPHABET), LETTERS)), path, seed * 10 + 7)
    return Subject(seed, spelled(path, config), *supervised_letters(path, config))


def lines_of(subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield the table."""
    yield f"Letters {FIRST} to {LETTERS}:"
    yield ""
    yield (
        "| AUC | subjects | without labels: right | wrong | repetitions | with decoders: right | "
        "wrong | repetitions | decoders |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for place, area in enumerate(AUCS):
        own = [one for one in subjects if one.seed % len(AUCS) == place]
        if own:
            cells = []
            for letters in ([one.cold for one in own], [one.supervised for one in own]):
                late = [letter for each in letters for letter in each[FIRST - 1 :]]
                cells.append(f"{right_of(late)} | {repetitions_of(late)}")
            decoders = np.mean([one.decoders for one in own])
            yield f"| about {area:.2f} | {len(own)} | {' | '.join(cells)} | {decoders:.1f} |"


def main() -> None:
    """Run from the command line."""
    parser = parser_of(__doc__, 40, "supervised_letters")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        one_subject,
        belongs=lambda one: len(one.cold) == LETTERS,
        words=lambda one: f"{right_of(one.supervised)} wrong, {one.decoders} decoders",
        again=options.again,
        code=code_of(__name__),
    )
    write_page(
        "Letters that make a decoder",
        __doc__,
        "python -m benchmarks.supervised_letters --subjects 0 --output docs/supervised-letters.md",
        lines_of(subjects),
        options.output,
    )


if __name__ == "__main__":
    main()
