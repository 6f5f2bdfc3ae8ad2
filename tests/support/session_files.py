"""The folder of a session as its conductor leaves it; no session has to run for it."""

from pathlib import Path

import msgspec
import simulated_files
from recorded_signal import RecordedSignal, replayed

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision
from bci_online.runtime.publisher import decision_row, is_journalled
from bci_online.session.folder import SessionFolder
from bci_online.session_lines import line_text

SESSION = "s1"


def stream(kind: str, type_: str, stamps: list[float], texts: list[str]) -> XdfStream:
    return XdfStream(
        f"bci-online-{kind}", type_, 0.0, stamps, texts, source_id=f"bci-online/{SESSION}/{kind}"
    )


def session_folder(
    folder: Path, word: str = "ABC", *, has_end: bool = True, n_decisions: int | None = None
) -> SessionFolder:
    """Make the folder of a session in which `word` was copied; what was decided is in it.

    Without `has_end` it is as sessions were before their journal said where the live run ended,
    or one whose recorder was killed, perhaps before the last of `n_decisions`.
    """
    made = SessionFolder(folder)
    made.make()
    made.keep_config(simulated_files.CONFIG)
    made.keep_decoder(simulated_files.decoder())
    recording = simulated_files.recording(word, 7)
    signal = RecordedSignal.of(recording)
    messages = replayed(read_decoder(made.decoder), recording).messages
    decided = [one for one in messages if isinstance(one, Decision)][:n_decisions]
    journal = [line_text(one) for one in messages if is_journalled(one)]
    if not has_end:
        journal = [line for line in journal if '"kind":"end"' not in line]
    start = 'session/start/{"paradigm":"p300","mode":"copy","seed":7}'
    texts = [start, *(marker.text for marker in signal.markers)]
    first = float(signal.stamps[0])
    times = [first, *(marker.time for marker in signal.markers)]
    write_xdf(
        made.recording,
        [
            XdfStream(
                "amp", "EEG", signal.spec.sfreq, signal.stamps, signal.data, signal.spec.ch_names,
                "microvolts", every_stamp=True,
            ),
            stream("markers", "Markers", times, texts),
            stream(
                "decisions", "Decisions", [one.time for one in decided],
                [line_text(decision_row(one)) for one in decided],
            ),
            stream(
                "journal", "Journal",
                [first + k / 1000 for k in range(len(journal))], journal,
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
