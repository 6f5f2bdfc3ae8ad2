"""A Ctrl-C ends a command that has nothing to close, also where Python does not notice it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bci_online import commands
from calibration import commands as calibration_commands

# The loop stands for a callback of compiled code, in which Python drops a KeyboardInterrupt.
DEAF = """
import multiprocessing, sys, time
import typer
from bci_online import console, interrupts

app = typer.Typer()

@app.command()
def work() -> None:
    interrupts.end_soon_after_interrupt()
    child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    child.start()
    print(child.pid, flush=True)
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass

if __name__ == "__main__":
    sys.exit(console.run(app, []))
"""


# Python waits for the child once the command has ended.
SLOW_END = DEAF.replace("pass", "raise")


# It goes on for longer than a command has that is to end.
NOTING = """
import signal, time
from bci_online import interrupts

signal.signal(signal.SIGINT, signal.default_int_handler)
interrupts.end_soon_after_interrupt()
with interrupts.first_interrupt_noted() as interrupted:
    print("ready", flush=True)
    while not interrupted():
        time.sleep(0.01)
    time.sleep(interrupts.PATIENCE_S + 0.3)
    print("kept", flush=True)
    time.sleep(60)
"""

IMPORTING = """
import signal, time
from bci_online import interrupts

signal.signal(signal.SIGINT, signal.default_int_handler)
with interrupts.ends_silently():
    print("ready", flush=True)
    time.sleep(60)
"""
# Sessions and `run` close what they record; the window of the lab has its own way to end; the
# others take no time, or are the processes of a session.
ENDS_OTHERWISE = {
    "config", "demo", "feedback", "key", "lab", "own_text", "part", "promises", "record", "run",
    "spell", "supervise", "toy_losses",
}  # fmt: skip


def test_every_command_that_closes_nothing_ends_soon_after_an_interrupt():
    texts = {
        path.stem: path.read_text(encoding="utf-8")
        for package in (commands, calibration_commands)
        for path in Path(package.__path__[0]).glob("*.py")
    }

    lacking = {
        name
        for name, text in texts.items()
        if ("app.command" in text or f"def {name}(" in text)
        and "end_soon_after_interrupt()" not in text
    }

    assert lacking == ENDS_OTHERWISE


@pytest.mark.slow
def test_while_a_command_line_is_imported_an_interrupt_leaves_no_traceback():
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == -signal.SIGINT
    assert errors == ""


@pytest.mark.slow
@pytest.mark.parametrize("text", [DEAF, SLOW_END], ids=["deaf", "slow-end"])
def test_a_command_that_loses_its_interrupt_ends_with_its_children(tmp_path, text):
    script = tmp_path / "deaf.py"
    script.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    child = int(process.stdout.readline())

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert errors == "stopped by Ctrl-C\n"
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False
    )
    assert state.stdout.strip()[:1] in {"", "Z"}


@pytest.mark.slow
def test_the_first_interrupt_is_noted_and_the_second_ends():
    process = subprocess.Popen(
        [sys.executable, "-c", NOTING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()

    process.send_signal(signal.SIGINT)
    kept = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert kept == "kept\n"
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors or "stopped by Ctrl-C" in errors


def test_where_signals_are_somebody_elses_nothing_is_changed(monkeypatch):
    from bci_online import interrupts

    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        interrupts.end_soon_after_interrupt.__wrapped__()
        fd = signal.set_wakeup_fd(-1)
    finally:
        signal.signal(signal.SIGINT, before)

    assert fd == -1
