"""mne-lsl's `StreamLSL` on a stream; run by an interpreter that has mne-lsl.

PYTHON peer.py SOURCE_ID SECONDS

It says ``connected``, ``told: …`` for whatever mne-lsl itself reports (its state, an error, a
warning of its log), and ``samples`` when samples come after a pause of half a second.
"""

import logging
import sys
import time

PAUSE_S, TICK_S, TIMEOUT_S = 0.5, 0.01, 60.0


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


class Told(logging.Handler):
    """Prints what mne-lsl's log warns of."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record."""
        say(f"told: {record.levelname} {record.getMessage()}")


def watch(source_id: str, seconds: float) -> None:
    """Follow a stream for so long."""
    from mne_lsl.stream import StreamLSL

    logging.getLogger("mne_lsl").addHandler(Told(logging.WARNING))
    stream = StreamLSL(bufsize=2.0, source_id=source_id)
    stream.connect(acquisition_delay=0.02, timeout=TIMEOUT_S)
    say("connected")
    until, newest, known = time.monotonic() + seconds, time.monotonic(), True
    while time.monotonic() < until:
        if known and not stream.connected:
            known = False
            say("told: it is no longer connected")
        if stream.connected and stream.n_new_samples:
            stream.get_data()
            if time.monotonic() - newest > PAUSE_S:
                say("samples")
            newest = time.monotonic()
        time.sleep(TICK_S)
    if stream.connected:
        stream.disconnect()


if __name__ == "__main__":
    try:
        watch(sys.argv[1], float(sys.argv[2]))
    except Exception as error:
        say(f"told: {type(error).__name__}: {error}")
