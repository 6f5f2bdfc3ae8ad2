"""The flashes of a letter, timed in whole frames."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from bci_online.config import Presentation
from bci_online.markers import Flash, Layout
from bci_online.notes import LateFlash
from bci_online.paradigms.p300.flash_order import Repetition
from bci_online.paradigms.presentation import Stage

__all__ = ["FlashTiming"]

# A flash is late from 1.5 frames on; frames are whole numbers here.
LATE_FRAMES = 2


class FlashTiming:
    """Show repetitions of flashes frame by frame, and mark them.

    Parameters
    ----------
    stage : Stage
        Counts the frames and takes the markers.
    presentation : Presentation
        Length of flash and gap.

    Attributes
    ----------
    n, n_late : int
        Number of flashes, and of those that the display showed late.
    repetition : int
        Current repetition of this letter, from 1.
    last_onset : float
        When the last flash began, on `Stage.time`.

    See Also
    --------
    bci_online.paradigms.presentation.Stage : Counts the frames.
    bci_online.paradigms.p300.presentation.P300Presentation : Uses it for each letter.

    Notes
    -----
    A flash begins with its marker and stays for its frames. The next one is due ``flash + gap``
    frames after it began. A frame that the caller missed counts as passed, because the display kept
    showing the frame before it. What a missed frame changes depends on where it lies:

    * within a flash or a gap: nothing;
    * at the end of a flash: the flash is longer and the gap shorter, but at least one frame of the
      gap stays dark: two flashes without a dark frame between them look like one;
    * before a flash, or where the display shows its first frame late: the flash is late. It is
      shown for all of its frames, and the rest of the letter moves back.

    So no flash is dropped, doubled or cut short, and no two flashes begin closer than configured:
    a response that is overlapped more than in calibration would be scored wrongly. A flash that
    begins, or ends, two or more frames late is flagged by a ``note`` marker.

    Examples
    --------
    >>> from bci_online.paradigms.presentation import Stage
    >>> timing = FlashTiming(Stage(refresh_hz=60.0), Presentation())
    >>> timing.n, timing.n_late, timing.repetition  # before the first letter
    (0, 0, 0)
    """

    def __init__(self, stage: Stage[Any], presentation: Presentation) -> None:
        self._stage = stage
        self._flash_frames, self._gap_frames = presentation.frames()
        self._frame_s = 1 / presentation.refresh_hz
        self._symbols_of_code: dict[int, tuple[str, ...]] = {}
        self.n = self.n_late = self.repetition = 0
        self.last_onset = -float("inf")

    def lay_out(self, repetition: Repetition, again: bool = False) -> None:
        """Mark the meaning of the codes where it is new; with `again` in any case."""
        if again or repetition.symbols_of_code != self._symbols_of_code:
            self._symbols_of_code = repetition.symbols_of_code
            self._stage.mark(Layout(self._symbols_of_code))

    def show(
        self, repetitions: Sequence[Repetition], symbol: str | None, unless: Callable[[], bool]
    ) -> Iterator[tuple[str, ...]]:
        """Yield the lit symbols frame by frame, from the current frame to the end of the last gap.

        Parameters
        ----------
        repetitions : sequence of Repetition
            What flashes.
        symbol : str or None
            The symbol that the subject attends to; None where it is not known.
        unless : callable
            Returns True to end after the current flash.
        """
        stage = self._stage
        due = stage.frame
        for number, repetition in enumerate(repetitions, start=1):
            for code in repetition.codes:
                yield from self._dark(due, unless)
                if unless():
                    return
                self.repetition = number
                self.lay_out(repetition)
                onset = yield from self._flash(code, symbol, due)
                due = onset + self._flash_frames + self._gap_frames
                due = max(due, stage.frame + min(self._gap_frames, 1))
        yield from self._dark(due, unless)

    def _dark(self, due: int, unless: Callable[[], bool]) -> Iterator[tuple[str, ...]]:
        while self._stage.frame < due and not unless():
            yield ()

    def _flash(
        self, code: int, symbol: str | None, due: int
    ) -> Generator[tuple[str, ...], None, int]:
        """Yield the lit symbols during a flash; return the frame in which it was first shown."""
        stage, lit = self._stage, self._symbols_of_code[code]
        stage.mark(Flash(code, None if symbol is None else symbol in lit))
        self.n += 1
        onset, self.last_onset = stage.frame, stage.time
        yield lit
        # The display says only after the swap when that frame was shown.
        onset += stage.slip
        self.last_onset += stage.slip * self._frame_s
        late = onset - due
        self.n_late += late > 0
        if late >= LATE_FRAMES:
            stage.mark(LateFlash(code, "began", late))
        end = onset + self._flash_frames
        while stage.frame < end:
            yield lit
        if stage.frame - end >= LATE_FRAMES:
            stage.mark(LateFlash(code, "ended", stage.frame - end))
        return onset
