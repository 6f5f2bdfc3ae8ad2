"""The flashes of a letter, in whole frames."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from bci_online.config import Presentation
from bci_online.markers import Flash, Layout
from bci_online.notes import LateFlash
from bci_online.paradigms.p300.flash_order import Repetition
from bci_online.paradigms.presentation import Stage

__all__ = ["Flashing"]

# A flash is late beyond 1.5 frames; frames are whole here.
LATE_FRAMES = 2


class Flashing:
    """Shows repetitions of flashes, and marks them.

    Parameters
    ----------
    stage : Stage
        Counts the frames and takes the markers.
    presentation : Presentation
        Flash and gap.

    Attributes
    ----------
    n, n_late : int
        How many flashes there were, and how many of them the display brought late.
    repetition : int
        How many times each code's turn has come in this letter, the present one included.
    last_onset : float
        When the last flash began, on `Stage.time`.

    Notes
    -----
    A flash begins with its marker and stays for its frames; the next is due ``flash + gap`` frames
    after it began. Frames that the caller missed count as passed, for the display went on showing
    the frame before; so one missed within a flash or a gap changes nothing. One missed at a
    flash's end leaves the light on longer and the gap shorter (of which at least one frame stays
    dark). One missed before its beginning, or a first frame that the display brought late, makes
    the flash late: it is shown for all of its frames and the rest of the letter moves back. So no
    flash is dropped, doubled or cut short, and no two begin closer than configured. A flash that
    began two or more frames late, or whose end was missed by so many, is flagged by a ``note``
    marker.
    """

    def __init__(self, stage: Stage[Any], presentation: Presentation) -> None:
        self._stage = stage
        self._flash_frames, self._gap_frames = presentation.frames()
        self._frame_s = 1 / presentation.refresh_hz
        self._symbols_of_code: dict[int, tuple[str, ...]] = {}
        self.n = self.n_late = self.repetition = 0
        self.last_onset = -float("inf")

    def lay_out(self, repetition: Repetition, again: bool = False) -> None:
        """Mark what codes mean, where that is new or to be said again."""
        if again or repetition.symbols_of_code != self._symbols_of_code:
            self._symbols_of_code = repetition.symbols_of_code
            self._stage.mark(Layout(self._symbols_of_code))

    def show(
        self, repetitions: Sequence[Repetition], symbol: str | None, unless: Callable[[], bool]
    ) -> Iterator[tuple[str, ...]]:
        """Yield what is lit, frame by frame, from the present frame until all gaps are over.

        Parameters
        ----------
        repetitions : sequence of Repetition
            What flashes.
        symbol : str or None
            The one that the subject attends to; None where nobody knows.
        unless : callable
            Whether to end after the flash that is lit.
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
        """Yield what is lit while it is; return the frame in which it was first seen."""
        stage, lit = self._stage, self._symbols_of_code[code]
        stage.mark(Flash(code, None if symbol is None else symbol in lit))
        self.n += 1
        onset, self.last_onset = stage.frame, stage.time
        yield lit
        # Only now it is known when that frame came.
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
