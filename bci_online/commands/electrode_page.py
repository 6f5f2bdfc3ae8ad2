"""The electrode page: what is wrong with which channel, and whether a session may begin so."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.runtime.electrodes import Acceptance, Electrodes, accept_by_itself

__all__ = ["ElectrodePage"]

LONGEST_REASON = 200


class ElectrodePage:
    """Shows the channels that are not good, and asks the operator.

    Parameters
    ----------
    console : Console
        Where it is shown.
    unattended : bool
        Whether nobody is there to be asked: what there is is accepted, and said.
    reason : str
        Why channels that are not good are accepted, said beforehand; empty: ask.
    """

    def __init__(self, console: Console, *, unattended: bool, reason: str = "") -> None:
        self._console, self._unattended = console, unattended
        self._reason = plain(reason)[:LONGEST_REASON]

    def accept(self, electrodes: Electrodes) -> Acceptance | None:
        """Return that the session may begin; None where the operator wants to look again.

        Raises
        ------
        BciError
            If a channel is not good, and there is neither a reason nor anyone to give one.
        """
        wrong = electrodes.faults
        if self._unattended:
            return accept_by_itself(electrodes)
        if self._reason:
            return Acceptance(by="by --accept-quality", reason=self._reason, faults=wrong)
        if not sys.stdin.isatty():
            if wrong:
                bad = ", ".join(f"{plain(name)} {what}" for name, what in wrong.items())
                raise BciError(
                    f"electrodes: {bad}; mend them, or say why it may begin all the same: "
                    "--accept-quality REASON"
                )
            return accept_by_itself(electrodes)
        return self._asked(electrodes)

    def _asked(self, electrodes: Electrodes) -> Acceptance | None:
        wrong = electrodes.faults
        self._console.print(page(electrodes))
        if wrong:
            question = "Enter looks again; a reason begins all the same; Ctrl-C ends: "
        else:
            question = "Enter begins; l looks again; Ctrl-C ends: "
        try:
            answer = plain(input(question))[:LONGEST_REASON]
        except EOFError:
            raise BciError("electrodes were not accepted: nothing was recorded of it") from None
        if (not wrong and answer == "l") or (wrong and not answer):
            return None
        return Acceptance(by="by the operator", reason=answer, faults=wrong)


def page(electrodes: Electrodes) -> Table:
    """Return the channels that are not good, and how the others are."""
    wrong, channels = electrodes.faults, electrodes.channels
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
