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
from calibration.motor_imagery.showing import figures, summary
from calibration.motor_imagery.training import train_imagery
from calibration.progress import training_bar

__all__ = ["METHODS", "train_imagery_decoder"]

METHODS: Mapping[str, ImageryMethod] = {CSP_LDA.name: CSP_LDA}


def train_imagery_decoder(
    recordings: Sequence[Path],
    output: Path,
    method: str | ImageryMethod,
    config: Config,
    *,
    trials: frozenset[int] = frozenset(),
    evaluation: bool = True,
    as_json: bool = False,
) -> None:
    """Train a decoder of imagery and show what can be expected of it.

    Parameters
    ----------
    recordings, output, config, trials, evaluation
        As for `train_imagery`.
    method : str or ImageryMethod
        A name of METHODS, or a method that is made with more than a name.
    as_json : bool
        One JSON line instead of a table.

    Raises
    ------
    BciError
        If something given is not usable; no decoder is written then.
    """
    if isinstance(method, str):
        if method not in METHODS:
            known = ", ".join(METHODS)
            raise BciError(f"--method {method}: is for flashes; for imagery there is {known}")
        method = METHODS[method]
    output_file(output, "decoder", is_decoder)
    with training_bar(len(recordings), as_json) as told:
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
