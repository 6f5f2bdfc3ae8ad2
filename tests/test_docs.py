"""What the pages say is so: tutorials are run, commands exist, links lead somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from bci_online.__main__ import app as online
from calibration.__main__ import app as calibrate

PROJECT = Path(__file__).resolve().parents[1]
DOCS = PROJECT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
ROOT_PAGES = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*ROOT_PAGES, *sorted(DOCS.rglob("*.md"))]
APPS = {"bci-online": online, "bci-calibrate": calibrate}

FENCE = re.compile(r"^```(\w+)[ ]*(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Rows whose first number is the same on every computer, but for rounding and its consequences.
FIGURE = re.compile(r"(flash AUC|window AUC|whole trial|online|right|timeouts) +(\d+(?:\.\d+)?)")
FRAME = re.compile(r"[\u2500-\u257f]")


class Block(NamedTuple):
    """A fenced block: ``word`` is what follows the language.

    A file's name: the block is that file. ``skip``: shown, not run. ``fails``: ends with code 2.
    """

    language: str
    word: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def name_of(page: Path) -> str:
    return str(page.relative_to(PROJECT))


def run(block: Block, folder: Path) -> str:
    """Run a block as a reader would in a terminal; return what was written to it."""
    found = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=folder, check=False, timeout=300, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        env=os.environ | {"PATH": f"{found}:{os.environ['PATH']}", "COLUMNS": "100"},
    )  # fmt: skip
    assert done.returncode == (2 if block.word == "fails" else 0), f"{block.text}\n{done.stdout}"
    return done.stdout


def flat(text: str) -> str:
    return " ".join(FRAME.sub(" ", text).split())


def missing(shown: str, said: str) -> list[str]:
    """Return how shown lines begin, up to a number, an ellipsis or a gap, that were not said."""
    leads = (re.split(r"\d|…| {2}", line.strip())[0].strip() for line in shown.splitlines())
    return [lead for lead in leads if lead not in flat(said)]


def out_of_date(shown: str, said: str) -> list[str]:
    """Return figures that are shown and were not said: an area by more than 0.015, a count by 1."""
    found = FIGURE.findall(flat(said))
    return [
        f"{name} {number}"
        for name, number in FIGURE.findall(flat(shown))
        if not any(
            other == name and abs(float(value) - float(number)) <= (0.015 if "." in number else 1)
            for other, value in found
        )
    ]


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield program and arguments of each of our command lines in a page's shell blocks."""
    for block in blocks(page):
        lines = block.text.replace("\\\n", " ").splitlines() if block.language == "sh" else []
        for line in lines:
            if line.startswith(tuple(APPS)):
                # What stands behind an operator of the shell is no argument.
                ours = re.split(r"\s(?:\d?>|[<|&;])", line)[0]
                program, *arguments = shlex.split(ours, comments=True)
                yield program, arguments


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges and the site make them."""
    titles = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.live
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", TUTORIALS, ids=name_of)
def test_a_tutorial_does_what_it_says(page, tmp_path) -> None:
    if page.stem in ("motor-imagery", "your-own-network"):
        pytest.importorskip("torch", reason="no PyTorch (pip install 'bci-online[networks]')")
    shutil.copytree(PROJECT / "configs", tmp_path / "configs")
    said = None

    for block in blocks(page):
        if "." in block.word:
            (tmp_path / block.word).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            said = None if block.word == "skip" else run(block, tmp_path)
        elif block.language == "text" and said is not None:
            assert not missing(block.text, said), said
            assert not out_of_date(block.text, said), said


def test_the_commands_of_the_library_are_those_that_a_tutorial_runs() -> None:
    run = [block.text for block in blocks(DOCS / "tutorials" / "short-calibration.md")]

    assert {block.text for block in blocks(DOCS / "library.md")} <= set(run)


@pytest.mark.slow
def test_the_page_of_estimators_does_what_it_says(tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("moabb", reason="no MOABB (pip install 'bci-online[datasets]')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNE_DATA", str(tmp_path))
    monkeypatch.setenv("MOABB_RESULTS", str(tmp_path))
    names: dict[str, object] = {}
    said = ""

    for block in blocks(DOCS / "estimators.md"):
        if block.language == "python":
            with warnings.catch_warnings():
                # MOABB's and its libraries' own.
                warnings.simplefilter("ignore")
                exec(block.text, names)
            said = capsys.readouterr().out
        else:
            assert not missing(block.text, said), said


@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page))], ids=name_of)
def test_every_command_that_a_page_shows_is_one_that_exists(page) -> None:
    for program, arguments in commands(page):
        command = typer.main.get_command(APPS[program])
        while hasattr(command, "commands"):
            name, *arguments = arguments
            assert name in command.commands, f"{program} {name}"
            command = command.commands[name]
        # Raises where an option does not exist, or takes something else.
        command.make_context(program, arguments)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page) -> None:
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        to = (page.parent / path).resolve() if path else page
        assert to.exists(), link
        assert not anchor or anchor in anchors(to), link


@pytest.mark.slow
@pytest.mark.timeout(920)
def test_the_site_builds_without_a_warning(tmp_path) -> None:
    pytest.importorskip("sphinx", reason="no sphinx (pip install 'bci-online[docs]')")
    pytest.importorskip("torch", reason="no PyTorch, which pages of the API import")

    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "dummy",
         "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "site")],
        check=False, timeout=900, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
