"""Configurations that the window writes: the first one of a lab, and which amplifier it has."""

from pathlib import Path

from bci_online.atomic_write import write_atomically
from bci_online.errors import BciError

__all__ = ["add_configuration", "choose_stream"]

SIMULATED = """\
# A simulated subject at a fast speller: no amplifier is needed.
paradigm = "p300"

[presentation]
flash_ms = 75.0
gap_ms = 50.0
repetitions = 10
cue_s = 1.0
decision_s = 1.0
pause_s = 1.0
words = ["BRAIN"]

[stopping]
error_rate = 0.01
max_repetitions = 12

[simulation]
p300_uv = 10.5                   # a good subject: at this pace responses overlap
"""
IMAGERY = """\
# Cued motor imagery. Every key may be left out; `bci-online config` prints all of them.
paradigm = "motor_imagery"

[filter]
l_freq = 8.0
h_freq = 30.0
"""
NAMES = {"simulated": "simulated.toml", "p300": "p300.toml", "motor_imagery": "motor_imagery.toml"}


def add_configuration(lab: Path, kind: str) -> Path:
    """Write a configuration into a lab, and return its path; one that is there is kept.

    Parameters
    ----------
    lab : Path
        The lab's folder.
    kind : str
        ``simulated``, or a paradigm.

    Returns
    -------
    path : Path
        Of the file.

    Raises
    ------
    BciError
        If it cannot be written.

    See Also
    --------
    bci_online.config.commented.commented_toml : The configuration of a speller.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import read_config
    >>> with tempfile.TemporaryDirectory() as lab:
    ...     read_config(add_configuration(Path(lab), "motor_imagery")).paradigm
    'motor_imagery'
    """
    from bci_online.config.commented import commented_toml

    texts = {"simulated": SIMULATED, "motor_imagery": IMAGERY}
    path = lab / NAMES[kind]
    try:
        if not path.exists():
            write_atomically(path, (texts.get(kind) or commented_toml()).encode())
    except OSError as error:
        raise BciError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def choose_stream(path: Path, stream: str) -> None:
    """Write into a configuration which stream is the EEG; comments and order survive.

    Parameters
    ----------
    path : Path
        Of the configuration.
    stream : str
        Its source_id or name.

    Raises
    ------
    BciError
        If the file is wrong, or cannot be written.

    See Also
    --------
    bci_online.config.document.ConfigDocument : Edits it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as lab:
    ...     path = add_configuration(Path(lab), "p300")
    ...     choose_stream(path, "amp-17")
    ...     'name = "amp-17"' in path.read_text()
    True
    """
    from bci_online.config.document import ConfigDocument
    from bci_online.config.keys import config_keys

    document = ConfigDocument.read(path)
    document.edit(next(key for key in config_keys() if key.path == "eeg.name"), stream)
    try:
        document.save()
    except OSError as error:
        raise BciError(f"{path}: cannot be written: {error.strerror}") from error
