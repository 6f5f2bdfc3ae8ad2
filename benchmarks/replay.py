"""How long a recording takes through the online chain, beside pyxdf alone and the MNE way.

    python -m benchmarks.replay WADSWORTH.xdf [--hours 2] [--runs 5] [--output TABLE.md]

Each measurement is a separate process, the three ways in turn; seconds count from opening the
file to the last message, imports excluded. Those of the processor change less where other programs
are busy. The long recording (64 channels at 1 kHz, int16, a flash every 175 ms) is written to a
temporary folder first. The MNE way is what people do offline: pyxdf, `mne.io.RawArray`,
`raw.filter` with the same causal Butterworth, `mne.Epochs`, one product.

Bars: 110 s of 64 channels at 1,500 times real time, which is 0.07 s; two hours in the time of pyxdf
alone and in 300 MB. The memory is met; the times are missed by 2.4 and 1.3 times. The floor is
reading, turning samples into rows (`picked_columns.by_channel`) and the filter
(`sections.filtered`, scipy's compiled recursion, 6 ns a value): a third of ours for hours, and
0.03 s of the 110 s. Above it lie, of two hours, the epochs with 80 µs each (`Epoching.cut`,
`Chain._decide`, `Tally.take`: a fifth), the line of the clock with 0.1 ms each half second
(`SampleClock.push`: a tenth), and the checks of channels (`ChannelWatch.push`,
`NoisyChannels.take`, `CalibratedSignal.take`: a tenth); of 110 s also the survey of the channels
when a file is opened (`surveyed`: a seventh), which looks at 256 seconds at most. They are small
calls, as live: the same samples must give the same bits however they are cut.
"""

import argparse
import cProfile
import json
import platform
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.peak_memory import peak_mb

SFREQ, N_CHANNELS, SOA_S = 1000, 64, 0.175
MOST_FUNCTIONS = 40


