r"""What training says of recordings with a fault in them, against what the fault costs.

    python -m benchmarks.field_mutations DATA --results field.jsonl [--seeds 20] [--minutes 8]
    python -m benchmarks.field_mutations DATA --results field.jsonl --table

DATA is the folder of the recordings. Each is trained on in two halves, or two short ones together,
with shrinkage LDA. A change costs what the AUC of held-out flashes differs from that of the sound
recording, either way: labels that leak make it better. What costs more than 0.03 should be named
before training ends. Sound recordings should give no finding. Each training is a line of the
results; a run that was stopped goes on.
"""

import argparse
import re
import tempfile
import time
from collections import defaultdict
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.config.reading import read_config
from bci_online.errors import BciError
from benchmarks.field_changes import CHANGES, Change
from benchmarks.field_halves import Half, halves_of
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

SETS = (
    ("p300_bci2000", "configs/p300_bci2000.toml"),
    ("p300_braininvaders", ""),
    ("p300_wadsworth", "configs/p300_wadsworth.toml"),
    ("p300_muse", ""),
)
COSTLY = 0.03


class Row(msgspec.Struct, frozen=True):
    """One training: which recording was changed how, its AUC, and what was said."""

    change: str
    seed: int
    recording: str
    auc: float | None
    said: tuple[str, ...]


def source_of(data: Path, seed: int) -> tuple[list[Path], Path | None]:
    """Return the recordings of a seed, one or a pair of short ones, and their configuration."""
    folder, config = SETS[seed % len(SETS)]
    paths = sorted((data / folder).glob("*.xdf"))
    n = seed // len(SETS)
    if folder == "p300_muse":
        chosen = paths[2 * n % len(paths) :][:2]
    else:
        chosen = [paths[n % len(paths)]]
    return chosen, Path(config) if config else None


@cache
def sound_halves(paths: tuple[Path, ...]) -> list[Half]:
    """Return what `halves_of` does, read once."""
    return halves_of([*paths])


def quick(config: Config) -> Config:
    """Return a configuration that draws short letters: how to stop is not asked here."""
    return msgspec.structs.replace(
        config,
        presentation=msgspec.structs.replace(config.presentation, repetitions=1),
        stopping=msgspec.structs.replace(config.stopping, min_repetitions=1, max_repetitions=1),
    )


def trained(halves: list[Half], config_path: Path | None) -> tuple[float | None, tuple[str, ...]]:
    """Return the held-out AUC, None if there is none, and everything that training says."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"half-{n}.xdf" for n in range(len(halves))]
        for half, path in zip(halves, paths, strict=True):
            half.write(path)
        request = TrainingRequest(
            recordings=tuple(paths), config=quick(read_config(config_path)),
            output=Path(folder) / "a.decoder", method="lda",
        )  # fmt: skip
        try:
            found = train(request)
        except BciError as error:
            return None, (str(error).replace(folder, ""),)
    said = [*found.notes]
    said += [f"gaps: {found.gaps}"] if found.gaps else []
    return None if found.outcome is None else found.outcome.auc, tuple(said)


def computed(data: Path, change: Change | None, seed: int) -> Row:
    """Return the row of one training."""
    paths, config = source_of(data, seed)
    halves = sound_halves(tuple(paths))
    if change is not None:
        halves = change.make(halves, np.random.default_rng(seed))
    auc, said = trained(halves, config)
    name = "" if change is None else change.name
    return Row(name, seed, f"{paths[0].parent.name}/{paths[0].name}", auc, said)


def rows_of(results: Path) -> dict[tuple[str, int], Row]:
    """Return the rows that were computed."""
    lines = results.read_bytes().splitlines() if results.exists() else []
    rows = [msgspec.json.decode(line, type=Row) for line in lines]
    return {(row.change, row.seed): row for row in rows}


def run(data: Path, results: Path, seeds: int, minutes: float, only: str) -> None:
    """Compute what is missing, until the time is over."""
    done, until = rows_of(results), time.monotonic() + 60 * minutes
    changes = [None, *CHANGES]
    for seed in range(seeds):
        for change in changes:
            name = "" if change is None else change.name
            if (name, seed) in done or (only and not re.search(only, name)):
                continue
            if time.monotonic() > until:
                return
            row = computed(data, change, seed)
            with results.open("ab") as file:
                file.write(msgspec.json.encode(row) + b"\n")
            print(seed, name or "sound", row.auc, *row.said, sep=" | ", flush=True)


def table(rows: dict[tuple[str, int], Row]) -> list[str]:
    """Return the lines of the table in docs/field.md."""
    lines = [
        "| change | trainings | cost, median | costly | named | right cause |",
        "|" + "---|" * 6,
    ]
    sound = {seed: row for (name, seed), row in rows.items() if not name}
    by_change: dict[str, list[Row]] = defaultdict(list)
    for (name, seed), row in sorted(rows.items()):
        if name and seed in sound:
            by_change[name].append(row)
    n_costly = n_named = 0
    for change in CHANGES:
        found = by_change.get(change.name, [])
        if not found:
            continue
        costs = [_cost(row, sound[row.seed]) for row in found]
        costly = [row for row, cost in zip(found, costs, strict=True) if cost > COSTLY]
        right = [row for row in found if _is_named(row, change)]
        right_costly = [row for row in costly if row in right]
        n_costly, n_named = n_costly + len(costly), n_named + len(right_costly)
        lines.append(
            f"| {change.name} | {len(found)} | {_shown(costs)} | {len(costly)} | "
            f"{len(right_costly)} of {len(costly)} | {len(right)} of {len(found)} |"
        )
    n_false = sum(bool(row.said) for row in sound.values())
    lines += ["", f"Of what costs more than {COSTLY:g}, {n_named} of {n_costly} are named."]
    lines += [f"Of {len(sound)} sound recordings, {n_false} give a finding."]
    return lines


def _cost(row: Row, sound: Row) -> float:
    if row.auc is None or sound.auc is None:
        return np.inf
    return abs(sound.auc - row.auc)


def _shown(costs: list[float]) -> str:
    return "no figure" if np.isinf(np.median(costs)) else f"{np.median(costs):.3f}"


def _is_named(row: Row, change: Change) -> bool:
    return any(re.search(change.cause, text) for text in row.said)


def main() -> None:
    """Compute rows, or print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so many")
    parser.add_argument("--only", default="", help="changes whose names match")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    if asked.table:
        print("\n".join(table(rows_of(asked.results))))
    else:
        run(asked.data, asked.results, asked.seeds, asked.minutes, asked.only)


if __name__ == "__main__":
    main()
