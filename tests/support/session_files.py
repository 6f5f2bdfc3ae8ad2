"""The folder of a session, as its conductor leaves it, without that a session has to run."""

from pathlib import Path

import msgspec
import numpy as np
import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.publisher import decision_row, is_journalled
from bci_online.session.folder import SessionFolder
from bci_online.session_lines import line_text

SESSION = "s1"


def stream(kind: str, type_: str, stamps: list[float], texts: list[str]) -> XdfStream:
    return XdfStream(
        f"bci-online-{kind}", type_, 0.0, stamps, texts, source_id=f"bci-online/{SESSION}/{kind}"
    )


def session_folder(folder: Path, word: str = "ABC", *, has_end: bool = True) -> SessionFolder:
    """Make the folder of a session in which `word` was copied; what was decided is in it.

    Without `has_end` it is as sessions were before their journal said where the live run ended.
    """
    made = SessionFolder(folder)
    made.make()
    made.keep_config(simulated_files.CONFIG)
    made.keep_decoder(simulated_files.decoder())
    # The markers of a simulation say how the session began.
    source = XdfSource(simulated_files.recording(word, 7))
    source.open()
    readings = list(iter(source.read, None))
    data = np.concatenate([chunk.data for one in readings for chunk in one.chunks])
    stamps = np.concatenate([chunk.stamps for one in readings for chunk in one.chunks])
    markers = [marker for one in readings for marker in one.markers]
    chain, _ = online_chain(read_decoder(made.decoder), source.spec)
    messages = [m for reading in readings for m in chain.push(reading)] + chain.finish()
    decided = [one for one in messages if isinstance(one, Decision)]
    journal = [line_text(one) for one in messages if is_journalled(one)]
    if not has_end:
        journal = [line for line in journal if '"kind":"end"' not in line]
    start = f'session/start/{{"paradigm":"p300","mode":"copy","seed":{7}}}'
    texts = [start, *(marker.text for marker in markers)]
    times = [float(stamps[0]), *(marker.time for marker in markers)]
    write_xdf(
        made.recording,
        [
            XdfStream(
                "amp", "EEG", source.spec.sfreq, stamps, data, source.spec.ch_names, "microvolts",
                every_stamp=True,
            ),
            stream("markers", "Markers", times, texts),
            stream(
                "decisions", "Decisions", [one.time for one in decided],
                [line_text(decision_row(one)) for one in decided],
            ),
            stream(
                "journal", "Journal",
                [float(stamps[0]) + k / 1000 for k in range(len(journal))], journal,
            ),
        ],
    )  # fmt: skip
    made.keep_summary({"decisions": len(decided)}, free_spelling=False)
    made.keep_checksums()
    made.release()
    return made


def rows(output: str) -> list[dict]:
    """Return the rows that a command wrote with ``--json -``."""
    return [msgspec.json.decode(line) for line in output.splitlines()]
