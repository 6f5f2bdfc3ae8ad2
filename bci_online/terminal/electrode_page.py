"""The electrode page: what is wrong with which channel, and whether a session may begin so."""

import os
import sys
import threading
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bci_online.channel_quality import Electrodes
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.notes import ElectrodesAccepted
from bci_online.session.electrodes import JudgeElectrodes, accept_by_itself, faults_of

__all__ = ["ElectrodePage"]

LONGEST_REASON = 200
QUESTIONS = {
    True: "Enter looks again; a reason begins anyway; Ctrl-C ends: ",
    False: "Enter begins; l looks again; Ctrl-C ends: ",
}


class ElectrodePage:
    """Shows the channels that are not good, and asks the operator.

    Parameters
    ----------
    console : Console
        Where it is shown.
    unattended : bool
        Whether no operator is present: then any electrodes are accepted, and the recording
        says so.
    reason : str
        Why channels that are not good are accepted, given before; empty: ask.

    See Also
    --------
    bci_online.session.electrodes.accept_by_itself : Accepts without a question.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> page = ElectrodePage(Console(), unattended=True)
    >>> judged = SimpleNamespace(channels=(), unit="microvolts")
    >>> page.accept(lambda: judged).by
    'by itself'
    """

    def __init__(self, console: Console, *, unattended: bool, reason: str = "") -> None:
        self._console, self._unattended = console, unattended
        self._reason = plain(reason)[:LONGEST_REASON]

    def accept(self, judge: JudgeElectrodes) -> ElectrodesAccepted:
        """Wait until the session may begin, and return how its electrodes were accepted.

        Parameters
        ----------
        judge : JudgeElectrodes
            Waits for the next judgement of the electrodes.

        Raises
        ------
        BciError
            If a channel is not good, and there is neither a reason nor anyone to give one; or
            the terminal was closed.
        """
        if self._unattended:
            return accept_by_itself(judge)
        if self._reason:
            wrong = faults_of(judge())
            return ElectrodesAccepted(by="by --accept-quality", reason=self._reason, faults=wrong)
        if sys.stdin.isatty():
            return self._asked(judge)
        wrong = faults_of(judge())
        if wrong:
            bad = ", ".join(f"{plain(name)} {what}" for name, what in wrong.items())
            raise BciError(
                f"electrodes: {bad}; repair them, or say why it may begin anyway: "
                "--accept-quality REASON"
            )
        return ElectrodesAccepted(by="by itself")

    def _asked(self, judge: JudgeElectrodes) -> ElectrodesAccepted:
        """Ask again until no channel has become worse between question and answer."""
        electrodes = judge()
        while True:
            shown = faults_of(electrodes)
            self._console.print(page(electrodes))
            self._console.print(QUESTIONS[bool(shown)], end="", soft_wrap=True)
            answers = _answers()
            try:
                electrodes = judge(partial(bool, answers))
            except BciError:
                self._console.print()
                raise
            if answers[0] is None:
                raise BciError("electrodes were not accepted: nothing was recorded of it")
            answer, wrong = plain(answers[0])[:LONGEST_REASON], faults_of(electrodes)
            if (answer != "l") if not shown else answer:
                new = ", ".join(plain(name) for name in wrong if name not in shown)
                if not new:
                    return ElectrodesAccepted(by="by the operator", reason=answer, faults=wrong)
                self._console.print(f"no longer good: {new}", markup=False)


def _answers() -> list[str | None]:
    """Read a line in a thread while the session runs; return the list that will hold it.

    The list holds None when the input ends. The thread cannot be ended while it waits for the
    terminal.
    """
    answers: list[str | None] = []

    def ask() -> None:
        try:
            answers.append(_line(sys.stdin.fileno()))
        # The terminal is gone, or the input is not text.
        except (OSError, ValueError):
            answers.append(None)

    threading.Thread(target=ask, name="answer", daemon=True).start()
    return answers


def _line(terminal: int) -> str | None:
    """Read a line without Python's buffer: a program cannot end while a thread holds its lock."""
    typed = bytearray()
    while byte := os.read(terminal, 1):
        if byte == b"\n":
            return typed.decode()
        typed += byte
    return None


def page(electrodes: Electrodes) -> Table:
    """Return the channels that are not good, and how the others are."""
    wrong, channels = faults_of(electrodes), electrodes.channels
    unit = "µV" if electrodes.unit == "microvolts" else plain(electrodes.unit)
    n_good = len(channels) - len(wrong)
    known = [one.impedance_kohm for one in channels if one.impedance_kohm is not None]
    said = f"{n_good} of {len(channels)} channels good"
    if known:
        said += f"   impedances {min(known):g}-{max(known):g} kΩ"
    table = Table(title=said, title_justify="left", title_style="bold")
    table.add_column("channel")
    for name in (f"RMS, {unit}", "mains, %", *(["kΩ"] if known else [])):
        table.add_column(Text(name), justify="right")
    table.add_column("")
    for one in channels:
        if one.name in wrong:
            kohm = "" if one.impedance_kohm is None else f"{one.impedance_kohm:g}"
            figures = [f"{one.rms:.1f}", f"{100 * one.line_noise:.0f}", *([kohm] if known else [])]
            table.add_row(
                Text(plain(one.name)), *figures, Text(wrong[one.name], style="bold yellow")
            )
    return table
