"""The house's rules hold, and each contract that watches one breaks when it is violated."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from importlinter import cli

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("bci_online", "calibration")
PARADIGMS = {"p300", "motor_imagery"}

VIOLATIONS = {
    "layers: a lower room looks up": ("metrics.py", "import bci_online.runtime.chain"),
    "layers: siblings know each other": (
        "decoding/linear.py",
        "import bci_online.paradigms.p300.decision",
    ),
    "layers: a room that no contract knows": ("attic.py", '"""Nobody knows this room."""'),
    "layers: what shows knows a command": (
        "terminal/run_output.py",
        "import bci_online.commands.run_request",
    ),
    "layers: runtime knows a window": (
        "runtime/chain.py",
        "import bci_online.gui.frames.frame_clock",
    ),
    "layers: a session knows a window": ("session/plan.py", "import bci_online.gui.themes"),
    "layers: a run knows a session": ("runtime/live.py", "import bci_online.session.plan"),
    "layers: a session knows a run": ("session/plan.py", "import bci_online.runtime.chain"),
    "layers: a lab's folder knows a window": ("lab/said.py", "import bci_online.gui.themes"),
    "layers: a session knows a lab": ("session/plan.py", "import bci_online.lab.said"),
    "windows: a window knows a run": ("gui/bridge.py", "import bci_online.runtime.chain"),
    "windows: a window knows a session": ("gui/lab/window.py", "import bci_online.session.plan"),
    "layers: the state of a session knows a room": (
        "session_state/state.py",
        "import bci_online.acquisition.source",
    ),
    "no-calibration": ("runtime/chain.py", "import calibration.discriminants"),
    "no-training-libraries": ("decoding/linear.py", "import sklearn"),
    "no-training-libraries: a plot": ("metrics.py", "import matplotlib.figure"),
    "no-training-libraries: a filter": ("preprocessing/filters.py", "import mne"),
    "no-training-libraries: beside their rooms": ("acquisition/source.py", "import mne_bids"),
    "qt": ("runtime/chain.py", "import PySide6"),
    "qt: below the rooms": ("messages/streams.py", "import PySide6"),
    "qt: a plot in the workshop": ("../calibration/discriminants/linear.py", "import pyqtgraph"),
    "torch": ("decoding/linear.py", "import torch"),
    "torch: beside its room": ("decoding/decoder_file.py", "import torch"),
    "torch: in the workshop": ("../calibration/discriminants/linear.py", "import torch"),
    "pylsl": ("runtime/engine.py", "import pylsl"),
    "pylsl: below the rooms": ("markers/grammar.py", "import pylsl"),
    "pylsl: beside its room": ("acquisition/source.py", "import pylsl"),
    "pyxdf": ("acquisition/simulator.py", "import pyxdf"),
    "pyxdf: in the workshop": ("../calibration/recordings.py", "import pyxdf"),
    "mne-realtime": ("runtime/assembly.py", "import mne_realtime"),
    "mne-realtime: in the workshop": ("../calibration/chain_runs.py", "import mne_realtime"),
    "calibration-layers: a method knows a report": (
        "../calibration/p300/fitting.py",
        "import calibration.report.sections",
    ),
    "calibration-layers: paradigms know each other": (
        "../calibration/motor_imagery/evidence.py",
        "import calibration.p300.evidence",
    ),
    "calibration-layers: an estimator knows a paradigm": (
        "../calibration/sparse/problem.py",
        "import calibration.p300.epochs",
    ),
    "calibration-layers: the ground floor looks up": (
        "../calibration/folds.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import calibration.p300.epochs",
    ),
    "calibration-layers: a room that no contract knows": (
        "../calibration/attic.py",
        '"""Nobody knows this room."""',
    ),
    "sparse": (
        "../calibration/sparse/datafit/features.py",
        "import calibration.sparse.penalties.proximal",
    ),
    "acyclic": ("gui/panel/shades.py", "import bci_online.gui.panel.window"),
    "acyclic: for types alone": (
        "preprocessing/time_line.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import bci_online.preprocessing.clock",
    ),
    "acyclic: in the workshop": (
        "../calibration/p300/training_epochs.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import calibration.p300.fitting",
    ),
    "acyclic: in a folder within a room": (
        "../calibration/p300/pooling/sources.py",
        "import calibration.p300.pooling.lag",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(PROJECT / ".importlinter", folder)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / package, folder / package, ignore=ignored)
    return folder


LINTER = """
import sys
from importlinter import cli
for contract in sys.stdin:
    code = cli.lint_imports(limit_to_contracts=tuple(contract.split()), no_logo=True)
    print(f"ended with {code}", flush=True)
