"""One recording written in every format that can be written here; GDF and BCI2000 by hand."""

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf

STEP = 0.125
"""Microvolts: every sample is a whole number of them, so that 16 bits hold it exactly."""
LARGEST = 32767 * STEP


class Signal(NamedTuple):
    """A recording; events are at samples."""

    sfreq: float
    ch_names: tuple[str, ...]
    data: np.ndarray
    events: list[tuple[int, str]]

    @property
    def times(self) -> list[float]:
        return [sample / self.sfreq for sample, _ in self.events]

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.events]


def codes_of(signal: Signal) -> dict[str, int]:
    """Return a number for each word of the markers, for formats that have only numbers."""
    return {text: code for code, text in enumerate(dict.fromkeys(signal.texts), start=1)}


def write_as_xdf(path: Path, signal: Signal) -> None:
    stamps = np.arange(len(signal.data)) / signal.sfreq
    eeg = XdfStream(
        "amp", "EEG", signal.sfreq, stamps, signal.data, signal.ch_names, "microvolts",
        every_stamp=True,
    )  # fmt: skip
    write_xdf(path, [eeg, XdfStream("events", "Markers", 0.0, signal.times, signal.texts)])


def raw_of(signal: Signal, annotated: bool = True):
    import mne

    info = mne.create_info([*signal.ch_names], signal.sfreq, "eeg", verbose="ERROR")
    raw = mne.io.RawArray(1e-6 * signal.data.T, info, verbose="ERROR")
    if annotated:
        raw.set_annotations(mne.Annotations(signal.times, 0.0, signal.texts))
    return raw


def write_as_fif(path: Path, signal: Signal) -> None:
    raw_of(signal).save(path, fmt="double", verbose="ERROR")


def write_as_fif_with_stim(path: Path, signal: Signal) -> None:
    import mne

    line = np.zeros(len(signal.data))
    for sample, text in signal.events:
        line[sample : sample + 3] = codes_of(signal)[text]
    raw = raw_of(signal, annotated=False)
    info = mne.create_info(["STI 014"], signal.sfreq, "stim", verbose="ERROR")
    raw.add_channels([mne.io.RawArray(line[None], info, verbose="ERROR")], force_update_info=True)
    raw.save(path, fmt="double", verbose="ERROR")


def write_as_brainvision(path: Path, signal: Signal) -> None:
    pybv = pytest.importorskip("pybv")
    events = [
        {"onset": sample, "description": text, "type": "Comment", "channels": "all"}
        for sample, text in signal.events
    ]
    pybv.write_brainvision(
        data=1e-6 * signal.data.T, sfreq=signal.sfreq, ch_names=[*signal.ch_names],
        fname_base=path.stem, folder_out=path.parent, events=events, resolution=1.0,
        fmt="binary_float32",
    )  # fmt: skip


def write_as_edf(path: Path, signal: Signal, bits: int = 16) -> None:
    edfio = pytest.importorskip("edfio")
    is_edf = bits == 16
    file, one = (edfio.Edf, edfio.EdfSignal) if is_edf else (edfio.Bdf, edfio.BdfSignal)
    ends = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    signals = [
        one(
            column,
            signal.sfreq,
            label=name,
            physical_dimension="uV",
            physical_range=(ends[0] * STEP, ends[1] * STEP),
            **({"digital_range": ends} if is_edf else {}),
        )
        for name, column in zip(signal.ch_names, signal.data.T.copy(), strict=True)
    ]
    annotations = [
        edfio.EdfAnnotation(sample / signal.sfreq, None, text) for sample, text in signal.events
    ]
    file(signals, annotations=annotations).write(path)


def write_as_bdf(path: Path, signal: Signal) -> None:
    write_as_edf(path, signal, bits=24)


