"""`bci-calibrate promises`: what a growing recording promises; started by the recording session."""

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["promises"]


def promises(
    recording: Path, config: Annotated[Path, typer.Option(help="of the session, as JSON")]
) -> None:
    """Answer each line, the number of letters so far, with a line of JSON."""
    from bci_online.config import read_config
    from bci_online.console import json_line
    from bci_online.errors import RecordingError
    from bci_online.session.promises import PromiseLine
    from calibration.p300.evidence import FEWEST_LETTERS
    from calibration.p300.promise import promise_of_recording

    loaded = read_config(config)
    for line in sys.stdin:
        n_letters = int(line)
        if n_letters < FEWEST_LETTERS:
            continue
        try:
            answer = PromiseLine(promise_of_recording(recording, loaded, n_letters))
        except RecordingError as error:
            # Artefacts, for instance: with more letters it may be enough.
            answer = PromiseLine(None, str(error))
        sys.stdout.write(json_line(answer))
        sys.stdout.flush()
