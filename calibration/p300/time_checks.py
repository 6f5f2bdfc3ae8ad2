"""What the times of responses say about a training."""

from calibration.p300.response_change import response_change
from calibration.p300.response_time import around_flashes, misplaced_response
from calibration.training_request import TrainingRequest

__all__ = ["TimeChecks"]


class TimeChecks:
    """Whether responses come when flashes allow, and do not change; nothing without an evaluation.

    Parameters
    ----------
    request : TrainingRequest
        Its recordings are looked at.

    Attributes
    ----------
    cuts : list of CutBeside
        The epochs that both look at, if any are needed. If the training cuts them beside its own,
        no recording is read again.

    See Also
    --------
    calibration.p300.training.train : Says what is found.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bci_online.config import Config
    >>> request = TrainingRequest(
    ...     recordings=(), config=Config(), output=Path("my.decoder"), method="lda"
    ... )
    >>> len(TimeChecks(request).cuts)
    1
    """

    def __init__(self, request: TrainingRequest) -> None:
        self._where = request.recordings, request.config, request.trials
        wanted = request.evaluation and request.config.epoch.after != "feedback"
        self.cuts = [around_flashes(request.config)] if wanted else []

    def said(self) -> list[str]:
        """Return a line of each check, empty where nothing is wrong."""
        checks = misplaced_response, response_change
        return [check(*self._where, cut) for cut in self.cuts for check in checks]