def write_as_edf_with_gap(
    path: Path, signal: Signal, record: int = 0, gap_s: float = 0.0, bits: int = 16
) -> None:
    """Write EDF+D, or BDF+D: from a record on everything comes so many seconds later."""
    write_as_edf(path, signal, bits)
    content = bytearray(path.read_bytes())
    content[192:197] = b"EDF+D" if bits == 16 else b"BDF+D"
    n_signals, width = int(content[252:256]), bits // 8
    duration = float(content[244:252])
    labels = [content[256 + 16 * n :][:16].strip() for n in range(n_signals)]
    lengths = [int(content[256 + 216 * n_signals + 8 * n :][:8]) for n in range(n_signals)]
    annotated = next(n for n, label in enumerate(labels) if label.endswith(b"Annotations"))
    at = 256 * (n_signals + 1) + width * sum(lengths[:annotated])
    n_bytes = width * lengths[annotated]
    while at < len(content):
        lists = [one for one in bytes(content[at : at + n_bytes]).split(b"\0") if one]
        later = b""
        for one in lists:
            onset, _, rest = one.partition(b"\x14")
            shift = gap_s if float(onset) >= record * duration else 0.0
            later += b"+%s\x14%s\0" % (f"{float(onset) + shift:.6g}".encode(), rest)
        assert len(later) <= n_bytes
        content[at : at + n_bytes] = later.ljust(n_bytes, b"\0")
        at += width * sum(lengths)
    path.write_bytes(content)


def write_as_eeglab(path: Path, signal: Signal, n_claimed: int = 0) -> None:
    from scipy.io import savemat

    events = np.array(
        [(text, sample + 1.0) for sample, text in signal.events],
        dtype=[("type", object), ("latency", object)],
    )
    channels = np.array([(name,) for name in signal.ch_names], dtype=[("labels", object)])
    eeg = {
        "setname": "test", "nbchan": len(signal.ch_names), "pnts": n_claimed or len(signal.data),
        "trials": 1.0, "srate": signal.sfreq, "xmin": 0.0, "chanlocs": channels,
        "data": "run.fdt" if n_claimed else signal.data.T,
        "event": events, "epoch": np.zeros(0),
    }  # fmt: skip
    savemat(path, {"EEG": eeg})


def write_as_cnt(path: Path, signal: Signal) -> None:
    """Write Neuroscan's format by its published layout; events are numbers."""
    n_channels, codes = len(signal.ch_names), codes_of(signal)
    first, row = 900 + 75 * n_channels, 2 * n_channels
    table = first + row * len(signal.data)
    header = bytearray(first)
    header[225:233], header[235:243] = b"11/29/26", b"10:00:00"
    struct.pack_into("<H", header, 370, n_channels)
    struct.pack_into("<H", header, 376, round(signal.sfreq))
    struct.pack_into("<i", header, 864, len(signal.data))
    struct.pack_into("<i", header, 886, table)
    for n, name in enumerate(signal.ch_names):
        at = 900 + 75 * n
        header[at : at + 10] = name.encode().ljust(10, b"\0")
        struct.pack_into("<ff", header, at + 19, 100.0 + 50 * n, 200.0)  # place on the head
        struct.pack_into("<f", header, at + 59, 204.8 * STEP)  # sensitivity
        struct.pack_into("<f", header, at + 71, 1.0)  # calibration
    # An event's place is that of the bytes behind its sample.
    events = [
        struct.pack("<HBcl", codes[text], 0, b"\0", first + row * (sample + 1))
        for sample, text in signal.events
    ]
    data = np.round(signal.data / STEP).astype("<i2").tobytes()
    listed = struct.pack("<Bll", 1, 8 * len(events), 0) + b"".join(events)
    path.write_bytes(bytes(header) + data + listed)


