"""What `bci-calibrate`'s commands do: read, run with a progress bar, show."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.config import read_config
from bci_online.console import json_line, output_file, plain
from bci_online.decoding.decoder_file import is_decoder
from bci_online.errors import BciError
from calibration.motor_imagery.commands import METHODS as IMAGERY_METHODS
from calibration.motor_imagery.commands import train_imagery_decoder
from calibration.network_figures import draw_history
from calibration.network_methods import NetworkMethod
from calibration.networks.history import History
from calibration.p300.fitting import Number
from calibration.p300.methods import check_pooling
from calibration.p300.pooled_recordings import parse_pool
from calibration.p300.sensor_figure import FORMATS, Point, draw_paths, is_picture
from calibration.p300.sensor_prices import sensor_prices
from calibration.p300.summary import figures, summary
from calibration.p300.training import Trained, train
from calibration.progress import training_bar
from calibration.recordings import found_in
from calibration.report.commands import check_page, write_report

__all__ = ["train_decoder"]


def train_decoder(
    recordings: Sequence[Path],
    output: Path,
    method: str | NetworkMethod,
    config_path: Path | None,
    *,
    trials: frozenset[int],
    sensors: str,
    prefer: str,
    pool: Sequence[str],
    refit: bool,
    figure: Path | None,
    evaluation: bool,
    report: Path | None = None,
    as_json: bool,
) -> None:
    """Train a decoder and show what can be expected of it; `report` is a page to write of it.

    Raises
    ------
    BciError
        If something given is not usable; no decoder is written then.
    """
    if report is not None:
        check_page(report, "--report")
    recordings, config_path = found_in(recordings, config_path)
    config = read_config(config_path)
    chooses = sensors or prefer or pool or not refit
    if config.paradigm == "motor_imagery":
        if chooses:
            options = "--sensors, --prefer, --pool and --no-refit"
            raise BciError(f"{options} are for flashes; leave them out with {config_path}")
        train_imagery_decoder(
            recordings,
            output,
            method,
            config,
            trials=trials,
            evaluation=evaluation,
            figure=figure,
            as_json=as_json,
        )
        if report is not None:
            write_report(output, recordings, report, config_path, quiet=as_json)
        return
    if isinstance(method, NetworkMethod):
        _check_network(method, bool(chooses))
    if method in IMAGERY_METHODS:
        raise BciError(
            f"--method {method}: is for imagery; give a --config with paradigm = 'motor_imagery'"
        )
    output_file(output, "decoder", is_decoder)
    pools = [parse_pool(text, config) for text in pool]
    if isinstance(method, str):
        check_pooling(method, bool(pools))
    number = _number(sensors)
    preferred = tuple(prefer.replace(",", " ").split())
    if preferred:
        # Refused before the recordings are read.
        sensor_prices((), preferred)
        if number is None and (pools or method in {"lda", "svm"}):
            how = f"{method}{' with --pool' * bool(pools)}"
            raise BciError(f"--prefer: {how} gives sensors no price; say how many with --sensors")
    if figure is not None:
        _picture_file(figure)
    histories: list[History] = []
    with training_bar(len(recordings), as_json) as told:
        if isinstance(method, NetworkMethod):
            method = method.watched(told.noted, histories.append)
        trained = train(
            recordings,
            method,
            config,
            output,
            trials=trials,
            refit=refit,
            sensors=number,
            preferred=preferred,
            pools=pools,
            evaluation=evaluation,
            with_paths=figure is not None and isinstance(method, str),
            opened=told.opened,
            progress=told.folded,
        )
    name = method if isinstance(method, str) else method.name
    if figure is not None and histories:
        draw_history(histories[-1], figure, name)
    elif figure is not None:
        draw_paths(trained.sensor_paths, _point(trained, name), figure)
    for note in trained.notes:
        sys.stderr.write(f"note: {plain(note)}\n")
    if as_json:
        sys.stdout.write(json_line(summary(trained, name, output, figure)))
    else:
        _show(trained, name, output)
    if report is not None:
        paths = trained.sensor_paths
        write_report(output, recordings, report, config_path, paths=paths, quiet=as_json)


def _check_network(method: NetworkMethod, chooses: bool) -> None:
    """Refuse what a network of flashes cannot do."""
    if method.filter is not None:
        raise BciError(
            f"--method {method.network}: reads the power of bands, which is for imagery; use "
            "min2net or eegnet, or a --config with paradigm = 'motor_imagery'"
        )
    if chooses:
        raise BciError(
            f"--sensors, --prefer, --pool and --no-refit: {method.network} takes every sensor of "
            "one subject; choose sensors with eeg.channels in the configuration"
        )


def _number(text: str) -> Number | None:
    """Read how many sensors are wanted.

    Raises
    ------
    BciError
        If it is no number of sensors.
    """
    if text in {"", "auto"}:
        return "auto" if text else None
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise BciError(
            f"--sensors {text}: must be a number from 1 up, or auto for the fewest within one "
            "standard error of the best"
        )
    return int(text)


def _picture_file(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise BciError(f"--figure {path}: must end in {' or '.join(FORMATS)}")
    output_file(path, "picture", is_picture, "--figure")


def _point(trained: Trained, method: str) -> list[Point]:
    """Return the decoder as a point of the figure; none where nothing was held out for it."""
    if trained.outcome is None:
        return []
    size = len(trained.fitted.choice.sensors)
    label = f"this decoder ({method}), folds by {trained.outcome.split}"
    return [(label, size, trained.outcome.auc, trained.outcome.auc_ci)]


def _show(trained: Trained, method: str, output: Path) -> None:
    console = Console(highlight=False)
    table = Table(title=f"{method}: what held-out data say", show_header=False)
    table.title_justify = "left"
    table.add_column(style="dim")
    table.add_column()
    for name, value in figures(trained, output):
        table.add_row(name, escape(plain(value)))
    console.print(table)
