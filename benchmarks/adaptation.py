"""A decoder that follows its session, under a drift and without one.

    python -m benchmarks.adaptation [--subjects 20] [--results RESULTS]
        [--output docs/adaptation.md]

Simulated subjects (each seed another: other noise, another strength of response) are calibrated
with twelve letters. Then they copy sixty letters, of fifteen repetitions at most, with dynamic
stopping at a stated 5 %. Under the drift their response comes 40 ms later at the end and is 30 %
smaller; it changes a little with each letter. Each session is decided three times by the code that
decides online: with the trained decoder; with one that follows the session (`[adaptation] on =
true`, with labels from its own decisions, right or wrong); and with one that was trained again on
twelve letters of the subject at the end of the drift. Figures are of the last twenty letters.

Seventeen subjects are few. Under the drift following has 317 of 340 letters right, the trained
decoder 306 and training again 325, and its AUC is that of training again. The trained decoder falls
below 75 % in one of them: 14 of 20 letters, 19 with following, 20 with training again. Without a
drift the AUC is not lower; 331 of 340 letters are right, and 333 with the trained decoder.

Each subject is a line of `benchmarks/results/adaptation.jsonl`, which says what code made it, or
that some of its rows came out alike with later code (`--again 2`). A run that was stopped goes on
with the next one.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import Adaptation, Config, DecoderHeader, Presentation, Simulation
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.markers import Event, Flash, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Decision, Epoch, Marker, Message, Score
from bci_online.metrics import auc
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.preprocessing.artefacts import artefacts
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.scoring import Scoring
from benchmarks.kept_rows import code_of
from benchmarks.no_calibration import Letter, repetitions_of, right_of
from benchmarks.simulated_subjects import ALPHABET, cut
from benchmarks.subject_results import each_subject, parser_of, write_page
from calibration.p300.epochs import EpochSet
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs

LETTERS, LAST, TRAINED = 60, 20, 12
RESPONSES_UV = (7.0, 8.5, 10.0, 11.5)
LATER_S, SMALLER = 0.04, 0.3
WAYS = ("trained", "following", "trained again")
DRIFTS = ("drift", "no drift")


class Session(msgspec.Struct, frozen=True, array_like=True):
    """The last letters of one session, and the AUC of their flashes."""

    letters: tuple[Letter, ...]
    auc: float


class Subject(msgspec.Struct, frozen=True):
    """The sessions of one subject, by drift and by way."""

    seed: int
    sessions: dict[str, dict[str, Session]]


def configured(seed: int, share: float, repetitions: int = 15) -> Config:
    """Return a subject after that share of the drift."""
    response = RESPONSES_UV[seed % len(RESPONSES_UV)] * (1 - SMALLER * share)
    subject = Simulation(p300_uv=response, p300_latency_s=0.3 + LATER_S * share)
    return Config(simulation=subject, presentation=Presentation(repetitions=repetitions))


def letters_of(seed: int, shares: Sequence[float], rng: np.random.Generator) -> list[EpochSet]:
    """Return one letter after each share of the drift."""
    found = []
    for number, share in enumerate(shares):
        config = configured(seed, share)
        own = msgspec.structs.replace(config.simulation, seed=seed * 1000 + number)
        config = msgspec.structs.replace(config, simulation=own)
        found.append(cut(config, str(rng.choice(list(ALPHABET)))))
    return found


def trained(seed: int, share: float, number: int, rng: np.random.Generator) -> Decoder:
    """Return a decoder that is calibrated after that share of the drift."""
    config = configured(seed, share, repetitions=10)
    own = msgspec.structs.replace(config.simulation, seed=seed * 1000 + number)
    config = msgspec.structs.replace(config, simulation=own)
    epochs = cut(config, "".join(rng.choice(list(ALPHABET), TRAINED)))
    recorded = RecordedEpochs(epochs, cut_again=lambda _: epochs)
    fitted = LinearMethod(name="btlda").fit(recorded, np.arange(len(epochs)), config)
    header = DecoderHeader(
        method="btlda", preprocessing=fitted.preprocessing, evidence=fitted.evidence
    )
    return make_decoder(header, fitted.arrays())


def decided(letters: Sequence[EpochSet], decoder: Decoder, *, follows: bool) -> Session:
    """Decide a session's letters one after the other, as the online chain does."""
    header = decoder.header
    spec = SimulatedAmplifier(Simulation()).spec
    scoring = Scoring(header.preprocessing.ch_names, decoder, spec)
    symbols = header.layout.symbols_of_code
    speller = P300Speller(
        symbols, header.evidence, header.stopping, header.preprocessing.epoch.tmax
    )
    told = {"adaptation": msgspec.to_builtins(Adaptation(on=True))} if follows else {}
    found, areas = [], []

    def push(event: Event, time: float, epoch: Epoch | None = None) -> tuple[object, list[Message]]:
        marker = Marker(event.text(), time)
        served = Served(event, marker, time, epoch, None, isinstance(event, TrialStart))
        outcome = scoring.outcome(served)
        answered = speller.push(event, time, outcome)
        return outcome, [*answered, *scoring.learn(served, answered)]

    push(SessionStarted(told), 0.0)
    for number, one in enumerate(letters, start=1):
        start = 1000.0 * number
        push(TrialStart(number, one.letters[0].truth), start)
        found.append(_letter(one, start, decoder, push, areas))
        found[-1] += push(TrialEnd(number), start + 900.0)[1]
    decisions = [next(one for one in said if isinstance(one, Decision)) for said in found]
    last = tuple(Letter(one.value or "", one.truth, one.flashes) for one in decisions[-LAST:])
    return Session(last, float(np.mean(areas[-LAST:])))