def write_as_gdf(path: Path, signal: Signal) -> None:
    """Write GDF 1.25, one sample a record."""
    n_times, n = signal.data.shape
    head = b"GDF 1.25".ljust(8) + b"x x".ljust(80) + b"x".ljust(80) + b"2026010101010100"
    head += np.int64(256 * (n + 1)).tobytes() + bytes(44) + np.int64(n_times).tobytes()
    head += np.array([1, signal.sfreq], np.uint32).tobytes() + np.uint32(n).tobytes()
    head += b"".join(name.encode().ljust(16) for name in signal.ch_names)
    head += b" " * 80 * n + b"uV".ljust(8) * n
    ends = (-32768 * STEP, LARGEST)
    head += b"".join(np.full(n, end, np.float64).tobytes() for end in ends)
    head += b"".join(np.full(n, end, np.int64).tobytes() for end in (-32768, 32767))
    head += b" " * 80 * n + np.ones(n, np.int32).tobytes() + np.full(n, 3, np.int32).tobytes()
    head += bytes(32 * n)
    table = b"\x01" + int(signal.sfreq).to_bytes(3, "little")
    table += np.uint32(len(signal.events)).tobytes()
    table += np.array([sample + 1 for sample, _ in signal.events], np.uint32).tobytes()
    codes = codes_of(signal)
    table += np.array([codes[text] for text in signal.texts], np.uint16).tobytes()
    path.write_bytes(head + steps_of(signal).tobytes() + table)


def write_as_bci2000(path: Path, signal: Signal) -> None:
    """Write a P300 file: code, label and phase in the state vector, and a state of more bits."""
    n_times, n = signal.data.shape
    states = np.zeros((n_times, 5), np.uint8)
    for sample, text in signal.events:
        kind, *rest = text.split("/")
        if kind == "flash":
            # The label is the first bit of its byte, the phase the two bits after it.
            states[sample : sample + 3, 2] = int(rest[0])
            states[sample : sample + 3, 3] |= rest[1] == "target"
        elif kind == "trial":
            states[sample : sample + 3, 3] |= (1 if rest[0] == "start" else 3) << 1
    states[:, :2] = np.arange(n_times, dtype="<u2").view(np.uint8).reshape(-1, 2)
    names = " ".join(signal.ch_names)
    sections = [
        "[ State Vector Definition ]", "SourceTime 16 0 0 0", "StimulusCode 8 0 2 0",
        "StimulusType 1 0 3 0", "PhaseInSequence 2 0 3 1", "Nonsense 8 0 99 0",
        "[ Parameter Definition ]", "Application string TextToSpell= AB A A % // text",
        f"Source int SamplingRate= {signal.sfreq:g}Hz 256Hz 1 % // rate",
        f"Source list ChannelNames= {n} {names} // names",
        f"Source floatlist SourceChOffset= {n} {'4 ' * n} 0 % % // offsets",
        f"Source floatlist SourceChGain= {n} {f'{STEP}muV ' * n} 1 % % // gains", "", "",
    ]  # fmt: skip
    body = "\r\n".join(sections)
    first = "BCI2000V= 1.1 HeaderLen= {:6d} SourceCh= {} StatevectorLen= 5 DataFormat= int16 \r\n"
    n_bytes = len(first.format(0, n)) + len(body)
    frames = np.zeros(n_times, [("signal", "<i2", (n,)), ("states", np.uint8, (5,))])
    frames["signal"], frames["states"] = steps_of(signal) + 4, states
    path.write_bytes((first.format(n_bytes, n) + body).encode() + frames.tobytes())


def steps_of(signal: Signal) -> np.ndarray:
    return np.round(signal.data / STEP).astype("<i2")


CURRY_HEADER = """\
DATA_PARAMETERS START
   FileVersion = 804
   NumSamples = {n_times}
   NumChannels = {n}
   NumTrials = 1
   SampleFreqHz = {sfreq}
   TriggerOffsetUsec = 0
   DataFormat = FLOAT
   DataSampOrder = SAMP
   SampleTimeUsec = {microseconds}
   DataByteOrder = INTEL
   StartYear = 2026
   StartMonth = 11
   StartDay = 29
   StartHour = 10
   StartMin = 0
   StartSec = 0
   StartMillisec = 0
   AmplifierInfo = none
DATA_PARAMETERS END
DEVICE_PARAMETERS EEG START
   DataUnit = uV
   NumChanThisGroup = {n}
DEVICE_PARAMETERS EEG END
"""


def _curry_list(name: str, lines: list[str]) -> str:
    listed = "\n".join([f"{name} START_LIST # n", *lines, f"{name} END_LIST"])
    return f"{name} START\n   ListNumRows = {len(lines)}\n{name} END\n{listed}\n"


