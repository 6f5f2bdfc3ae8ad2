"""Every method of imagery on recorded sets: trials right, decided and wrong, against csp-lda."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from bci_online.config import Config, read_config
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision
from bci_online.metrics import proportion_interval
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.earlier_runs import carried_over, going_on
from bci_online.runtime.sources import recording
from benchmarks.decoder_cells import Cell, Cells, Section
from calibration.method_names import AUTO, IMAGERY
from calibration.motor_imagery.training import train
from calibration.training_request import TrainingRequest

CONFIG = Path(__file__).resolve().parent.parent / "configs" / "motor_imagery.toml"
N_DRAWS = 2000

Fold = tuple[list[Path], list[Path]]
"""Recordings to train on, and the runs of one session to decide."""


class ImagerySet(msgspec.Struct, frozen=True):
    """One split of a recorded set."""

    title: str
    name: str
    folds: tuple[Fold, ...]


def sets(data: Path) -> Iterator[ImagerySet]:
    """Yield what is trained on what."""
    for folder, what in (("mi_hands_feet", "Hands and feet"), ("mi_left_right", "Left and right")):
        first, second = sorted((data / folder).glob("*.xdf"))
        folds = (([first], [second]), ([second], [first]))
        yield ImagerySet(f"{what}, 64 channels, one run to the other", folder, folds)
    offline = sorted((data / "mi_gel").glob("*ses-01*.xdf"))
    online = sorted((data / "mi_gel").glob("*ses-02*.xdf"))
    left_out = tuple(([path for path in offline if path != own], [own]) for own in offline)
    yield ImagerySet("Gel, 13 channels, an offline run left out", "mi_gel", left_out)
    yield ImagerySet("Gel, offline session to online session", "mi_gel", ((offline, online),))


def decided(path: Path, runs: list[Path], config: Config, dynamic: bool) -> list[Decision]:
    """Return the decisions of the runs of one session, each going on from those before."""
    decoder, found = read_decoder(path), []
    for n, run in enumerate(runs):
        source = recording(run, chunk_s=1.0)
        source.open()
        online, _ = online_chain(decoder, source.spec, dynamic)
        online.push(going_on(carried_over(decoder, runs[:n], config)))
        messages = [
            message for reading in iter(source.read, None) for message in online.push(reading)
        ]
        found += [one for one in (*messages, *online.finish()) if isinstance(one, Decision)]
    return found


def held_out(key: str, name: str, folds: tuple[Fold, ...]) -> Cell:
    """Train on each fold and decide its test; seconds are CPU time of one training."""
    whole: list[Decision] = []
    stopped: list[Decision] = []
    spent, taken, config = 0.0, set(), read_config(CONFIG)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "decoder"
        for training, tested in folds:
            started = time.process_time()
            trained = train(
                TrainingRequest(
                    recordings=tuple(training),
                    config=config,
                    output=path,
                    method=name,
                    evaluation=False,
                )
            )
            spent += time.process_time() - started
            taken.add(trained.decoder.header.method)
            whole += decided(path, tested, config, dynamic=False)
            stopped += decided(path, tested, config, dynamic=True)
    answered = [one for one in stopped if one.value is not None]
    return Cell(
        key=key,
        values=tuple(float(one.value == one.truth) for one in whole),
        right=sum(one.value == one.truth for one in answered),
        decided=len(answered),
        of=len(stopped),
        taken=", ".join(sorted(taken)) if name == AUTO else "",
        seconds=spent / len(folds),
    )


def imagery_tables(data: Path, cells: Cells, only: str) -> Iterator[Section]:
    """Yield each set's table, with the cells that are there; all sets where `only` is empty."""
    for one in sets(data):
        if only not in ("", one.name):
            continue
        rows = {}
        for name in (*IMAGERY, AUTO):
            key = f"{one.title}: {name}"
            compute = partial(held_out, key, name, one.folds)
            if (cell := cells.get(key, compute, __name__)) is not None:
                rows[name] = cell
        if rows:
            yield Section(one.title, _table(one, rows), n_names=1)


def _table(one: ImagerySet, cells: dict[str, Cell]) -> list[str]:
    right = np.array([cell.values for cell in cells.values()])
    n = right.shape[1]
    rng = np.random.default_rng(0)
    draws = right[:, rng.integers(n, size=(N_DRAWS, n))].mean(axis=2)
    low, high = 100 * np.percentile(draws - draws[0], [2.5, 97.5], axis=1)
    lines = [
        f"{n} trials, {len(one.folds)} folds.",
        "",
        "| method | whole trial right | 95 % | against csp-lda | 95 % | only this, only csp-lda "
        "| with stopping: right of decided | not decided | s a fit | computed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    # Without a cell of csp-lda there is nothing to compare with.
    first = next(iter(cells))
    for row, (name, cell) in enumerate(cells.items()):
        compared = first == IMAGERY[0] and row > 0
        ends = (100 * end for end in proportion_interval(int(right[row].sum()), n))
        gap = 100 * (right[row].mean() - right[0].mean())
        against = f"{gap:+.0f} % | {low[row]:+.0f} … {high[row]:+.0f} %" if compared else " | "
        gained, lost = (int(np.sum(right[a] > right[b])) for a, b in ((row, 0), (0, row)))
        lines.append(
            f"| {name}{f': {cell.taken}' if cell.taken else ''} | {right[row].sum():.0f} of {n} "
            f"| {'–'.join(f'{end:.0f}' for end in ends)} % | {against} "
            f"| {f'{gained}, {lost}' if compared else ''} | {cell.right} of {cell.decided} "
            f"| {cell.of - cell.decided} | {cell.seconds:.1f} | {cell.date} |"
        )
    return lines
