"""What was started, and how it stands."""

from collections.abc import Iterable

import msgspec

from bci_online.lab.job_news import JobNews

__all__ = ["Job", "JobRecord"]


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was started.

    Parameters
    ----------
    action : str
        Which of the lab's actions.
    command : tuple of str
        Program and arguments.
    subject : str
        Of whom; empty where it is of no one.
    output : str
        The folder or file that it writes; empty if it writes none.
    began : float
        In seconds since 1970.
    pid : int
        Of its process group.

    See Also
    --------
    bci_online.lab.jobs.Jobs : Writes it.
    """

    action: str
    command: tuple[str, ...]
    subject: str = ""
    output: str = ""
    began: float = 0.0
    pid: int = 0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job, and how it stands.

    Parameters
    ----------
    name : str
        Of its files.
    record : JobRecord
        What was started.
    is_running : bool
        Whether it runs.
    code : int or None
        The exit code; None while it runs, and where it was killed.
    error : str
        Its last error.
    news : JobNews
        What its lines say.

    See Also
    --------
    bci_online.lab.jobs.Jobs : Reads it.

    Examples
    --------
    >>> killed = Job(name="1", record=JobRecord(action="spell", command=()), is_running=False)
    >>> killed.has_failed
    True
    """

    name: str
    record: JobRecord
    is_running: bool
    code: int | None = None
    error: str = ""
    news: JobNews = JobNews()

    @property
    def has_failed(self) -> bool:
        """Whether it ended, and not as it should."""
        return not self.is_running and self.code != 0


def running(jobs: Iterable[Job], *actions: str) -> Job | None:
    """Return the newest job of one of these actions that runs; None if none does."""
    return next((job for job in jobs if job.is_running and job.record.action in actions), None)