def write_as_curry(path: Path, signal: Signal) -> None:
    """Write Curry 8: samples, and beside them parameters and events; events are numbers."""
    n_times, n = signal.data.shape
    path.write_bytes(signal.data.astype("<f4").tobytes())
    parts = {"n_times": n_times, "n": n, "sfreq": signal.sfreq}
    header = CURRY_HEADER.format(microseconds=1e6 / signal.sfreq, **parts)
    header += _curry_list("LABELS", [*signal.ch_names])
    header += _curry_list("SENSORS", [f"{row} 0 0" for row in range(n)])
    header += _curry_list("IMPEDANCE_VALUES", [" ".join(["-1"] * n)])
    header += _curry_list("EPOCH_INFORMATION", [])
    path.with_name(f"{path.name}.dpa").write_text(header)
    codes = codes_of(signal)
    rows = [f"{at} 0 {codes[text]} 0 {at} {at} 0 0 0 0 0" for at, text in signal.events]
    events = _curry_list("NUMBER_LIST", rows) + _curry_list("REMARK_LIST", [""] * len(rows))
    path.with_name(f"{path.name}.cef").write_text(events)


NEDF_STEP = 2.4e6 / (6.0 * 8388607)
"""Microvolts of the lowest of 24 bits, as Neuroelectrics' amplifiers have it."""


def write_as_nedf(path: Path, signal: Signal) -> None:
    """Write NIC's format: five samples a record, with a trigger line; events are numbers."""
    n_times, n = signal.data.shape
    montage = "".join(
        f"<Channel{at}>{name}</Channel{at}>" for at, name in enumerate(signal.ch_names)
    )
    settings = (
        f"<TotalNumberOfChannels>{n}</TotalNumberOfChannels>"
        f"<EEGSamplingRate>{signal.sfreq:g}</EEGSamplingRate>"
        f"<EEGMontage>{montage}</EEGMontage><NumberOfRecordsOfEEG>{n_times}</NumberOfRecordsOfEEG>"
    )
    date = "<StartDate_firstEEGTimestamp>1764410400000</StartDate_firstEEGTimestamp>"
    header = (
        "<nedf><NEDFversion>1.4</NEDFversion>"
        "<NumberOfChannelsOfAccelerometer>3</NumberOfChannelsOfAccelerometer>"
        f"<EEGSettings>{settings}</EEGSettings>"
        f"<StepDetails>{date}</StepDetails></nedf>"
    )
    sample = np.dtype([("eeg", "u1", (n, 3)), ("trig", ">i4")])
    records = np.zeros(n_times // 5, [("acceleration", ">u2", (3,)), ("samples", sample, (5,))])
    samples = np.zeros(n_times, sample)
    steps = np.round(signal.data / NEDF_STEP).astype(">i4")
    samples["eeg"] = steps.view("u1").reshape(n_times, n, 4)[:, :, 1:]
    for at, text in signal.events:
        samples["trig"][at : at + 3] = codes_of(signal)[text]
    records["samples"] = samples.reshape(-1, 5)
    path.write_bytes(header.encode().ljust(10240, b"\0") + records.tobytes())


def write_as_persyst(path: Path, signal: Signal) -> None:
    """Write Persyst's format: a text that describes the samples beside it, and has the events."""
    np.round(signal.data / STEP).astype("<i4").tofile(path.with_suffix(".dat"))
    channels = "\n".join(f"{name}-Ref={at}" for at, name in enumerate(signal.ch_names, start=1))
    events = "\n".join(
        f"{time!r},0,0,100,{text}" for time, text in zip(signal.times, signal.texts, strict=True)
    )
    path.write_text(
        f"[FileInfo]\nFile={path.stem}.dat\nFileType=Interleaved\nSamplingRate={signal.sfreq:g}\n"
        f"HeaderLength=0\nCalibration={STEP}\nWaveformCount={len(signal.ch_names)}\nDataType=7\n"
        f"[Patient]\nFirst=x\nSex=\nHand=\nBirthDate=01/01/70\n"
        f"TestDate=11/29/2026\nTestTime=10:00:00\n[ChannelMap]\n{channels}\n[Comments]\n{events}\n"
    )