"""


@pytest.fixture(scope="module")
def linter(copy) -> Iterator[subprocess.Popen[str]]:
    """One process checks contracts in the copy: a new one for each would load the linter again."""
    code = [sys.executable, "-c", LINTER]
    pipe = subprocess.PIPE
    with subprocess.Popen(code, cwd=copy, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.stdin.close()


def linted(linter: subprocess.Popen[str], contract: str = "") -> list[str]:
    """Check a contract, or all of them; return the lines that the linter says."""
    linter.stdin.write(f"{contract}\n")
    linter.stdin.flush()
    said = []
    for line in linter.stdout:
        said.append(line.strip())
        if line.startswith("ended with"):
            break
    return said


@contextmanager
def violated(module: Path, line: str) -> Iterator[None]:
    """Add a line to a module, or a module of this line; take it back at the end."""
    before = module.read_text(encoding="utf-8") if module.exists() else None
    module.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        yield
    finally:
        if before is None:
            module.unlink()
        else:
            module.write_text(before, encoding="utf-8")


def test_every_import_contract_is_kept(linter) -> None:
    assert linted(linter)[-1] == f"ended with {cli.EXIT_STATUS_SUCCESS}"


@pytest.mark.slow
@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_contract_breaks_when_it_is_violated(copy, linter, violation) -> None:
    name, line = VIOLATIONS[violation]
    contract = violation.partition(":")[0]

    with violated(copy / "bci_online" / name, line):
        said = linted(linter, contract)

    contracts = ConfigParser()
    contracts.read(PROJECT / ".importlinter")
    name_of_contract = contracts[f"importlinter:contract:{contract}"]["name"]
    assert any(line.startswith(f"{name_of_contract} BROKEN") for line in said)
    assert said[-1] == f"ended with {cli.EXIT_STATUS_ERROR}"


@pytest.mark.parametrize("module", ["bci_online", "calibration"])
def test_help_loads_no_heavy_library(module) -> None:
    heavy = "numpy scipy sklearn pyxdf pylsl mne torch numba matplotlib PySide6 pyqtgraph".split()
    code = (
        f"import sys; from {module}.__main__ import app; from bci_online.console import run; "
        f"run(app, ['--help']); sys.exit(' '.join(set({heavy!r}) & set(sys.modules)) or 0)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    assert "Usage" in ended.stdout


STARTS_A_SESSION = """
import bci_online.commands.session_request, bci_online.session.config
import bci_online.terminal.electrode_page
"""
SHOWS_A_SESSION = """
import os; os.environ["QT_QPA_PLATFORM"] = "offscreen"
import bci_online.gui.bridge as bridge, bci_online.acquisition.lsl
import bci_online.gui.frames.headless, bci_online.gui.frames.display, bci_online.gui.subject.screen
from bci_online.commands.part import _screen_link
from bci_online.config import Config
bridge.ScreenLink = lambda session, shown, **given: shown  # no stream on the network
_screen_link("monday", Config(), "copy", ["AB"], "", 1, 0, False)
"""


@pytest.mark.slow
@pytest.mark.parametrize("code", [STARTS_A_SESSION, SHOWS_A_SESSION])
def test_what_starts_or_shows_a_session_does_not_load_scipy(code) -> None:
    """It takes a second and 70 MB of each process."""
    code += "import sys; sys.exit('scipy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def modules() -> list[Path]:
    return sorted(path for root in PACKAGES for path in (PROJECT / root).rglob("*.py"))


@pytest.mark.parametrize(
    "package",
    [path for path in modules() if path.name == "__init__.py"],
    ids=lambda path: str(path.parent.relative_to(PROJECT)),
)
def test_a_package_names_each_of_its_modules(package) -> None:
    parts = {path.stem for path in package.parent.glob("*.py")}
    parts |= {path.parent.name for path in package.parent.glob("*/__init__.py")}
    text = ast.get_docstring(parsed(package)) or ""

    named = set(re.findall(r"`(\w+)`|^ *(\w+)/?  ", text, re.MULTILINE))
    assert parts - {"__init__", "__main__"} - {name for pair in named for name in pair} == set()


def asks_for_the_paradigm(module: Path) -> bool:
    return any(
        (isinstance(node, ast.Constant) and node.value in PARADIGMS)
        or (isinstance(node, ast.Attribute) and node.attr == "is_imagery")
        for node in ast.walk(parsed(module))
    )


def test_every_module_that_asks_for_the_paradigm_is_in_the_list_of_a_new_one() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = page.partition("## A new paradigm")[2].partition("## Processes")[0]

    paths = [path.relative_to(PROJECT) for path in modules() if asks_for_the_paradigm(path)]
    found = {"/".join(path.parts[1:]) for path in paths if not PARADIGMS & set(path.parts)}
    assert found - set(re.findall(r"`([\w/]+\.py)`", listed)) == set()


def test_no_module_outgrows_its_room() -> None:
    lengths = {
        str(path.relative_to(PROJECT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }

    assert {name: n for name, n in lengths.items() if n > 300} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 150


def takes_options(module: Path, function: ast.FunctionDef) -> bool:
    """Tell whether it is a command's, or an estimator's `__init__`: see CONTRIBUTING.md."""
    is_command = "commands" in module.parts or module.name == "evaluate.py"
    return is_command or ("calibration" in module.parts and function.name == "__init__")


def test_a_function_has_at_most_40_lines_of_body_and_8_parameters() -> None:
    for module in modules():
        for node in ast.walk(parsed(module)):
            if not isinstance(node, ast.FunctionDef):
                continue
            place = f"{module.relative_to(PROJECT)}: {node.name}"
            body = node.body[1:] if ast.get_docstring(node) else node.body
            assert not body or (body[-1].end_lineno or 0) - body[0].lineno < 40, place
            names = {one.arg for one in node.args.posonlyargs + node.args.args} - {"self", "cls"}
            n_parameters = len(names) + len(node.args.kwonlyargs)
            assert n_parameters <= 8 or takes_options(module, node), place
