"""One recorded session, from its folder to its summary."""

from bci_online.counted import counted
from bci_online.errors import BciError, RecordingError
from bci_online.interrupts import ended_by_any_signal
from bci_online.messages import Status
from bci_online.session.config import as_decoded
from bci_online.session.electrodes import Accept, accept_by_itself
from bci_online.session.plan import SessionMode, SessionPlan
from bci_online.session.running_session import Observe, RunningSession
from bci_online.session.summary import SessionSummary

__all__ = ["Observe", "SessionMode", "SessionPlan", "as_decoded", "conduct"]


@ended_by_any_signal()
def conduct(
    plan: SessionPlan, observe: Observe, accept: Accept = accept_by_itself
) -> SessionSummary:
    """Run a session to its end and return its summary, which is in its folder too.

    Recording and summary say how `accept` accepted the electrodes. If a process dies, the others
    are ended in order and the recording is closed. A recorder that dies ends a calibration;
    spelling continues without it, with an alarm. A worker that makes promises may die.

    Parameters
    ----------
    plan : SessionPlan
        What the session is to be.
    observe : callable
        Called with each message of the session.
    accept : callable
        Says whether the session may begin with these electrodes.

    Returns
    -------
    summary : SessionSummary
        A session that ended early, but in order, has one too.

    Raises
    ------
    BciError
        If the session cannot begin, or if it did not end as planned.
    KeyboardInterrupt
        After its end, if a Ctrl-C, SIGTERM or the end of its terminal ended it.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Records it.
    """
    with plan.made_folder(), RunningSession(plan, observe, accept) as session:
        session.begin()
        session.run()
    summary = session.summary()
    if n_refused := sum(summary.refused_lines.values()):
        text = f"refused: {counted(n_refused, 'line')} of other programs under this session's name"
        session.show(Status("warning", text))
    failure = session.failure
    try:
        plan.folder.keep_summary(summary.row(), free_spelling=summary.is_free_text)
        plan.folder.keep_checksums()
    except RecordingError as error:
        # A full disk ends the session first, and then the summary cannot be written either: the
        # session's own failure says more.
        failure = failure or str(error)
    if session.interrupted:
        raise KeyboardInterrupt
    if failure:
        raise BciError(f"{failure}; what was recorded is in {plan.folder.recording}")
    return summary
