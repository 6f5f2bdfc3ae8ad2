"""What a frame of the operator's panel costs, beside mne-lsl's StreamViewer on the same stream.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.panel [--seconds 20] [--peer PYTHON]

A process sends float32 noise in blocks of 16 ms over LSL; the panel, 1280 × 720 and drawn in
software, reads it as in a session and makes 30 frames a second. *Frame* is all that the window does
for one: taking what came, filtering, drawing columns, painting, flushing; *of it CPU* what its
thread computed meanwhile, which other programs do not lengthen. *Process* is all of the window's
process, in cores; *frames/s* what was painted, of 30.

PYTHON is an interpreter that has mne-lsl with its viewer: its window gets the same stream, size and
10 s; a frame is its timer's callback and the painting after it.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import uuid
from typing import Any

SHAPES = ((64, 2048.0), (256, 2048.0))
BLOCK_S = 0.016
WARM_S = 12.0

PEER = """
import json, resource, sys, time
import numpy as np
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication
from mne_lsl.lsl import StreamInlet, resolve_streams
from mne_lsl.stream_viewer.control_gui.control_eeg import ControlGUI_EEG
from mne_lsl.stream_viewer.scope.scope_eeg import ScopeEEG

def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime

name, seconds, warm = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
inlet = StreamInlet(resolve_streams(timeout=10, name=name)[0])
inlet.open_stream()
time.sleep(0.2)
application = QApplication(sys.argv[:1])
control = ControlGUI_EEG(ScopeEEG(inlet))
backend = control._backend
backend._timer.stop()
backend.xRange, backend.yRange = 10, 100
backend._win.resize(1280, 720)
frames, computed, began = [], [], []
start = time.perf_counter()

def frame():
    now, cpu = time.perf_counter(), time.thread_time()
    backend._update_loop()
    application.sendPostedEvents()
    application.processEvents()
    if now - start > warm:
        began.append(began[0] if began else used())
        frames.append(1000 * (time.perf_counter() - now))
        computed.append(1000 * (time.thread_time() - cpu))
    if now - start > warm + seconds:
        application.quit()

timer = QTimer()
timer.timeout.connect(frame)
timer.start(33)
application.exec_()
timer.stop()
median, high, most = np.percentile(frames, [50, 99, 100])
print(json.dumps({"median": median, "p99": high, "max": most, "fps": len(frames) / seconds,
                  "computed": np.percentile(computed, [50, 99]).tolist(),
                  "cpu": (used() - began[0]) / seconds}), flush=True)
