"""How the electrodes are accepted before a session begins."""

from collections.abc import Callable
from typing import Protocol

from bci_online.channel_quality import Electrodes
from bci_online.notes import ElectrodesAccepted
from bci_online.preprocessing.quality import faults

__all__ = ["Accept", "JudgeElectrodes", "accept_by_itself", "faults_of"]


class JudgeElectrodes(Protocol):
    """Waits for a judgement of the electrodes, while the session keeps listening.

    See Also
    --------
    accept_by_itself : Takes its first judgement.
    """

    def __call__(self, ready: Callable[[], bool] = ..., /) -> Electrodes:
        """Wait until `ready`, and return the next judgement after that.

        Raises
        ------
        BciError
            If the session was ended meanwhile.
        """
        ...


Accept = Callable[[JudgeElectrodes], ElectrodesAccepted]
"""Asks for judgements until the electrodes can be accepted."""


def faults_of(electrodes: Electrodes) -> dict[str, str]:
    """Return what is wrong with which channel; channels that are good are left out.

    Parameters
    ----------
    electrodes : Electrodes
        A judgement of all channels.

    Returns
    -------
    faults : dict of str to str
        By the channel's name.

    See Also
    --------
    bci_online.preprocessing.quality.faults : The rule.
    """
    return faults(electrodes.channels, electrodes.unit)


def accept_by_itself(judge: JudgeElectrodes) -> ElectrodesAccepted:
    """Accept the electrodes without a question: no operator is present.

    Parameters
    ----------
    judge : JudgeElectrodes
        Waits for a judgement.

    Returns
    -------
    accepted : ElectrodesAccepted
        With all faults.

    See Also
    --------
    bci_online.terminal.electrode_page.ElectrodePage : Asks an operator.
    """
    return ElectrodesAccepted(by="by itself", faults=faults_of(judge()))
