"""The table of `bci-calibrate evaluate moabb --network …`: loss weightings on a public set."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from bci_online.errors import BciError
from calibration.experiments.accuracy_rows import AccuracyRow, summarise_accuracies
from calibration.experiments.cell_store import Cell
from calibration.experiments.compared_methods import checked_strategies
from calibration.experiments.compared_trainings import Training
from calibration.experiments.figures import draw_accuracies
from calibration.experiments.kept_networks import CellsWithNetworks, network_files
from calibration.experiments.moabb_sets import AskedSet
from calibration.experiments.network_protocols import compute, plan
from calibration.experiments.network_sets import TrialSet, described, read_trials
from calibration.experiments.network_splits import (
    SUBJECT_DEPENDENT,
    SUBJECT_INDEPENDENT,
    is_training,
)
from calibration.experiments.public_sets import PublicSet, preset_for
from calibration.experiments.run_options import RunOptions, loading, say, table_folder
from calibration.experiments.table_run import Experiment, make_table, number
from calibration.experiments.trial_cache import TrialCache, files_key, files_of
from calibration.networks.checked_inputs import check_parameters, starting_weights
from calibration.networks.network_classifier import NetworkClassifier
from calibration.networks.network_training import LOSSES

__all__ = ["WeightingComparison", "evaluate_networks", "missing"]

PARADIGMS = ("imagery", "ssvep", "p300")
DEVIATION = (
    "preprocessing: filtered causally, a Butterworth band of order {order}, as it would be live, "
    "and brought to 100 Hz window by window; the paper's is not causal"
)


class WeightingComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Which loss weightings of one network are compared, and how.

    Parameters
    ----------
    training : Training
        The network, and what is the same for all.
    strategies : tuple of str
        Loss weightings; empty means the network's own paper's weights.
    protocols : tuple of str
        What is tested: another session, another subject.
    classes : tuple of str
        Empty means the set's preset.
    keep : bool
        Write networks across subjects as decoder files.
    cache : Path, optional
        Folder of filtered trials; by default it is in that of the table.

    See Also
    --------
    evaluate_networks : Compares so.
    """

    training: Training
    strategies: tuple[str, ...] = ()
    protocols: tuple[str, ...] = (SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT)
    classes: tuple[str, ...] = ()
    keep: bool = False
    cache: Path | None = None


def evaluate_networks(
    asked: AskedSet, comparison: WeightingComparison, options: RunOptions
) -> None:
    """Compare loss weightings on a public set.

    Parameters
    ----------
    asked : AskedSet
        The set, and whose data of it.
    comparison : WeightingComparison
        The network and its loss weightings.
    options : RunOptions
        Where the table goes.

    Raises
    ------
    BciError
        If something given is not usable, or the set cannot be loaded.

    See Also
    --------
    calibration.experiments.network_protocols.compute : One cell.
    """
    training = comparison.training
    names, notes = checked_strategies(comparison.strategies, training.network)
    _check(training)
    dataset = asked.opened(PARADIGMS)
    preset = preset_for(dataset, comparison.classes)
    folder = table_folder(options.output)
    n_subjects, bank = (
        len(asked.subjects) or len(dataset.subject_list),
        training.network == "fbmsnet",
    )
    if training.split != "sessions" and hasattr(dataset, "test_run"):
        # MOABB leaves the test phase of imagery out unless it is asked for.
        dataset.test_run = True
    part = partial(is_training, training.split)
    cache = _cache(comparison.cache or folder / "trials", folder)
    with loading(options, "loading", n_subjects) as opened:
        kept = partial(_kept, cache, dataset, (preset, bank, training.split))
        subjects = read_trials(dataset, asked.subjects, preset, bank, opened, part, kept)
    if cache.n_found:
        say([f"{cache.n_found} of {len(subjects)} subjects were filtered before"])
    is_erp = dataset.paradigm == "p300"
    training = msgspec.structs.replace(training, undersample=is_erp)
    cells, data = plan(subjects, comparison.protocols, names, training, dataset.code)
    order = next(iter(subjects.values())).preprocessing.filter.order
    say([DEVIATION.format(order=order), *missing(dataset), *notes, *described(subjects)])
    if len(names) > 1:
        say([f"p: signed-rank test against {names[0]}, subjects as pairs, one test a row"])
    experiment = _experiment(training.network, dataset.code, cells, data)
    if not comparison.keep:
        make_table(experiment, folder, options)
        return
    networks = folder / "networks"
    experiment = _keeping(experiment, networks)
    make_table(experiment, folder, options)
    files = network_files(experiment.cells)
    lacking = [name for name in files if not (networks / name).is_file()]
    say([f"{networks}: {len(files) - len(lacking)} networks across subjects, for train --from"])
    if lacking:
        say([f"{lacking[0]} and others are gone, their cells are not; use a new folder"])


def _cache(folder: Path, output: Path) -> TrialCache:
    """Return where filtered trials are kept; the table's folder is known as one from now on."""
    if folder.exists() and not folder.is_dir():
        raise BciError(f"--cache {folder}: is a file; name a folder")
    try:
        (output / "cells").mkdir(parents=True, exist_ok=True)
        return TrialCache(folder)
    except OSError as error:
        raise BciError(f"--cache {folder}: cannot be made ({error.strerror})") from None


def _kept(
    cache: TrialCache,
    dataset: Any,
    how: tuple[PublicSet, bool, str],
    subject: int,
    make: Callable[[], TrialSet],
) -> TrialSet:
    """Return a subject's trials, filtered before or now."""
    files = files_of(dataset, subject)
    if not files:
        return make()
    preset, bank, split = how
    key = files_key(files, type(dataset).__name__, subject, preset, bank, split)
    return cache.get(key, make)


def missing(dataset: Any) -> list[str]:
    """Return what the paper has of a set and MOABB's loader does not give.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        Any set of MOABB.

    Returns
    -------
    lines : list of str
        Empty where nothing is missing.

    See Also
    --------
    evaluate_networks : Says it above the table.

    Examples
    --------
    >>> missing(type("Lee2019_MI", (), {"event_id": {"left_hand": 2, "right_hand": 1}})())
    ['three classes: MOABB has no trials of rest, which the paper cuts from the pauses']
    """
    if type(dataset).__name__ == "Lee2019_MI" and "rest" not in dataset.event_id:
        return ["three classes: MOABB has no trials of rest, which the paper cuts from the pauses"]
    return []


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


def _keeping(experiment: Experiment, folder: Path) -> Experiment:
    """Return the same table, whose networks across subjects are kept in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [{**cell, "keep": True} for cell in experiment.cells]
    return msgspec.structs.replace(experiment, cells=cells, work=CellsWithNetworks(folder))


def _check(training: Training) -> None:
    """Refuse a missing device, and other numbers that cannot be, before data are loaded."""
    names = ("device", "precision", "learning_rate", "step", "min_epochs", "subsampling")
    chosen = {name: getattr(training, name) for name in names}
    model = NetworkClassifier(training.network, "fixed", training.loss_weights, **chosen)
    try:
        check_parameters(model)
        if training.loss_weights is not None:
            losses = SimpleNamespace(names=LOSSES[training.network])
            starting_weights(model, losses)
    except ValueError as error:
        raise BciError(f"--network {training.network}: {error}") from None


def _shown(row: AccuracyRow) -> dict[str, str]:
    """Return the texts of a row, by heading."""
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
        "p (Holm)": number(row.p_holm, ".2g"),
    }
