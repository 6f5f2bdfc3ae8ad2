"""The parts of one session: which processes it has, how each is called, and what each leaves."""

from pathlib import Path

import msgspec

from bci_online.atomic_write import write_atomically
from bci_online.config import LSL
from bci_online.errors import BciError
from bci_online.session.config import own_streams
from bci_online.session.plan import SessionPlan
from bci_online.session.processes import Processes
from bci_online.session.summary import take_part
from bci_online.session_keys import new_key
from bci_online.summaries import ScreenSummary, Summary

__all__ = ["SessionParts"]


class SessionParts(Processes):
    """The amplifier's process where there is one, the screen's and the engine's.

    Parameters
    ----------
    plan : SessionPlan
        What they are to do.

    See Also
    --------
    bci_online.session.conductor.conduct : Starts and ends them.
    """

    def __init__(self, plan: SessionPlan) -> None:
        super().__init__(plan.folder.log)
        self._plan = plan
        # Before any stream of the session: its parts find the key by the session's name.
        new_key(plan.name)

    def start_all(self) -> None:
        """Start every part; none waits for another."""
        plan, parts = self._plan, self._file("parts")
        config = own_streams(plan.config, plan.name, simulate=plan.simulate)
        write_atomically(parts, msgspec.json.encode(config))
        common = [plan.name, "--config", str(parts)]
        if plan.simulate:
            self.start("amplifier", *common)
        elif plan.config.eeg.source != LSL:
            self.start("amplifier", plan.name, "--source", plan.config.eeg.source)
        summary = ["--summary", str(self._file("screen"))]
        self.start("screen", *common, *plan.screen_arguments(), *summary)
        if plan.decoder is not None:
            common += ["--decoder", str(plan.folder.decoder)]
            common += [each for path in plan.after for each in ("--after", str(path))]
            # The streams of an earlier run have other names.
            common += ["--given", str(plan.folder.whole_config)] if plan.after else []
        elif plan.no_calibration:
            common += ["--no-calibration", str(plan.folder.decoder)]
            common += [] if plan.start is None else ["--start", str(plan.start)]
        if plan.errp is not None:
            common += ["--errp", str(plan.folder.errp)]
        self.start("engine", *common, "--summary", str(self._file("engine")))

    def check(self) -> None:
        """Raise if a part has ended: nothing should wait for it.

        Raises
        ------
        BciError
            Which one, and why.
        """
        for name, code in self.ended().items():
            raise BciError(self.last_words(name, code))

    def stop(self) -> None:
        """End every part."""
        super().stop()
        self._file("parts").unlink(missing_ok=True)

    def take_summaries(self) -> tuple[ScreenSummary | None, Summary | None]:
        """Return what the screen and the engine have left; None of a part that died.

        Its files are gone afterwards.
        """
        screen = take_part(self._file("screen"), ScreenSummary)
        return screen, take_part(self._file("engine"), Summary)

    def _file(self, part: str) -> Path:
        """Return the file in which a part leaves its figures, or all find their configuration."""
        return self._plan.folder.folder / f"{part}.json"
