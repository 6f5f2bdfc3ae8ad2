"""Does a speller notice that its decoder no longer fits: false alarms, and letters until an alarm.

    python -m benchmarks.decoder_fit --results fit.jsonl [--subjects 20] [--letters 100]

Simulated subjects, no LSL. Each one copies 12 letters for calibration, and the decoder is a
shrinkage LDA. Then it spells letters that fit; an alarm there is false. After ten letters that fit,
30 letters follow in which something is different; the table says how many of them went by until the
alarm.

Each subject's results are a line of the results file. A run that was stopped goes on with the next
subject.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config, Presentation, Simulation
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.markers import Event
from bci_online.messages import (
    Chunk,
    Decision,
    Epoch,
    Message,
    Reading,
    Rejected,
    Retracted,
    Score,
    Status,
)
from bci_online.metrics import auc
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.runtime.chain import Chain
from bci_online.runtime.simulated_recording import write_recording
from benchmarks.simulated_subjects import ALPHABET, RESPONSES_UV
from benchmarks.subject_results import each_subject, parser_of
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CH_NAMES = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
CALIBRATION, FITTING, DIFFERENT = 12, 10, 30
DEAD = "Pz"

Scored = tuple[Event, float, Score | Rejected | Epoch | None]


class Case(msgspec.Struct, frozen=True):
    """Letters until the alarm, counted from the change; ``what`` is empty without an alarm.

    ``before`` and ``after`` are letters with a decision, and wrong ones, until the alarm and
    after it.
    """

    name: str
    letters: int
    what: str
    before: tuple[int, int]
    after: tuple[int, int]


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    letters: int
    auc: float
    cases: tuple[Case, ...]


class Keeper:
    """A paradigm that keeps what the chain gives it."""

    unknown_codes = 0

    def __init__(self) -> None:
        self.scored: list[Scored] = []

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep a marker and its score."""
        self.scored.append((event, time, outcome))
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Keep the score: simulated signals lose nothing."""
        return retracted

    def finish(self) -> list[Message]:
        """Return nothing."""
        return []

    def trial_evidence(self) -> None:
        """Return nothing."""


def configured(seed: int, name: str = "") -> Config:
    """Return the speller of one subject, with what is different."""
    response = RESPONSES_UV[seed % len(RESPONSES_UV)]
    own = {"seed": seed, "p300_uv": response, "ch_names": CH_NAMES}
    other = {
        "amplitude -30 %": {"p300_uv": 0.7 * response, "vep_uv": 2.1},
        "latency +40 ms": {"p300_latency_s": 0.34},
        "doubled noise": {"noise_uv": 16.0, "alpha_uv": 10.0},
    }
    simulation = Simulation(**(own | other.get(name, {})))
    return Config(simulation=simulation, presentation=Presentation(repetitions=8))


def scored(path: Path, decoder: Decoder, dead: str = "") -> list[Scored]:
    """Return the markers of a recording with their scores; channel `dead` is zero."""
    source = XdfSource(path, chunk_s=1.0)
    source.open()
    keeper = Keeper()
    chain = Chain(decoder.header.preprocessing, source.spec, keeper, decoder)
    for reading in iter(source.read, None):
        chain.push(without(reading, source.spec.ch_names.index(dead)) if dead else reading)
    chain.finish()
    return keeper.scored


def without(reading: Reading, channel: int) -> Reading:
    """Return a reading in which a channel is zero."""
    chunks = []
    for chunk in reading.chunks:
        data = chunk.data.copy()
        data[:, channel] = 0.0
        chunks.append(Chunk(data, chunk.stamps))
    return msgspec.structs.replace(reading, chunks=tuple(chunks))


def spelled(decoder: Decoder, pieces: list[list[Scored]], name: str, fitting: int) -> Case:
    """Spell pieces one after the other; the first `fitting` letters fit."""
    header = decoder.header
    layout = header.layout.symbols_of_code
    speller = P300Speller(layout, header.evidence, header.stopping, header.preprocessing.epoch.tmax)
    decided: list[Decision] = []
    alarm = None
    for piece in pieces:
        for event, time, outcome in piece:
            for message in speller.push(event, time, outcome):
                if isinstance(message, Decision):
                    decided.append(message)
                elif isinstance(message, Status) and message.kind == "misfit":
                    alarm = len(decided), message.text.split(": ")[1].split(";")[0]
    at, what = alarm or (len(decided), "")
    return Case(
        name=name,
        letters=at - fitting,
        what=what,
        before=answered(decided[fitting:at]),
        after=answered(decided[at:]),
    )


def answered(decisions: list[Decision]) -> tuple[int, int]:
    """Return how many letters were decided, and how many of them wrong."""
    made = [decision for decision in decisions if decision.value is not None]
    return len(made), sum(decision.value != decision.truth for decision in made)


def first_letters(piece: list[Scored], n: int) -> list[Scored]:
    """Return the first `n` letters of a piece."""
    starts = [i for i, (event, *_) in enumerate(piece) if type(event).__name__ == "TrialStart"]
    return piece[: starts[n]] if n < len(starts) else piece


def one_subject(seed: int, n_letters: int, folder: Path) -> Subject:
    """Calibrate, spell what fits, and spell what is different."""
    rng = np.random.default_rng(seed)

    def written(number: int, name: str, n: int) -> Path:
        word = "".join(rng.choice(list(ALPHABET), n))
        path = folder / f"{number}.xdf"
        write_recording(configured(seed, name), word, path, seed * 10 + number)
        return path

    output = folder / "own.decoder"
    request = TrainingRequest(
        recordings=(written(0, "", CALIBRATION),), method="lda", config=configured(seed),
        output=output, evaluation=False,
    )  # fmt: skip
    train(request)
    decoder = read_decoder(output)
    fits = scored(written(1, "", n_letters), decoder)
    before = first_letters(fits, FITTING)
    cases = [spelled(decoder, [fits], "fits", 0)]
    names = "amplitude -30 %", "latency +40 ms", "doubled noise", f"dead {DEAD}"
    for number, name in enumerate(names, start=2):
        dead = DEAD if name.startswith("dead") else ""
        different = scored(written(number, name, DIFFERENT), decoder, dead)
        cases.append(spelled(decoder, [before, different], name, FITTING))
    found = [outcome for _, _, outcome in fits if isinstance(outcome, Score)]
    labels = np.array(["/target" in score.marker.text for score in found])
    area = auc(labels, np.array([score.values[1] for score in found]))
    return Subject(seed, n_letters, area, tuple(cases))


def table(subjects: list[Subject]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| session | alarms | letters until it: median (90 %) | wrong before | wrong after |"
    yield "|---|---|---|---|---|"
    by_name: dict[str, list[Case]] = {}
    for subject in subjects:
        for case in subject.cases:
            by_name.setdefault(case.name, []).append(case)
    for name, cases in by_name.items():
        late = [case.letters if case.what else np.inf for case in cases]
        middle, most = np.percentile(late, [50, 90], method="inverted_cdf")
        letters = [f"{each:.0f}" if np.isfinite(each) else "none" for each in (middle, most)]
        shares = [
            f"{sum(getattr(case, part)[1] for case in cases)} of "
            f"{sum(getattr(case, part)[0] for case in cases)}"
            for part in ("before", "after")
        ]
        n_alarms = sum(bool(case.what) for case in cases)
        yield (
            f"| {name} | {n_alarms} of {len(cases)} | {letters[0]} ({letters[1]}) "
            f"| {shares[0]} | {shares[1]} |"
        )


def main() -> None:
    """Run from the command line."""
    parser = parser_of(__doc__, 20)
    parser.add_argument("--letters", type=int, default=100)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        lambda seed, folder: one_subject(seed, options.letters, folder),
        belongs=lambda one: one.letters == options.letters,
        words=lambda one: f"AUC {one.auc:.3f}",
    )
    print("\n".join(table(subjects)))


if __name__ == "__main__":
    main()
