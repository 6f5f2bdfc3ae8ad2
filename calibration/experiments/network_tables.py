"""What `bci-calibrate evaluate moabb --network …` does: compare loss weightings on a public set."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bci_online.errors import BciError
from calibration.experiments.accuracy_rows import AccuracyRow, summarise_accuracies
from calibration.experiments.cell_store import Cell
from calibration.experiments.figures import draw_accuracies
from calibration.experiments.moabb_sets import open_dataset
from calibration.experiments.network_protocols import Training, checked_strategies, compute, plan
from calibration.experiments.network_sets import described, preset_for, read_trials
from calibration.experiments.table_run import (
    Experiment,
    Running,
    loading,
    make_table,
    number,
    output_folder,
    say,
)
from calibration.networks.checked_inputs import check_parameters
from calibration.networks.network_classifier import NetworkClassifier

__all__ = ["evaluate_networks"]

PARADIGMS = ("imagery", "ssvep", "p300")
DEVIATION = (
    "preprocessing: filtered causally, a Butterworth band of order {order}, as it would be live, "
    "and brought to 100 Hz window by window; the paper's is not causal"
)


def evaluate_networks(
    dataset: Any,
    data_dir: Path | None,
    people: Sequence[int],
    classes: str,
    protocols: Sequence[str],
    strategies: Sequence[str],
    training: Training,
    running: Running,
) -> None:
    """Compare loss weightings on a public set, by its name or as MOABB's own object.

    Raises
    ------
    BciError
        If something given is not usable, or the set cannot be loaded.
    """
    names, notes = checked_strategies(strategies, training.network)
    _check(training)
    if isinstance(dataset, str):
        dataset = open_dataset(dataset, data_dir, PARADIGMS)
    preset = preset_for(dataset, [name.strip() for name in classes.split(",") if name.strip()])
    folder = output_folder(running.output)
    with loading(running, "loading", len(people) or len(dataset.subject_list)) as opened:
        subjects = read_trials(dataset, people, preset, training.network == "fbmsnet", opened)
    is_erp = dataset.paradigm == "p300"
    training = msgspec.structs.replace(training, undersample=is_erp)
    cells, data = plan(subjects, protocols, names, training, dataset.code)
    order = next(iter(subjects.values())).preprocessing.filter.order
    say([DEVIATION.format(order=order), *notes, *described(subjects)])
    if len(names) > 1:
        say([f"p: signed-rank test against {names[0]}, subjects as pairs, one test a row"])
    make_table(_experiment(training.network, dataset.code, cells, data), folder, running)


def _experiment(
    network: str, code: str, cells: Sequence[Cell], data: Mapping[str, Any]
) -> Experiment:
    return Experiment(
        name=f"moabb_{network}",
        title=f"{network} on {code}",
        work=compute,
        cells=cells,
        part="protocol",
        summarise=summarise_accuracies,
        shown=_shown,
        draw=draw_accuracies,
        data=data,
    )


def _check(training: Training) -> None:
    """Refuse a device that is not there before any data are loaded."""
    try:
        check_parameters(NetworkClassifier(training.network, device=training.device))
    except ValueError as error:
        raise BciError(f"--device: {error}") from None


def _shown(row: AccuracyRow) -> dict[str, str]:
    """Return a row as it is read, by heading."""
    return {
        "part": row.part,
        "method": row.method,
        "n": str(row.n),
        "right": f"{row.n_right}/{row.n_decided}",
        "accuracy": f"{row.accuracy:.3f}",
        "95 %": f"{row.low:.3f}-{row.high:.3f}",
        "F1": f"{row.macro_f1:.3f}",
        "chance": f"{row.commonest:.3f}",
        "p": number(row.p, ".2g"),
    }
