"""How many trials of real motor-imagery recordings are right, online: CSP and LDA, causal filters.

    python -m benchmarks.motor_imagery DATA [--output docs/benchmark-motor-imagery.md]

DATA is the folder of converted recordings. A decoder is trained on some runs and replays others
through the online chain, window by window: once with the evidence of the whole trial (a decision
with the last window), once with the stopping rule, where a timeout counts as wrong; both with and
without recentring. Nothing of a replayed run is seen in training. The last columns are the median
time from cue to decision and the information with stopping, over whole recordings, pauses included.
Here a class is always meant (`stopping.idle = false`).

The second table is about rest: from one second after a trial to the next cue evidence is taken as
after a cue. Minutes count only while a decision could come. Nothing is recentred. Each simulated
subject has a run of 40 trials to train on and one to test.
"""

import argparse
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from bci_online.config import Config, EvidenceSpec, FilterSpec, Simulation, Stopping, WindowSpec
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.messages import Decision
from bci_online.metrics import itr_bits_per_min, proportion_interval
from bci_online.paradigms.motor_imagery.results import imagery_results
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.simulated_recording import write_recording
from bci_online.runtime.sources import recording
from calibration.motor_imagery.methods import CSP_LDA
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.windows import windows_of

BAND = FilterSpec(l_freq=8.0, h_freq=30.0)
BANK = FilterSpec(l_freq=4.0, h_freq=40.0, band_width=4.0)
ERROR_RATE = 0.1


N_SIMULATED = 20
LIMITS = (None, 2.0, 0.5)
"""False activations per minute of rest that are stated; None: a class is always meant."""


def configured(timeout: float, filter_: FilterSpec = BAND) -> Config:
    """Return a configuration whose trials time out so many seconds behind their cue."""
    return Config(
        paradigm="motor_imagery",
        filter=filter_,
        window=WindowSpec(length=2.0, step=0.1),
        evidence=EvidenceSpec(tmin=0.5, tmax=timeout),
        stopping=Stopping(error_rate=ERROR_RATE, idle=False),
    )


def comparisons(data: Path) -> Iterator[tuple[str, Config, list[tuple[list[Path], list[Path]]]]]:
    """Yield what is compared: its name, how, and pairs of runs to train on and to replay."""
    for folder, what in (("mi_hands_feet", "hands / feet"), ("mi_left_right", "left / right")):
        first, second = sorted((data / folder).glob("*.xdf"))
        # These trials end 4.1 s behind their cue.
        short = configured(4.1)
        names = [path.stem[-2:] for path in (first, second)]
        yield f"{what}, run {names[0]} → {names[1]}", short, [([first], [second])]
        yield f"{what}, run {names[1]} → {names[0]}", short, [([second], [first])]
    offline = sorted((data / "mi_gel").glob("*ses-01*.xdf"))
    online = sorted((data / "mi_gel").glob("*ses-02*.xdf"))
    # These trials end at most 7 s behind their cue.
    long = configured(7.0)
    left_out = [([path for path in offline if path != own], [own]) for own in offline]
    yield "gel, offline, each run from the others", long, left_out
    yield "gel, offline → online session", long, [(offline, online)]
    for path in online:
        yield f"gel, offline → online run {path.stem[-1]}", long, [(offline, [path])]
    yield "gel, offline → online, timeout 4.5 s", configured(4.5), [(offline, online)]
    yield "gel, offline → online, filter bank", configured(7.0, BANK), [(offline, online)]


def simulated(
    folder: Path,
) -> Iterator[tuple[str, Config, list[tuple[list[Path], list[Path]]]]]:
    """Write two runs of each simulated subject; yield them as `comparisons` does."""
    for erd in (0.5, 0.7):
        simulation = Simulation(sfreq=128.0, erd=erd)
        config = msgspec.structs.replace(configured(4.0), simulation=simulation)
        pairs = []
        for seed in range(N_SIMULATED):
            runs = [folder / f"{erd}-{seed}-{run}.xdf" for run in (0, 1)]
            for run, path in enumerate(runs):
                write_recording(config, "", path, seed=100 * seed + run)
            pairs.append((runs[:1], runs[1:]))
        name = f"{N_SIMULATED} simulated subjects whose rhythm loses {100 * erd:g} %"
        yield name, config, pairs


def recentred(decoder: Decoder, recentre: bool) -> Decoder:
    """Return the decoder with recentring switched on or off: nothing else changes."""
    own = decoder.header.preprocessing
    window = msgspec.structs.replace(own.window, recentre=recentre)
    preprocessing = msgspec.structs.replace(own, window=window)
    header = msgspec.structs.replace(decoder.header, preprocessing=preprocessing)
    return make_decoder(header, dict(decoder.arrays))


def replayed(path: Path, decoder: Decoder, dynamic: bool) -> tuple[list[Decision], float]:
    """Return a recording's decisions, and its length in seconds."""
    source = recording(path, chunk_s=1.0)
    source.open()
    online, _ = online_chain(decoder, source.spec, dynamic)
    messages, n_samples = [], 0
    for reading in iter(source.read, None):
        messages += online.push(reading)
        n_samples += sum(chunk.stamps.size for chunk in reading.chunks)
    messages += online.finish()
    decisions = [message for message in messages if isinstance(message, Decision)]
    return decisions, n_samples / source.spec.sfreq


