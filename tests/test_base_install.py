"""What a plain ``pip install`` can do, in a Python that finds no library of an extra."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import base_install
import pytest
import simulated_files
from typer.main import get_command

import calibration
from bci_online import __main__ as online
from calibration import __main__ as offline

PROJECT = Path(__file__).parents[1]
RELEASED = PROJECT / "tests" / "released" / "0.1.0.dev0"
# The rooms of networks; nothing outside of them may import torch when it is imported itself.
NEEDS_TORCH = (
    "bci_online.decoding.network.",
    "calibration.networks.",
    "calibration.experiments.network_",
    "calibration.experiments.compared_trainings",
    "calibration.experiments.kept_networks",
    "calibration.motor_imagery.window_classifier",
)
# They wait for streams, a screen or an answer, or for what another session left on this computer;
# that their modules can be imported is tested with all others.
NOT_ALONE = {
    *(
        "bci-online " + name
        for name in ("doctor", "panel", "lab", "key", "own-text", "run", "play")
    ),
    *("bci-online " + name for name in ("spell", "feedback", "demo", "streams")),
    *("bci-calibrate record " + name for name in ("p300", "mi", "errp")),
    "bci-calibrate library remove",
}
# The last test runs these: they need an extra.
NEEDS_EXTRA = {
    "bci-calibrate toy-losses",
    "bci-calibrate evaluate moabb",
    "bci-online export bids",
}
IMPORT_ALL = """
import importlib, json, pkgutil
import bci_online, calibration
missing = {}
for package in (bci_online, calibration):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            missing[module.name] = error.name
from calibration import *
given = sorted(set(dir()))
try:
    from calibration import NetworkClassifier
except ImportError as error:
    print(json.dumps([missing, given, str(error)]))
"""
RUN_ALL = """
import contextlib, io, json, sys
from bci_online import __main__ as online
from bci_online.console import run
from calibration import __main__ as offline
from calibration.experiments import simulated_subjects
# One point of its curves is as good as five to see what is imported.
simulated_subjects.FLASHES = simulated_subjects.FLASHES[:1]
apps, found = {"bci-online": online.app, "bci-calibrate": offline.app}, []
for command in json.load(sys.stdin):
    name, *arguments = command
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(apps[name], arguments)
    found.append([" ".join(command), code, err.getvalue().splitlines()])
print(json.dumps(found))
"""


def in_a_base_install(code: str, given: object = None) -> Any:
    """Return what some code prints, as JSON, where no optional library can be imported."""
    paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, base_install.__file__, code],
        input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _names(name: str, command: Any) -> list[str]:
    """Return a command's whole name, or those of all commands in a group."""
    if command.hidden:
        return []
    if not hasattr(command, "commands"):
        return [name]
    parts = command.commands.items()
    return [found for word, part in parts for found in _names(f"{name} {word}", part)]


def commands(folder: Path) -> list[list[str]]:
    """Return the smallest case of what needs no extra; each command's output serves the next."""
    first, second = (folder / f"sub-0{n}.xdf" for n in (1, 2))
    first.symlink_to(simulated_files.recording("ABCD", 1))
    second.symlink_to(simulated_files.recording("ABCD", 2))
    decoder = str(folder / "lda.decoder")
    evaluate = ["bci-calibrate", "evaluate"]
    recordings = [*evaluate, "recordings", str(first), str(second), "--splits", "2"]
    library, imagery, session = str(folder / "library"), RELEASED / "imagery", RELEASED / "session"
    train, lda = ["bci-calibrate", "train"], ["--method", "lda"]
    motor = [f"{imagery}.xdf", "--config", f"{imagery}.toml", "--method", "csp-lda"]
    errp = [str(simulated_files.answers()), "--paradigm", "errp"]
    compare = ["bci-calibrate", "compare", str(first), "--test", str(second)]
    return [
        ["bci-online", "config"],
        ["bci-online", "simulate", "--word", "A", "-o", str(folder / "new.xdf")],
        ["bci-online", "look", str(first), "--html", str(folder / "look.html")],
        ["bci-online", "verify", str(session)],
        [*train, str(first), *lda, "-o", decoder],
        [*train, *errp, *lda, "-o", str(folder / "errp.decoder")],
        [*train, *motor, "-o", str(folder / "imagery.decoder")],
        ["bci-online", "replay", f"{imagery}.xdf", "--decoder", f"{imagery}.decoder"],
        ["bci-calibrate", "library", "add", library, str(first), "--consent", "by this lab"],
        ["bci-calibrate", "library", "list", library],
        ["bci-calibrate", "library", "check", library],
        [*train, str(second), *lda, "--library", library, "-o", str(folder / "more.decoder")],
        [*compare, "--methods", "lda,xdawn,gsvm-2", "-o", str(folder / "compared")],
        ["bci-calibrate", "report", decoder, "-o", str(folder / "report.html")],
        ["bci-online", "replay", str(second), "--decoder", decoder],
        ["bci-online", "repair", str(first), "-o", str(folder / "repaired.xdf")],
        [*evaluate, "simulated", "--part", "sensors", "--methods", "lda", "--runs", "1"],
        [*evaluate, "simulated", "--part", "subjects", "--methods", "svm", "--runs", "1"],
        [*recordings, "--methods", "lda"],
        [*recordings, "--methods", "lda", "--protocol", "learning-curve"],
    ]


