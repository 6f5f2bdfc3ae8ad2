"""How often markers in time are said to be shifted, and how soon markers that are shifted are.

    python -m benchmarks.honest_sessions --results honest.jsonl [--subjects 10]

Simulated subjects, no LSL. Each calibrates with 8 letters of 8 repetitions and spells 300 letters,
every other subject with 3 repetitions: few flashes say little of a letter. The letters are judged
in twenty orders, as twenty sessions. Then the markers of ten letters are shifted, in 25 draws. Each
subject is a line of the results file.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from bci_online.config import Config, Presentation, Simulation
from benchmarks.shifted_markers import CALIBRATION, CH_NAMES, LaggedLetter, judged, lagged
from benchmarks.simulated_subjects import ALPHABET, RESPONSES_UV, cut
from benchmarks.subject_results import each_subject, parser_of
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs

LETTERS, ORDERS, DRAWS, REPETITIONS = 300, 20, 25, (8, 3)
SHIFTS_MS, WITHIN = (100, -100, 500), (2, 5, 10)


class Subject(msgspec.Struct, frozen=True):
    """Sessions with an alarm; for each shift how many draws were told within so many letters."""

    seed: int
    repetitions: int
    alarmed: int
    told: dict[str, tuple[int, ...]]


def one_subject(seed: int) -> Subject:
    """Calibrate, spell, and judge the letters in many orders."""
    rng = np.random.default_rng(seed)
    repetitions = REPETITIONS[seed % 2]
    response = RESPONSES_UV[seed % len(RESPONSES_UV)]
    known, spelled = (
        Config(
            simulation=Simulation(seed=10 * seed + part, p300_uv=response, ch_names=CH_NAMES),
            presentation=Presentation(repetitions=n),
        )
        for part, n in enumerate((REPETITIONS[0], repetitions))
    )
    words = ["".join(rng.choice(list(ALPHABET), n)) for n in (CALIBRATION, LETTERS)]
    epochs = cut(known, words[0])
    recorded = RecordedEpochs(epochs, cut_again=lambda _: epochs)
    fitted = LinearMethod(name="lda").fit(recorded, np.arange(len(epochs)), known)
    letters = lagged(spelled, words[1], fitted)

    def drawn(n: int) -> list[LaggedLetter]:
        return [letters[one] for one in rng.permutation(LETTERS)[:n]]

    alarmed = sum(bool(judged(drawn(LETTERS), fitted, spelled)) for _ in range(ORDERS))
    told = {}
    for shift in SHIFTS_MS:
        draws = [drawn(max(WITHIN)) for _ in range(DRAWS)]
        told[f"{shift:+d} ms"] = tuple(
            sum(bool(judged(draw[:n], fitted, spelled, shift)) for draw in draws) for n in WITHIN
        )
    return Subject(seed, repetitions, alarmed, told)


def table(subjects: Sequence[Subject]) -> list[str]:
    """Return the lines of the table."""
    lines = ["| repetitions | sessions with an alarm | markers come | told in 2, 5, 10 letters |"]
    lines.append("|---|---|---|---|")
    for repetitions in REPETITIONS:
        some = [one for one in subjects if one.repetitions == repetitions]
        alarmed = f"{sum(one.alarmed for one in some)} of {ORDERS * len(some)}"
        for shift in some[0].told if some else ():
            n = np.sum([one.told[shift] for one in some], axis=0) / (DRAWS * len(some))
            shares = ", ".join(f"{100 * share:.0f} %" for share in n)
            lines.append(f"| {repetitions} | {alarmed} | {shift} | {shares} |")
    return lines


def main() -> None:
    """Run from the command line."""
    options = parser_of(__doc__, 10).parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        lambda seed, _: one_subject(seed),
        belongs=lambda one: True,
        words=lambda one: f"{one.alarmed} of {ORDERS} sessions had an alarm",
    )
    print("\n".join(table(subjects)))


if __name__ == "__main__":
    main()