def _letter(
    letter: EpochSet,
    start: float,
    decoder: Decoder,
    push: Callable[..., tuple[object, list[Message]]],
    areas: list[float],
) -> list[Message]:
    """Show one letter's flashes until it is decided; the AUC is that of all of them."""
    said, scores, y = list[Message](), list[float](), list[bool]()
    is_artefact = artefacts(letter.peak_to_peak, decoder.limits)
    for row in range(len(letter)):
        if is_artefact[row]:
            continue
        flash, time = Flash(int(letter.code[row])), start + float(letter.time[row])
        marker = Marker(flash.text(), time)
        epoch = Epoch(letter.X[row], marker, row, time, letter.peak_to_peak[row])
        outcome, answered = push(flash, time, epoch)
        assert isinstance(outcome, Score)
        scores.append(float(outcome.values[1]))
        y.append(bool(letter.y[row]))
        said += answered
    areas.append(auc(np.array(y), np.array(scores)))
    return said


def one_subject(seed: int, folder: Path) -> Subject:
    """Calibrate a subject, and let it spell with a drift and without one."""
    rng = np.random.default_rng(seed)
    before = trained(seed, 0.0, 900, rng)
    sessions = {}
    for drift in DRIFTS:
        end = 1.0 if drift == "drift" else 0.0
        letters = letters_of(seed, np.linspace(0.0, end, LETTERS).tolist(), rng)
        again = trained(seed, end, 901, rng)
        sessions[drift] = {
            "trained": decided(letters, before, follows=False),
            "following": decided(letters, before, follows=True),
            "trained again": decided(letters, again, follows=False),
        }
    return Subject(seed, sessions)


def lines_of(subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield the table."""
    yield "| session | response | subjects | decoder | AUC | right | wrong | repetitions |"
    yield "|---|---|---|---|---|---|---|---|"
    for drift in DRIFTS:
        for place, response in enumerate(RESPONSES_UV):
            own = [one for one in subjects if one.seed % len(RESPONSES_UV) == place]
            for way in WAYS if own else ():
                each = [one.sessions[drift][way] for one in own]
                letters = [letter for one in each for letter in one.letters]
                area = np.mean([one.auc for one in each])
                yield (
                    f"| {drift} | {response:g} µV | {len(own)} | {way} | {area:.3f} | "
                    f"{right_of(letters)} | {repetitions_of(letters)} |"
                )


def main() -> None:
    """Run from the command line."""
    parser = parser_of(__doc__, 20, "adaptation")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        one_subject,
        belongs=lambda one: set(one.sessions) == set(DRIFTS),
        words=lambda one: ", ".join(
            f"{way} {right_of(session.letters)}" for way, session in one.sessions["drift"].items()
        ),
        again=options.again,
        code=code_of(__name__),
    )
    write_page(
        "A decoder that follows its session",
        __doc__,
        "python -m benchmarks.adaptation --subjects 0 --output docs/adaptation.md",
        lines_of(subjects),
        options.output,
    )


if __name__ == "__main__":
    main()
