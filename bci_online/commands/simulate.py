"""`bci-online simulate`: a session of the simulated subject as a recording."""

import sys
from pathlib import Path

from bci_online.config import read_config
from bci_online.console import output_file, plain
from bci_online.errors import BciError
from bci_online.progress import progress_bar
from bci_online.runtime.simulated_recording import write_recording

__all__ = ["simulate_recording"]


def simulate_recording(config_path: Path | None, word: str, output: Path, seed: int | None) -> None:
    """Write a recording in which the simulated subject copies `word`, or imagines what cues ask.

    Raises
    ------
    BciError
        If the configuration, the word or the output cannot be used.
    """
    config = read_config(config_path)
    spells = config.paradigm == "p300"
    if word and not spells:
        raise BciError(f"--word {plain(word)}: nothing is spelled with {config_path}; leave it out")
    if spells and not word:
        raise BciError("--word is missing: what shall the subject copy? for instance --word BCI")
    # A recording is never replaced: it may be the only one.
    output_file(output, "file", lambda path: False)
    with progress_bar() as bar:
        what = f"{len(word)} letters" if spells else "cued imagery"
        task = bar.add_task(f"simulating {what}", total=1.0)
        duration_s = write_recording(
            config, word, output, seed, lambda share: bar.update(task, completed=share)
        )
    sys.stdout.write(f"{output}: {duration_s:.0f} s\n")
