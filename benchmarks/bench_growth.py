"""How the cost of a replay grows with channels, rate and length."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import replay

CHANNELS, SFREQS, MINUTES = (8, 32, 64, 128), (250, 500, 1000, 2000), (1, 2, 4, 8)
USUAL = {"channels": 64, "Hz": 500, "minutes": 2}
GROWING = {"channels": CHANNELS, "Hz": SFREQS, "minutes": MINUTES}


def grown() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what was varied, with its value, and the figures of a replay."""
    for varied, values in GROWING.items():
        for value in values:
            cell = USUAL | {varied: value}
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "made.xdf"
                replay.long_recording(path, cell["minutes"] / 60, cell["channels"], cell["Hz"])
                yield f"{value} {varied}", replay.measured("bci-online replay", path)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds and memory against each of the three."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(9, 5), sharey="row", layout="constrained")
    for column, varied in enumerate(GROWING):
        for line, unit in enumerate(("s", "MB")):
            points = [
                (float(row["what"].split()[0]), row["ours"])
                for row in rows
                if row["unit"] == unit and row["what"].split()[1] == varied
            ]
            axes[line, column].plot(*zip(*points, strict=True), "o-")
            axes[line, column].set_ylim(bottom=0)
            axes[line, column].set_xlim(left=0)
        axes[1, column].set_xlabel(varied)
    axes[0, 0].set_ylabel("seconds of the processor")
    axes[1, 0].set_ylabel("most memory (MB)")
    figure.savefig(path, dpi=110)
    plt.close(figure)
