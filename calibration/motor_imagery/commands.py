"""`bci-calibrate train` with a configuration of motor imagery."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.config import Config
from bci_online.console import json_line, output_file, plain
from bci_online.decoding.decoder_file import is_decoder
from bci_online.errors import BciError
from calibration.motor_imagery.fitting import CSP_LDA, ImageryMethod
from calibration.motor_imagery.summary import figures, summary
from calibration.motor_imagery.training import train_imagery
from calibration.network_figures import check_picture, draw_history
from calibration.network_methods import LOSSES, NetworkMethod
from calibration.networks.history import History
from calibration.progress import training_bar

__all__ = ["METHODS", "train_imagery_decoder"]

METHODS: Mapping[str, ImageryMethod] = {CSP_LDA.name: CSP_LDA}


def train_imagery_decoder(
    recordings: Sequence[Path],
    output: Path,
    method: str | ImageryMethod | NetworkMethod,
    config: Config,
    *,
    trials: frozenset[int] = frozenset(),
    evaluation: bool = True,
    figure: Path | None = None,
    as_json: bool = False,
) -> None:
    """Train a decoder of imagery and show what can be expected of it.

    Parameters
    ----------
    recordings, output, config, trials, evaluation
        As for `train_imagery`.
    method : str, ImageryMethod or NetworkMethod
        A name of METHODS, or a method that is made with more than a name.
    figure : Path, optional
        Where to draw the losses and weights of a network's training.
    as_json : bool
        One JSON line instead of a table.

    Raises
    ------
    BciError
        If something given is not usable; no decoder is written then.
    """
    if isinstance(method, str):
        if method not in METHODS:
            known = ", ".join((*METHODS, *LOSSES))
            raise BciError(f"--method {method}: is for flashes; for imagery there is {known}")
        method = METHODS[method]
    output_file(output, "decoder", is_decoder)
    if figure is not None:
        if not isinstance(method, NetworkMethod):
            raise BciError(f"--figure: of imagery it shows a network's training, not {method.name}")
        check_picture(figure, "--figure")
    histories: list[History] = []
    with training_bar(len(recordings), as_json) as told:
        if isinstance(method, NetworkMethod):
            method = method.watched(told.noted, histories.append).for_imagery()
        trained = train_imagery(
            recordings,
            method,
            config,
            output,
            trials=trials,
            evaluation=evaluation,
            opened=told.opened,
            progress=told.folded,
        )
    if figure is not None:
        draw_history(histories[-1], figure, method.name)
    for note in trained.notes:
        sys.stderr.write(f"note: {plain(note)}\n")
    if as_json:
        sys.stdout.write(json_line(summary(trained, output)))
        return
    table = Table(title=f"{method.name}: what held-out trials say", show_header=False)
    table.title_justify = "left"
    table.add_column(style="dim")
    table.add_column()
    for name, value in figures(trained, output):
        table.add_row(name, escape(plain(value)))
    Console(highlight=False).print(table)
