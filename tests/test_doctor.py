"""The doctor finds what is there and says what to do about what is not."""

import json
import secrets
import threading
from pathlib import Path

import numpy as np
import pytest

from bci_online.__main__ import app
from bci_online.acquisition.lsl import TextInlet, eeg_outlet, local_clock, session_source_id
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.commands.bodies import photodiode, system_checks
from bci_online.commands.bodies.lsl_checks import stream_findings
from bci_online.commands.bodies.system_checks import disk_finding, missing_packages, monitor_finding
from bci_online.console import run
from bci_online.messages import StreamSpec
from bci_online.terminal.findings import Finding, show


def findings(capsys, *options: str) -> tuple[int, dict[str, dict]]:
    code = run(app, ["doctor", *options, "--json", "-"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {row["check"]: row for row in rows}


# The computer


@pytest.mark.live
def test_the_doctor_looks_at_everything_a_session_needs(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")

    code, found = findings(capsys, "--folder", str(tmp_path))

    assert code == int(any(row["state"] == "FAIL" for row in found.values()))
    assert {"versions", "torch", "liblsl", "LSL loopback", "disk", "LabRecorder"} <= set(found)
    assert found["liblsl"]["state"] == "OK"
    assert found["LabRecorder"]["state"] == "OK"
    assert found["LSL loopback"]["state"] != "FAIL"
    assert found["streams"]["state"] == "look"
    assert "not locked" in found["monitor offscreen"]["found"]
    assert all(row["to_do"] for row in found.values() if row["state"] != "OK")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.live
def test_a_crash_of_qt_is_a_line_and_not_the_doctors_end(monkeypatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")

    (finding,) = system_checks._monitors()

    assert finding.state == "FAIL"
    assert "Qt ended with code" in finding.found


def test_without_a_display_nothing_is_probed(monkeypatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(system_checks.sys, "platform", "linux")

    (finding,) = system_checks._monitors()

    assert (finding.state, finding.found) == ("look", "no display is set")


@pytest.mark.live
def test_streams_are_recognised_by_their_rate() -> None:
    spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("Cz",), ch_types=("EEG",), source_id="a")
    outlet = eeg_outlet(spec)
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(0.02):
            outlet.push(np.zeros((2, 1)))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        found = {finding.check: finding for finding in stream_findings()}
    finally:
        ended.set()
        thread.join()
        outlet.close()

    assert "stream amp" in found
    assert "1 channels" in found["stream amp"].found


def test_missing_libraries_are_named_as_their_packages() -> None:
    said = (
        "\tlibxcb-cursor.so.0 => not found\n\tlibxkbcommon-x11.so.0 => not found\n"
        "\tlibEGL.so.1 => not found\n\tlibdbus-1.so.3 => not found\n"
        "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x0)\n"
    )

    assert missing_packages(said) == [
        "libdbus-1-3", "libegl1", "libxcb-cursor0", "libxkbcommon-x11-0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("free_gb", "speed", "state"),
    [(100, 200, "OK"), (100, 10, "look"), (3, 200, "look"), (0.5, 200, "FAIL"), (100, 1, "FAIL")],
)
def test_a_disk_needs_room_and_speed(free_gb, speed, state) -> None:
    assert disk_finding(free_gb, speed).state == state


def test_a_folder_that_is_not_there_fails_with_a_way_out(tmp_path) -> None:
    (finding,) = system_checks._disk(tmp_path / "nowhere")

    assert finding.state == "FAIL"
    assert "--folder" in finding.to_do


@pytest.mark.parametrize(
    ("locked", "jitter_ms", "late", "state"),
    [(True, 0.1, 0, "OK"), (True, 3.0, 0, "look"), (True, 0.1, 2, "look"), (False, 0.1, 0, "look")],
)
def test_a_monitor_has_to_be_locked_and_even(locked, jitter_ms, late, state) -> None:
    monitor = {
        "name": "DP-1", "platform": "xcb", "width": 1920, "height": 1080, "refresh_hz": 60.0,
        "interval_ms": 16.67, "jitter_ms": jitter_ms, "late": late, "frames": 120, "locked": locked,
    }  # fmt: skip

    finding = monitor_finding(monitor)

    assert finding.state == state
    assert bool(finding.to_do) == (state != "OK")


def test_one_failing_line_makes_the_exit_code_and_no_line_is_wrapped(capsys) -> None:
    to_do = "sudo apt install " + " ".join(f"lib{n}" for n in range(60))

    code = show("t", [Finding("a", "OK", "fine"), Finding("b[/]", "FAIL", "x", to_do)], False)

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert any(line.endswith(to_do) for line in lines)
    assert show("t", [Finding("a", "look", "hm", "do")], False) == 0


# The photodiode


def recorded(path: Path, *, delay_s=0.042, jitter_s=0.0, filtered=False) -> Path:
    """Return a recording of 120 flashes, with a photodiode in channel AUX."""
    rng = np.random.default_rng(0)
    flashes = 10 + np.arange(120) * 0.2
    light = flashes + delay_s + rng.normal(0, jitter_s, flashes.size)
    times = np.arange(36 * 250) / 250
    bright = np.searchsorted(np.sort(light), times, side="right") % 2
    aux = rng.normal(size=times.size) if filtered else 900.0 * bright + rng.normal(size=times.size)
    data = np.stack([rng.normal(size=times.size), aux], axis=1).astype(np.float32)
    eeg = XdfStream(
        name="amp", type="EEG", sfreq=250.0, stamps=times, data=data, ch_names=("Cz", "AUX"),
        ch_types=("EEG", "AUX"), unit="microvolts", offsets=[(0.0, 0.0)], source_id="amp",
    )  # fmt: skip
    events = XdfStream(
        name="m", type="Markers", sfreq=0.0, stamps=flashes - 0.005,
        data=["flash/1/unknown"] * 120, offsets=[(0.0, 0.005)], source_id="m",
    )  # fmt: skip
    write_xdf(path, [eeg, events])
    return path


def test_the_delay_of_the_display_is_measured_in_a_recording(tmp_path, capsys) -> None:
    path = recorded(tmp_path / "r.xdf")

    code, found = findings(capsys, "--photodiode", str(path), "--channel", "AUX")

    assert code == 0
    assert [row["state"] for row in found.values()] == ["OK"] * 3
    measured = float(found["delay"]["to_do"].split("display_delay = ")[1].split()[0])
    assert measured == pytest.approx(0.042, abs=0.004)


def test_a_display_that_is_not_steady_is_worth_a_look(tmp_path, capsys) -> None:
    path = recorded(tmp_path / "r.xdf", jitter_s=0.01)

    code, found = findings(capsys, "--photodiode", str(path))

    assert code == 0
    assert found["steadiness"]["state"] == "look"


def test_a_channel_without_light_fails(tmp_path, capsys) -> None:
    path = recorded(tmp_path / "r.xdf", filtered=True)

    code, found = findings(capsys, "--photodiode", str(path))

    assert code == 1
    assert found["light"]["state"] == "FAIL"


def test_a_channel_that_is_not_there_is_one_line(tmp_path, capsys) -> None:
    path = recorded(tmp_path / "r.xdf")

    code = run(app, ["doctor", "--photodiode", str(path), "--channel", "TRIG"])

    error = capsys.readouterr().err
    assert code == 2
    assert "--channel TRIG: not in stream 'amp', which has Cz, AUX" in error


LIGHT_S = 0.03


def lit_amplifier(session: str, stop: threading.Event) -> None:
    """Be an amplifier whose AUX channel sees the patch of a session, `LIGHT_S` after its marker."""
    spec = StreamSpec(
        name="amp", sfreq=250.0, ch_names=("Cz", "AUX"), ch_types=("EEG", "AUX"),
        source_id=f"amp-{session}", unit="microvolts",
    )  # fmt: skip
    outlet = eeg_outlet(spec)
    received = TextInlet(session_source_id(session, "markers"))
    rng, began, n_sent = np.random.default_rng(0), local_clock(), 0
    changes: list[float] = []
    while not stop.wait(0.02):
        changes += [time + LIGHT_S for text, time in received.read() if text.startswith("flash/")]
        # Not before a marker can be known that concerns them.
        n_due = int((local_clock() - 0.3 - began) * 250) - n_sent
        times = began + (n_sent + np.arange(max(0, n_due))) / 250
        bright = np.searchsorted(changes, times, side="right") % 2
        data = np.stack([rng.normal(scale=9, size=times.size), 900.0 * bright], axis=1)
        if times.size:
            outlet.push(data + rng.normal(size=data.shape), times)
        n_sent += times.size
    received.close()
    outlet.close()


@pytest.mark.live
@pytest.mark.timeout(320)
def test_the_patch_is_flashed_and_measured_at_once(tmp_path, capsys, monkeypatch) -> None:
    session = f"doctor-{secrets.token_hex(3)}"
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(photodiode, "session_name", lambda: session)
    config = tmp_path / "lab.toml"
    config.write_text(
        f'[eeg]\nname = "amp-{session}"\n[screen]\nwarning = false\n'
        "[presentation]\nflash_ms = 75.0\ngap_ms = 50.0\nrepetitions = 8\ncue_s = 0.5\n"
    )
    stop = threading.Event()
    amplifier = threading.Thread(target=lit_amplifier, args=(session, stop))
    amplifier.start()
    try:
        code, found = findings(
            capsys, "--flash", "--config", str(config), "--folder", str(tmp_path)
        )
    finally:
        stop.set()
        amplifier.join()

    assert code == 0
    assert found["delay"]["state"] == found["flashes"]["state"] == "OK"
    measured = float(found["delay"]["to_do"].split("display_delay = ")[1].split()[0])
    assert measured == pytest.approx(LIGHT_S, abs=0.003)
    assert [path.name for path in tmp_path.iterdir()] == ["lab.toml"]
