"""What one person's network is worth for another, as rows and tables: of benchmarks/transfer.py."""

import msgspec
import numpy as np

from bci_online.metrics import proportion_interval

FLASHES = (
    ("BCI2000", ("Wadsworth 10", "Wadsworth 11")),
    ("Wadsworth 11", ("BCI2000",)),
    ("Brain Invaders", ("Wadsworth 10", "Wadsworth 11")),
    ("BCI2000", ("Brain Invaders",)),
)
SIZES = (50, 100, 200, 400)
IMAGERY = (
    ("gel, offline → online", "left/right 04 → 08", (10, 20, 40, 80)),
    ("left/right 04 → 08", "gel, offline → online", (8, 15)),
    ("left/right 08 → 04", "gel, offline → online", (8, 15)),
)
NOTHING = "eegnet, from nothing"


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One method with so many flashes or trials of the new person."""

    new: str
    others: str
    method: str
    n: int
    seed: int = 0
    auc: float = 0.0
    ci: tuple[float, float] = (0.0, 0.0)
    gain: float = 0.0
    gain_ci: tuple[float, float] = (0.0, 0.0)
    right: list[int] = []
    note: str = ""
    like: str = ""


def flash_lines(rows: list[Row]) -> list[str]:
    """Return the tables of flashes."""
    lines = []
    for new, others in FLASHES:
        own = [row for row in rows if (row.new, row.others) == (new, " + ".join(others))]
        if not own:
            continue
        lines += [
            f"**{new}, after {' + '.join(others)}**: {own[0].note}.", "",
            f"| method | {' | '.join(f'{n} flashes' for n in SIZES)} |",
            "|---" * (1 + len(SIZES)) + "|",
        ]  # fmt: skip
        for method in dict.fromkeys(row.method for row in own):
            cells = []
            for size in SIZES:
                found = [row for row in own if (row.method, row.n) == (method, size)]
                if not found:
                    cells.append("–")
                    continue
                (row,) = found
                low, high = row.ci if method == NOTHING else row.gain_ci
                gain = "" if method == NOTHING else f"{row.gain:+.3f} "
                cells.append(f"{row.auc:.3f}, {gain}({low:+.3f} to {high:+.3f})" if gain else
                             f"{row.auc:.3f} ({low:.3f}–{high:.3f})")  # fmt: skip
            lines.append(f"| {method} | {' | '.join(cells)} |")
        lines.append("")
    return lines


def imagery_lines(rows: list[Row]) -> list[str]:
    """Return the tables of imagery."""
    lines = []
    for new, other, sizes in IMAGERY:
        own = [row for row in rows if (row.new, row.others) == (new, other) and row.right]
        if not own:
            continue
        lines += [
            f"**{new}, after {other.split()[0].rstrip(',')}**: {own[0].note}.", "",
            f"| method | {' | '.join(f'{n} trials' for n in sizes)} |",
            "|---" * (1 + len(sizes)) + "|",
        ]  # fmt: skip
        for method in dict.fromkeys(row.method for row in own):
            cells = [
                _counts([row for row in own if (row.method, row.n) == (method, n)]) for n in sizes
            ]
            lines.append(f"| {method} | {' | '.join(cells)} |")
        lines.append("")
    return lines


def _counts(rows: list[Row]) -> str:
    right, of = [sum(row.right) for row in rows], len(rows[0].right)
    mean = float(np.mean(right))
    low, high = (100 * end for end in proportion_interval(round(mean), of))
    return f"{mean:.1f} of {of} ({low:.0f}–{high:.0f} %); {', '.join(map(str, right))}"