def share(decisions: list[Decision]) -> str:
    """Return how many are right, with the 95 % interval."""
    right = sum(decision.value == decision.truth for decision in decisions)
    low, high = (100 * end for end in proportion_interval(right, len(decisions)))
    return f"{right} of {len(decisions)} ({low:.0f}–{high:.0f} %)"


def row(name: str, decoders: list[tuple[Decoder, list[Path]]], recentre: bool) -> str:
    """Return a line of the table."""
    whole: list[Decision] = []
    stopped: list[Decision] = []
    seconds = 0.0
    for decoder, paths in decoders:
        for path in paths:
            whole += replayed(path, recentred(decoder, recentre), dynamic=False)[0]
            decisions, duration_s = replayed(path, recentred(decoder, recentre), dynamic=True)
            stopped += decisions
            seconds += duration_s
    answered = [decision for decision in stopped if decision.value is not None]
    wrong = sum(decision.value != decision.truth for decision in answered)
    taken = f"{np.median([d.elapsed for d in answered]):.1f} s" if answered else "–"
    accuracy = (len(answered) - wrong) / len(stopped)
    bits = itr_bits_per_min(2, accuracy, len(stopped), seconds)
    return (
        f"| {name} | {'yes' if recentre else 'no'} | {share(whole)} | {share(stopped)} "
        f"| {len(stopped) - len(answered)} | {wrong} of {len(answered)} | {taken} | {bits:.1f} |"
    )


def at_rest(name: str, config: Config, pairs: list[tuple[list[Path], list[Path]]]) -> Iterator[str]:
    """Yield the lines of the table about rest, one for each limit that is stated."""
    cued: dict[float | None, list[Decision]] = {limit: [] for limit in LIMITS}
    rest: dict[float | None, list[Decision]] = {limit: [] for limit in LIMITS}
    for train, test in pairs:
        windows, tested = windows_of(train, config), windows_of(test, config)
        for limit in LIMITS:
            rule = Stopping(error_rate=ERROR_RATE, idle=False)
            if limit is not None:
                rule = Stopping(error_rate=ERROR_RATE, false_activations_per_minute=limit)
            stated = msgspec.structs.replace(config, stopping=rule)
            decoder = CSP_LDA.fit(windows, np.arange(len(windows)), stated)
            for decision in decisions(decoder, tested):
                is_cued = tested.trials[decision.trial - 1].cued
                (cued if is_cued else rest)[limit].append(decision)
    for limit in LIMITS:
        found = imagery_results(cued[limit], rest[limit], windows.classes, config.window.step)
        right = sum(decision.value == decision.truth for decision in cued[limit])
        low, high = found.false_ci or (0.0, 0.0)
        yield (
            f"| {name} | {'–' if limit is None else f'{limit:g}'} "
            f"| {found.n_false} in {found.rest_min:.1f} min "
            f"| {found.false_per_min or 0:.1f} ({low:.1f}–{high:.1f}) | {share(cued[limit])} "
            f"| {found.n_decided - right} of {found.n_decided} "
            f"| {'–' if found.seconds is None else f'{found.seconds:.1f} s'} |"
        )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    lines = [
        "# Motor imagery: trials right, online",
        "",
        *__doc__.splitlines()[4:],
        "",
        f"Stated error rate {100 * ERROR_RATE:g} % of decided trials. Made by "
        "`python -m benchmarks.motor_imagery DATA --output docs/benchmark-motor-imagery.md`.",
        "",
        "| recordings | recentred | whole trial right (95 % interval) | with stopping right "
        "(95 % interval) | timeouts | wrong of the decided | time | bit/min |",
        "|---|---|---|---|---|---|---|---|",
    ]
    known: dict[tuple[object, ...], Decoder] = {}
    for name, config, pairs in comparisons(options.data):
        decoders = []
        for train, test in pairs:
            key = (*train, config.filter.bands, config.evidence.tmax)
            if key not in known:
                windows = windows_of(train, config)
                rows = np.arange(len(windows))
                known[key] = CSP_LDA.fit(windows, rows, config)
            decoders.append((known[key], test))
        for recentre in (False, True):
            lines.append(row(name, decoders, recentre))
            print(lines[-1], flush=True)
    lines += [
        "",
        "| recordings | stated per minute | false activations | per minute (95 % interval) "
        "| with stopping right (95 % interval) | wrong of the decided | time |",
        "|---|---|---|---|---|---|---|",
    ]
    with TemporaryDirectory() as folder:
        # One band, and the timeout of each set's own trials.
        recorded = islice(comparisons(options.data), 6)
        for name, config, pairs in chain(recorded, simulated(Path(folder))):
            for line in at_rest(name, config, pairs):
                lines.append(line)
                print(line, flush=True)
    if options.output:
        options.output.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