import os
os._exit(0)
"""


def amplifier(name: str, n_channels: int, sfreq: float) -> None:
    """Send noise until killed."""
    import numpy as np

    from bci_online.acquisition.lsl import eeg_outlet, local_clock
    from bci_online.messages import StreamSpec

    names = tuple(f"E{number}" for number in range(n_channels))
    spec = StreamSpec(
        name=name, sfreq=sfreq, ch_names=names, ch_types=("EEG",) * n_channels,
        unit="microvolts", source_id=name,
    )  # fmt: skip
    outlet = eeg_outlet(spec)
    noise = np.random.default_rng(0).normal(scale=20, size=(round(sfreq), n_channels))
    noise = np.ascontiguousarray(np.cumsum(noise, axis=0) * 0.1 + noise, dtype=np.float32)
    begin, n = local_clock(), 0
    while True:
        time.sleep(BLOCK_S)
        due = int((local_clock() - begin) * sfreq)
        rows = np.arange(n, due) % len(noise)
        outlet.push(noise[rows], begin + due / sfreq)
        n = due


def used() -> float:
    """Return this process's CPU seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def panel(name: str, seconds: float) -> dict[str, Any]:
    """Show the stream in the panel; return what it cost."""
    import numpy as np
    import shiboken6
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from bci_online.acquisition.lsl import LslSource, local_clock
    from bci_online.config import EegStream, MarkerStream
    from bci_online.gui.panel.signal_reader import SignalReader
    from bci_online.gui.panel.window import FRAME_MS, OperatorPanel

    class Painted(QObject):
        n = 0

        def eventFilter(self, watched, event):
            self.n += event.type() == QEvent.Type.Paint
            return False

    class Silent:
        session, missing, has_consumers = "benchmark", (), False

        def read(self):
            return iter(())

        def send(self, name, argument=""):
            return

        def close(self):
            return

    application = QApplication(sys.argv[:1])
    reader = SignalReader(lambda: LslSource(EegStream(name=name), MarkerStream(types=())))
    window = OperatorPanel(Silent(), reader, local_clock)
    window.resize(1280, 720)
    window.show()
    reader.start()
    frames, computed, began = [], [], []
    painted = Painted()
    window.scroller.installEventFilter(painted)

    def frame() -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        window.tick()
        application.sendPostedEvents()
        application.processEvents()
        if now - start > WARM_S:
            began.append(began[0] if began else used())
            frames.append(1000 * (time.perf_counter() - now))
            computed.append(1000 * (time.thread_time() - cpu))
        else:
            painted.n = 0
        if now - start > WARM_S + seconds:
            application.quit()

    start = time.perf_counter()
    timer = QTimer()
    timer.timeout.connect(frame)
    timer.start(FRAME_MS)
    application.exec()
    timer.stop()
    cpu = (used() - began[0]) / seconds
    newest = window._newest
    age = float("nan") if newest is None else 1000 * (local_clock() - newest)
    reader.close()
    window.close()
    shiboken6.delete(window)
    application.shutdown()
    if window._judged is None or not painted.n:
        raise SystemExit("nothing was shown")
    median, high, most = np.percentile(frames, [50, 99, 100])
    return {
        "median": median, "p99": high, "max": most, "fps": painted.n / seconds, "cpu": cpu,
        "computed": np.percentile(computed, [50, 99]).tolist(), "age": age,
    }  # fmt: skip


def measured(command: list[str]) -> dict[str, Any] | None:
    """Run a process that shows the stream; return what it wrote last."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.stderr.write(done.stderr[-600:])
        return None
    return dict(json.loads(lines[-1]))


def row(what: str, shape: tuple[int, float], found: dict[str, Any] | None) -> str:
    """Return a line of the table."""
    channels = f"{shape[0]} × {shape[1]:g} Hz"
    if found is None:
        return f"| {channels} | {what} | did not run | | | |"
    times = " / ".join(f"{found[key]:.1f}" for key in ("median", "p99", "max"))
    computed = " / ".join(f"{value:.1f}" for value in found["computed"])
    return (
        f"| {channels} | {what} | {times} | {computed} | {found['fps']:.1f} | {found['cpu']:.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--peer", default="")
    parser.add_argument("--role", nargs="+", default=[], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role and options.role[0] == "amplifier":
        amplifier(options.role[1], int(options.role[2]), float(options.role[3]))
    if options.role:
        print(json.dumps(panel(options.role[1], options.seconds)), flush=True)
        return
    from bci_online.session.this_machine import only_this_machine

    only_this_machine("panel-benchmark")
    own = [sys.executable, "-m", "benchmarks.panel", "--seconds", str(options.seconds), "--role"]
    titles = "frame, ms: median / p99 / max", "of it CPU: median / p99", "frames/s", "process"
    print(f"| stream | window | {' | '.join(titles)} |")
    print("|---|---|---|---|---|---|")
    for shape in SHAPES:
        name = f"benchmark-{uuid.uuid4().hex[:6]}"
        sender = subprocess.Popen([*own, "amplifier", name, *map(str, shape)])
        try:
            time.sleep(3.0)
            print(row("operator's panel", shape, measured([*own, "panel", name])), flush=True)
            if options.peer:
                peer = [options.peer, "-c", PEER, name, str(options.seconds), str(WARM_S)]
                print(row("mne-lsl StreamViewer", shape, measured(peer)), flush=True)
        finally:
            sender.kill()
            sender.wait()


if __name__ == "__main__":
    main()