def long_recording(
    path: Path, hours: float, n_channels: int = N_CHANNELS, sfreq: int = SFREQ
) -> None:
    """Write noise with flashes; blocks are made while they are written."""
    from bci_online.acquisition.xdf.writer import XdfStream, write_xdf

    n_times = round(hours * 3600 * sfreq)
    noise = np.random.default_rng(0).integers(-200, 200, (60 * sfreq, n_channels), dtype=np.int16)
    data = np.memmap(path.with_suffix(".raw"), np.int16, "w+", shape=(n_times, n_channels))
    for start in range(0, n_times, len(noise)):
        data[start : start + len(noise)] = noise[: min(len(noise), n_times - start)]
    stamps = 100 + np.arange(n_times) / sfreq
    texts, times = [], []
    for letter in range(int(hours * 3600 // 35)):
        start = 110 + 35 * letter
        texts.append("trial/start/A")
        times.append(start)
        for flash in range(180):
            code = flash % 12 + 1
            texts.append(f"flash/{code}/{'target' if code in {1, 7} else 'nontarget'}")
            times.append(start + 1 + SOA_S * flash)
        texts.append("trial/end")
        times.append(start + 33)
    names = [f"E{n}" for n in range(n_channels)]
    eeg = XdfStream("eeg", "EEG", sfreq, stamps, data, names, "microvolts", [(100.0, 0.0)], "eeg")
    markers = XdfStream("markers", "Markers", 0.0, np.array(times), texts, offsets=[(100.0, 0.0)])
    write_xdf(path, [eeg, markers])
    path.with_suffix(".raw").unlink()


def ours(path: Path, n_sensors: int | None = None) -> dict[str, float]:
    """Replay with a decoder of all sensors, or of the first ones, which `eeg.channels` names."""
    from bci_online.acquisition.xdf import XdfSource
    from bci_online.config import Config, DecoderHeader, EegStream, preprocessing_for
    from bci_online.decoding.linear import LinearDecoder
    from bci_online.runtime.assembly import online_chain
    from bci_online.runtime.replay import replay
    from bci_online.runtime.sources import FAST_CHUNK_S
    from bci_online.runtime.tally import Tally

    started = _now()
    chosen = EegStream(channels=tuple(f"E{n}" for n in range(n_sensors or 0)))
    source = XdfSource(path, chunk_s=FAST_CHUNK_S, eeg=chosen)
    source.open()
    preprocessing = preprocessing_for(Config(eeg=chosen), source.spec)
    shape = len(preprocessing.ch_names), preprocessing.epoch.latencies.size
    arrays = {
        "coef": np.ones(shape),
        "center": np.zeros(shape),
        "scale": np.ones(shape[0]),
        "intercept": np.zeros(1),
        "band_rms": np.ones(shape[0]),
    }
    decoder = LinearDecoder(DecoderHeader(method="none", preprocessing=preprocessing), arrays)
    chain, _ = online_chain(decoder, source.spec)
    *_, summary = replay(source, chain, Tally(decoder.header, ()), load_s=source.load_s)
    return _since(started) | {"epochs": summary.epochs}


def where(path: Path) -> list[str]:
    """Return the rows of a table: in which functions a replay spends its time, calls included."""
    ours(path)
    profile = cProfile.Profile(time.process_time)
    profile.runcall(ours, path)
    found = cast(Any, pstats.Stats(profile)).stats
    total = sum(own for _, _, own, _, _ in found.values())
    rows = ["| function | with what it calls, % | itself, % | calls |", "|---|---|---|---|"]
    for (file, _, name), (_, calls, own, whole, _) in sorted(
        found.items(), key=lambda one: -one[1][3]
    ):
        if "bci_online" in file or name == "sosfilt":
            place = "/".join(Path(file).with_suffix("").parts[-2:])
            shares = f"{100 * whole / total:.1f} | {100 * own / total:.1f}"
            rows.append(f"| {place}: {name.strip('<>')} | {shares} | {calls} |")
    return rows[: MOST_FUNCTIONS + 2]


def pyxdf_alone(path: Path) -> dict[str, float]:
    """Load the file, without dejittering."""
    import pyxdf

    started = _now()
    streams, _ = pyxdf.load_xdf(
        str(path), synchronize_clocks=False, dejitter_timestamps=False, verbose=False
    )
    return _since(started) | {"epochs": len(streams) * 0}


def mne_epochs(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Load, filter the whole array, cut all epochs; return them at 20 Hz, and which are targets."""
    import mne
    import pyxdf

    streams, _ = pyxdf.load_xdf(str(path), verbose=False)
    eeg = next(s for s in streams if s["info"]["type"][0] == "EEG")
    events = next(s for s in streams if s["info"]["channel_format"][0] == "string")
    sfreq = float(eeg["info"]["nominal_srate"][0])
    info = mne.create_info(eeg["time_series"].shape[1], sfreq, "eeg")
    raw = mne.io.RawArray(eeg["time_series"].T * 1e-6, info, verbose=False)
    butterworth = {"order": 2, "ftype": "butter", "output": "sos"}
    raw.filter(0.5, 8, method="iir", iir_params=butterworth, phase="forward", verbose=False)
    start = eeg["time_stamps"][0]
    rows = [
        (round((time_ - start) * sfreq), 0, 2 if text[0].endswith("/target") else 1)
        for time_, text in zip(events["time_stamps"], events["time_series"], strict=True)
        if text[0].startswith("flash")
    ]
    epochs = mne.Epochs(
        raw, np.array(rows), tmin=0, tmax=0.75, baseline=None, preload=True, verbose=False
    )
    return epochs.get_data(copy=False)[:, :, :: round(sfreq / 20)], epochs.events[:, 2] == 2


def mne_way(path: Path) -> dict[str, float]:
    """Cut epochs with MNE, score."""
    import mne  # noqa: F401 (imports do not count)
    import pyxdf  # noqa: F401 (as above)

    started = _now()
    data, _ = mne_epochs(path)
    np.tensordot(data, np.ones(data.shape[1:]), axes=2)
    return _since(started) | {"epochs": len(data)}


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float]) -> dict[str, float]:
    """Return seconds by the clock, and of the processor."""
    seconds, cpu_s = _now()
    return {"seconds": seconds - started[0], "cpu_s": cpu_s - started[1]}


WAYS = {"bci-online replay": ours, "pyxdf alone": pyxdf_alone, "MNE way": mne_way}


def measured(way: str, path: Path, n_sensors: int | None = None) -> dict[str, float]:
    """Measure one way in a fresh process; only ours can take a part of the sensors."""
    command = [sys.executable, "-m", "benchmarks.replay", "--measure", way, str(path)]
    command += [] if n_sensors is None else ["--sensors", str(n_sensors)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


def table(path: Path, title: str, runs: int) -> list[str]:
    """Measure all ways in turn and return the rows of a table."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, figures in found.items():
            figures.append(measured(way, path))
    rows = [
        f"## {title}",
        "",
        "| way | seconds of the processor: median (min-max) | by the clock | peak MB | epochs |",
        "|---|---|---|---|---|",
    ]
    for way, figures in found.items():
        seconds = [figure["cpu_s"] for figure in figures]
        clock = statistics.median(figure["seconds"] for figure in figures)
        memory = statistics.median(figure["peak_mb"] for figure in figures)
        rows.append(
            f"| {way} | {statistics.median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f}) "
            f"| {clock:.2f} | {memory:.0f} | {figures[0]['epochs']:.0f} |"
        )
    return [*rows, ""]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--measure", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--sensors", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        chosen = () if options.sensors is None else (options.sensors,)
        figures = WAYS[options.measure](options.recording, *chosen)
        figures["peak_mb"] = peak_mb()
        print(json.dumps(figures))
        return
    rows = table(options.recording, "64 channels, 240 Hz, 110 s (Wadsworth)", options.runs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.xdf"
        if options.hours:
            long_recording(path, options.hours)
            title = f"64 channels, 1 kHz, {options.hours:g} h (made up)"
            rows += table(path, title, max(1, options.runs // 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "short.xdf"
        long_recording(path, 1 / 10)
        rows += ["## Where ours goes: 64 channels, 1 kHz, 6 min", "", *where(path), ""]
    head = [
        "# Replay: how long a recording takes",
        "",
        *__doc__.splitlines()[4:],
        "",
        f"Made by `python -m benchmarks.replay sub-01_ses-10_run-01.xdf --hours {options.hours:g} "
        f"--runs {options.runs} --output docs/benchmark-replay.md` on {platform.machine()}, "
        f"Python {platform.python_version()}, numpy {np.__version__}.",
        "",
    ]
    text = "\n".join(head + rows)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
