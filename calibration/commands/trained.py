"""A training carried out with a progress bar, and shown."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.config import DecoderHeader
from bci_online.console import json_line, note, plain
from bci_online.decoding.decoder_file import is_decoder, read_decoder
from bci_online.errors import BciError
from bci_online.output_paths import output_file, page_file
from calibration.commands.report import write_report
from calibration.method_names import IMAGERY
from calibration.networks.history import History
from calibration.networks.input_scale import described_norms
from calibration.networks.judged_training import judgement
from calibration.networks.start_epochs import told_apart
from calibration.picture_files import check_picture
from calibration.progress import training_bar
from calibration.training_request import TrainingRequest

if TYPE_CHECKING:
    from calibration.p300.sensor_figure import Point
    from calibration.p300.training import Trained
    from calibration.sparse.sensor_path import SensorPath

__all__ = ["carry_out"]


def carry_out(request: TrainingRequest) -> None:
    """Train a decoder, and show what can be expected of it.

    Raises
    ------
    BciError
        If something in the request is not usable; no decoder is written then.
    """
    if request.config.paradigm == "motor_imagery":
        paths: Mapping[str, SensorPath] = {}
        _train_imagery(request)
    else:
        paths = _train_flashes(request)
    if request.report is not None:
        write_report(
            request.output,
            request.recordings,
            request.report,
            request.config_path,
            paths=paths,
            quiet=request.as_json,
        )


def _train_imagery(request: TrainingRequest) -> None:
    # What one paradigm imports takes a second that the other does not need.
    from calibration.motor_imagery import methods as imagery_methods
    from calibration.motor_imagery import summary as imagery_summary
    from calibration.motor_imagery import training as imagery_training

    imagery_methods.check_request(request)
    _check_files(request)
    histories: list[History] = []
    with training_bar(len(request.recordings), request.as_json, histories.append) as progress:
        trained = imagery_training.train(request, progress)
    own = histories[-1] if histories else None
    if request.figure is not None and own is not None:
        _draw_history(own, request.figure, request.title)
    header = trained.decoder.header
    _note((*trained.notes, *_of_network(header, request, own)))
    if request.as_json:
        sys.stdout.write(json_line(imagery_summary.summary(trained, request)))
        return
    title = f"{request.title}: what held-out trials say"
    _show(title, imagery_summary.figures(trained, request))


def _train_flashes(request: TrainingRequest) -> "Mapping[str, SensorPath]":
    """Train on flashes, show it, and return the AUC against the number of sensors."""
    from calibration.p300 import methods as flash_methods
    from calibration.p300 import summary as flash_summary
    from calibration.p300 import training as flash_training
    from calibration.p300.sensor_figure import draw_paths

    if request.method in IMAGERY:
        raise BciError(
            f"--method {request.method}: is for imagery; give a --config with paradigm = "
            "'motor_imagery'"
        )
    flash_methods.check_request(request)
    _check_files(request)
    with training_bar(len(request.recordings), request.as_json) as progress:
        trained = flash_training.train(request, progress)
    # Not the last one that was trained: that is one of a held-out fold.
    own = trained.fitted.history
    if request.figure is not None and own is not None:
        _draw_history(own, request.figure, request.title)
    elif request.figure is not None:
        draw_paths(trained.sensor_paths, _point(trained, request.title), request.figure)
    _note((*trained.notes, *_of_network(read_decoder(request.output).header, request, own)))
    if request.as_json:
        sys.stdout.write(json_line(flash_summary.summary(trained, request)))
    else:
        # What auto took has a row of its own; a network names the subjects that it knows.
        name = "" if request.method == "auto" else trained.fitted.method
        title = f"{name or request.title}: what held-out data say"
        _show(title, flash_summary.figures(trained, request))
    return trained.sensor_paths


def _check_files(request: TrainingRequest) -> None:
    """Refuse files that cannot be written, before any work is done."""
    output_file(request.output, "decoder", is_decoder)
    if request.figure is not None:
        check_picture(request.figure, "--figure")
    if request.report is not None:
        page_file(request.report, "--report")


def _draw_history(history: History, path: Path, title: str) -> None:
    # Only now: it imports matplotlib and PyTorch, which take seconds.
    from calibration.networks.trajectories import draw_trajectories

    draw_trajectories(history, path, title)


def _of_network(
    header: DecoderHeader, request: TrainingRequest, own: History | None
) -> tuple[str, ...]:
    """Return notes about the decoder's own network; none if it is not a network."""
    if header.learning is None or own is None:
        return ()
    training = request.network or request.networks[0]
    notes = (
        *described_norms(own.names, own.first_norms, training.loss_weighting),
        *judgement(header.learning, len(header.classes)),
    )
    network, unit = header.network, header.preprocessing.unit
    if training.start is not None:
        notes += told_apart(training.start, header)
    if network is not None and network.name == "own":
        notes += (
            f"the decoder names code, {network.entry_point}; to use it set "
            f"BCI_ONLINE_NETWORKS={network.entry_point}",
        )
    if network is not None and network.scaling == "microvolts" and unit != "microvolts":
        notes += (
            f"--scaling microvolts: the unit of the stream is {unit}, its numbers were taken as "
            "microvolts; --scaling global needs no unit",
        )
    return notes


def _point(trained: "Trained", method: str) -> "list[Point]":
    """Return the decoder as a point of the figure; none if it was not evaluated."""
    if trained.outcome is None:
        return []
    size = len(trained.fitted.choice.sensors)
    label = f"this decoder ({method}), folds by {trained.outcome.split}"
    return [(label, size, trained.outcome.auc, trained.outcome.auc_ci)]


def _note(notes: Sequence[str]) -> None:
    for text in notes:
        note(text)


def _show(title: str, rows: Sequence[tuple[str, str]]) -> None:
    table = Table(title=title, show_header=False)
    table.title_justify = "left"
    table.add_column(style="dim")
    table.add_column()
    for name, value in rows:
        table.add_row(name, escape(plain(value)))
    Console(highlight=False).print(table)
