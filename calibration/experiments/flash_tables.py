"""The tables of `bci-calibrate evaluate` that compare methods for flashes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bci_online.config import Config, read_config
from bci_online.errors import BciError
from calibration.experiments import flash_protocols, new_subjects, simulated, simulated_subjects
from calibration.experiments.auc_rows import Row, summarise
from calibration.experiments.cell_store import Cell
from calibration.experiments.compared_methods import BASELINE, MULTI, SINGLE, checked_methods
from calibration.experiments.figures import draw_curves, draw_table
from calibration.experiments.moabb_sets import AskedSet, read_dataset
from calibration.experiments.presets import with_preset
from calibration.experiments.recorded_subjects import (
    checked_files,
    described,
    read_subjects,
    subjects_of,
)
from calibration.experiments.run_options import RunOptions, loading, say, table_folder
from calibration.experiments.subject_figures import draw_subjects, subject_means
from calibration.experiments.table_run import NOTHING, Experiment, make_table, number
from calibration.experiments.workers import Work
from calibration.p300.epochs import EpochSet
from calibration.recordings import found_in

__all__ = [
    "Comparison",
    "evaluate_moabb",
    "evaluate_new_subjects",
    "evaluate_recordings",
    "evaluate_simulated",
]

PAPERS = ("svm", "svm-1", "gsvm-2", "gsvm-q", "gsvm-a")


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared on recordings, as the command line asks for it.

    Parameters
    ----------
    methods : str
        Names with commas between them; empty means the paper's.
    config : Path, optional
        TOML with streams, markers, filter, latencies.
    preset : str
        One of `calibration.experiments.presets.PRESETS`, or empty.
    protocols : tuple of str
        How flashes are split.
    splitting : Splitting
        Its ``splits`` are the blocks of a learning curve, too.

    See Also
    --------
    evaluate_recordings, evaluate_moabb, evaluate_new_subjects : Compare so.
    """

    methods: str = ""
    config: Path | None = None
    preset: str = ""
    protocols: tuple[str, ...] = (flash_protocols.PAPER, flash_protocols.BY_RUN)
    splitting: flash_protocols.Splitting = flash_protocols.Splitting()


def evaluate_simulated(part: str, methods: str, runs: int, seed: int, options: RunOptions) -> None:
    """Make the table of the simulated experiment, the learning curves, or both.

    Parameters
    ----------
    part : {"sensors", "subjects", "all"}
        Which table.
    methods : str
        Names with commas between them; empty means the paper's.
    runs : int
        Simulated experiments.
    seed : int
        Of all draws.
    options : RunOptions
        Where the table goes.

    Raises
    ------
    BciError
        If something given is not usable.

    See Also
    --------
    calibration.experiments.simulated.simulate : One run.
    calibration.experiments.simulated_subjects.simulate : One run of several subjects.
    """
    folder = table_folder(options.output)
    if part in {"sensors", "all"}:
        names = _methods(methods, SINGLE)
        cells = simulated.plan(names, runs, seed, simulated.Setup())
        title = f"simulated sensors, {runs} runs"
        make_table(_table("simulated", title, simulated.compute, cells, ""), folder, options)
    if part in {"subjects", "all"}:
        names = _methods(methods if part == "subjects" else "", MULTI, MULTI)
        setup = simulated_subjects.Subjects()
        cells = simulated_subjects.plan(names, runs, seed, setup)
        title = f"{setup.n_subjects} simulated subjects, {runs} runs"
        curves = _table(
            "subjects", title, simulated_subjects.compute, cells, "flashes", draw=draw_curves
        )
        make_table(curves, folder, options)


def evaluate_recordings(paths: Sequence[Path], comparison: Comparison, options: RunOptions) -> None:
    """Compare methods on a lab's own recordings.

    Parameters
    ----------
    paths : sequence of Path
        XDF files, or sessions' folders.
    comparison : Comparison
        The methods, and how flashes are split.
    options : RunOptions
        Where the table goes.

    Raises
    ------
    BciError
        If something given is not usable.

    See Also
    --------
    evaluate_moabb : The same on a public set.
    """
    names = _methods(comparison.methods, PAPERS)
    paths, config_path = found_in(paths, comparison.config)
    config, notes = _configured(config_path, comparison.preset)
    folder = table_folder(options.output)
    with loading(options, "recordings", len(paths)) as opened:
        subjects = read_subjects(paths, config, opened)
    cells, data = _split(subjects, names, comparison)
    title = f"{len(paths)} recordings of {len(subjects)} subject{'s' * (len(subjects) > 1)}"
    say([*notes, *described(subjects)])
    table = _table("recordings", title, flash_protocols.compute, cells, "protocol", data)
    make_table(table, folder, options)


