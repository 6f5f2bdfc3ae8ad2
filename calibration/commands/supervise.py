"""`bci-calibrate supervise`: a decoder from the letters of a growing recording, for `spell`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["supervise"]


def supervise(
    recording: Path,
    config: Annotated[Path, typer.Option(help="of the session, as JSON")],
    decoder: Annotated[Path, typer.Option(help="what the session began with")],
) -> None:
    """Answer each line, the symbols of trials as JSON, with a line of JSON."""
    import msgspec

    from bci_online.config import read_config
    from bci_online.console import json_line
    from bci_online.decoding.decoder_file import read_decoder
    from bci_online.errors import BciError
    from bci_online.session.supervision import SupervisedLine
    from calibration.p300.supervision import supervised_by

    loaded = read_config(config)
    for line in sys.stdin:
        letters = msgspec.json.decode(line, type=dict[int, str])
        try:
            # The engine has written it by the first decision.
            header = read_decoder(decoder).header
            answer = SupervisedLine(supervised_by(letters, recording, loaded, header))
        except BciError as error:
            # Artefacts, for instance: with more letters it may be enough.
            answer = SupervisedLine(None, str(error))
        sys.stdout.write(json_line(answer))
        sys.stdout.flush()