@pytest.mark.slow
def test_without_an_extra_only_networks_cannot_be_imported() -> None:
    missing, given, refusal = in_a_base_install(IMPORT_ALL)

    assert {name for name in missing if not name.startswith(NEEDS_TORCH)} == set()
    assert set(missing.values()) == {"torch"}
    assert set(calibration.__all__) - set(given) == {"NetworkClassifier"}
    assert refusal == "NetworkClassifier needs PyTorch: pip install 'bci-online[networks]'"


@pytest.mark.slow
def test_every_command_that_needs_no_extra_runs_without_them(tmp_path) -> None:
    asked = commands(tmp_path)
    for number, command in enumerate(asked):
        if "evaluate" in command:
            command += ["-o", str(tmp_path / str(number))]

    found = in_a_base_install(RUN_ALL, asked)

    assert [(command, lines) for command, code, lines in found if code] == []


@pytest.mark.slow
def test_no_command_is_forgotten(tmp_path) -> None:
    apps = {"bci-online": online.app, "bci-calibrate": offline.app}
    run = {" ".join(command) for command in commands(tmp_path)}

    known = [name for top, app in apps.items() for name in _names(top, get_command(app))]

    assert set(known) > NOT_ALONE | NEEDS_EXTRA
    left = set(known) - NOT_ALONE - NEEDS_EXTRA
    assert {
        name for name in left if not any(f"{one} ".startswith(f"{name} ") for one in run)
    } == set()


@pytest.mark.slow
def test_what_needs_an_extra_says_in_one_line_which(tmp_path) -> None:
    recording, other = (str(simulated_files.recording("ABC", seed)) for seed in (1, 2))
    out = ["-o", str(tmp_path / "out")]
    moabb = ["bci-calibrate", "evaluate", "moabb", "--dataset", "BNCI2014_001", *out]
    simulated = ["bci-calibrate", "evaluate", "simulated", "--runs", "1", *out]
    extras = {
        "networks": [
            ["bci-calibrate", "train", recording, "--method", "eegnet", *out],
            [*moabb, "--network", "eegnet"],
            ["bci-calibrate", "compare", recording, "--test", other, "--networks", *out],
            ["bci-calibrate", "toy-losses", "-o", str(tmp_path / "out.png")],
        ],
        "datasets": [moabb],
        "cluster": [[*simulated, "--scheduler", "tcp://127.0.0.1:1"]],
        "bids": [["bci-online", "export", "bids", recording, *out]],
    }

    found = in_a_base_install(RUN_ALL, [one for own in extras.values() for one in own])

    wanted = [extra for extra, own in extras.items() for _ in own]
    for (command, code, lines), extra in zip(found, wanted, strict=True):
        assert code == 2, command
        assert len(lines) == 1, (command, lines)
        assert f"pip install 'bci-online[{extra}]'" in lines[0], command


def test_what_counts_as_optional_is_what_the_extras_bring() -> None:
    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    everything = extras["optional-dependencies"]
    names = everything["all"][0].partition("[")[2].rstrip("]").split(",")
    libraries = {one.partition(">")[0] for name in names for one in everything[name]}

    assert {name.replace("-", "_") for name in libraries} <= base_install.OPTIONAL
