"""Lines of `doctor`: what was checked, OK, look or FAIL, and what to do."""

import sys
from collections.abc import Sequence
from typing import Literal

import msgspec
from rich.console import Console

from bci_online.console import json_line, plain

__all__ = ["Finding", "show"]

STYLES = {"OK": "green", "look": "yellow", "FAIL": "bold red"}


class Finding(msgspec.Struct, frozen=True):
    """One line of a check.

    Parameters
    ----------
    check : str
        What was checked.
    state : {"OK", "look", "FAIL"}
        ``look`` is worth a look; with ``FAIL`` no session will work.
    found : str
        What was found.
    to_do : str
        What helps; empty if nothing has to be done.

    See Also
    --------
    show : Shows findings.
    """

    check: str
    state: Literal["OK", "look", "FAIL"]
    found: str
    to_do: str = ""


def show(title: str, findings: Sequence[Finding], as_json: bool) -> int:
    """Show findings; return the exit code: 1 where one failed.

    Parameters
    ----------
    title : str
        Above the lines.
    findings : sequence of Finding
        At least one.
    as_json : bool
        One JSON line for each instead of text.

    Returns
    -------
    code : int
        1 where one failed, else 0.

    See Also
    --------
    bci_online.commands.bodies.system_checks.examine : Makes findings.

    Examples
    --------
    >>> found = [Finding("python", "OK", "3.12"), Finding("disk", "FAIL", "full")]
    >>> show("System", found, as_json=True)
    {"check":"python","state":"OK","found":"3.12","to_do":""}
    {"check":"disk","state":"FAIL","found":"full","to_do":""}
    1
    """
    if as_json:
        for finding in findings:
            sys.stdout.write(json_line(finding))
    else:
        console = Console(highlight=False)
        width = max(len(plain(finding.check)) for finding in findings)
        console.print(title)
        for finding in findings:
            check = f"{plain(finding.check):<{width}}"
            console.print(f"{finding.state:<6}", style=STYLES[finding.state], end="")
            # Never wrapped: a person copies commands from here as a whole.
            console.print(f"{check}  {plain(finding.found)}", markup=False, soft_wrap=True)
            if finding.to_do:
                line = f"{'':{width + 6}}  → {plain(finding.to_do)}"
                console.print(line, markup=False, soft_wrap=True)
    return int(any(finding.state == "FAIL" for finding in findings))