def evaluate_new_subjects(
    paths: Sequence[Path], comparison: Comparison, options: RunOptions
) -> None:
    """Draw learning curves of a lab's own subjects, each of them new in turn.

    Parameters
    ----------
    paths : sequence of Path
        XDF files with ``sub-XX`` in their names, or sessions' folders.
    comparison : Comparison
        The methods, and the number of blocks.
    options : RunOptions
        Where the table goes.

    Raises
    ------
    BciError
        If something given is not usable.

    See Also
    --------
    calibration.experiments.new_subjects.plan : The cells.
    """
    names = _methods(comparison.methods, new_subjects.CURVES, new_subjects.CURVES)
    paths, config_path = found_in(paths, comparison.config)
    config, notes = _configured(config_path, comparison.preset)
    folder = table_folder(options.output)
    checked_files(paths)
    with loading(options, "recordings", 2 * len(paths)) as opened:
        subjects, lines = new_subjects.read_new_subjects(subjects_of(paths), config, opened)
    cells, data = new_subjects.plan(subjects, names, comparison.splitting.splits)
    say([*notes, *lines])
    title = f"new subjects, {len(subjects)} in turn"
    curves = _table(
        "learning_curve", title, new_subjects.compute, cells, "flashes", data, draw_curves
    )
    make_table(curves, folder, options)


def evaluate_moabb(asked: AskedSet, comparison: Comparison, options: RunOptions) -> None:
    """Compare methods on a public P300 set.

    Parameters
    ----------
    asked : AskedSet
        The set, and whose data of it.
    comparison : Comparison
        The methods, and how flashes are split.
    options : RunOptions
        Where the table goes.

    Raises
    ------
    BciError
        If something given is not usable, or the set cannot be loaded.

    See Also
    --------
    evaluate_recordings : The same on recordings of one's own.
    """
    names = _methods(comparison.methods, PAPERS)
    config, notes = _configured(comparison.config, comparison.preset)
    dataset = asked.opened()
    folder = table_folder(options.output)
    n_subjects = len(asked.subjects) or len(dataset.subject_list)
    with loading(options, "loading", n_subjects) as opened:
        subjects = read_dataset(dataset, asked.subjects, config, opened)
    cells, data = _split(subjects, names, comparison)
    say([*notes, *described(subjects)])
    table = _table("moabb", dataset.code, flash_protocols.compute, cells, "protocol", data)
    make_table(table, folder, options)


def _split(
    subjects: Mapping[str, EpochSet], names: Sequence[str], comparison: Comparison
) -> tuple[list[dict[str, Any]], dict[str, EpochSet]]:
    return flash_protocols.plan(subjects, comparison.protocols, names, comparison.splitting)


def _methods(text: str, default: Sequence[str], known: Sequence[str] = SINGLE) -> tuple[str, ...]:
    names = checked_methods(text, known, default)
    if BASELINE not in names and len(names) > 1:
        say([f"no p values: add {BASELINE}, the baseline of all tests, to --methods"])
    return names


def _configured(path: Path | None, preset: str) -> tuple[Config, list[str]]:
    config = read_config(path)
    if config.paradigm != "p300":
        raise BciError(f"{path}: paradigm {config.paradigm!r} cannot be evaluated, only 'p300'")
    if not preset:
        return config, []
    config, deviation = with_preset(config, preset)
    return config, [deviation]


def _table(
    name: str,
    title: str,
    work: Work,
    cells: Sequence[Cell],
    part: str,
    data: Mapping[str, Any] | None = None,
    draw: Callable[[Path, Sequence[Row], str], None] = draw_table,
) -> Experiment:
    return Experiment(
        name=name,
        title=title,
        work=work,
        cells=cells,
        part=part,
        summarise=summarise,
        shown=_shown,
        draw=draw,
        draw_more=_draw_subjects,
        data=data,
    )


def _draw_subjects(
    folder: Path, experiment: Experiment, results: Sequence[Mapping[str, Any] | None]
) -> list[Path]:
    means = subject_means(experiment.cells, results, experiment.part)
    return draw_subjects(folder, experiment.name, means, experiment.title)


def _shown(row: Row) -> dict[str, str]:
    """Return the texts of a row, by heading."""
    between = f"{number(row.auc_low, '.3f')}-{number(row.auc_high, '.3f')}"
    return {
        "part": row.part or NOTHING,
        "method": row.method,
        "n": str(row.n),
        "AUC": f"{row.auc:.3f}",
        "95 %": NOTHING if row.auc_low is None else between,
        "sd": number(row.auc_sd, ".3f"),
        "sensors": f"{100 * row.selection_rate:.0f} %",
        "F": number(row.f_measure, ".3f"),
        "p": number(row.p, ".2g"),
        "p (Holm)": number(row.p_holm, ".2g"),
    }
