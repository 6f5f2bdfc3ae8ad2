"""Notes of what the worker processes of a session have found."""

from bci_online.notes.typed_note import TypedNote

__all__ = ["FEWEST_LETTERS", "Promised", "Supervised"]

FEWEST_LETTERS = 4
"""Fewer spelled letters make no decoder: the parts to train on and to test on are too small."""


class Promised(TypedNote, frozen=True, tag="promised"):
    """What the letters of a calibration so far promise of letters that are right later.

    Parameters
    ----------
    letters : int
        How many there are.
    right : tuple of float
        Share of later letters that is right: lower end of a 95 % interval, middle, upper end.
    wanted : float
        The calibration ends once the lower end reaches this share.

    See Also
    --------
    bci_online.config.training_results.Promise : What is promised.

    Examples
    --------
    >>> Promised(5, (0.81, 0.92, 0.98), 0.9).progress
    0.9
    """

    letters: int
    right: tuple[float, float, float]
    wanted: float

    @property
    def is_reached(self) -> bool:
        """Whether the calibration may end."""
        return self.right[0] >= self.wanted

    @property
    def progress(self) -> float:
        """How far it is, from 0 to 1."""
        return 1.0 if self.is_reached else max(0.0, self.right[0] / self.wanted)

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        low, right, high = (10 * share for share in self.right)
        return (
            f"{self.letters} letters promise {right:.1f} of 10 right ({low:.1f}-{high:.1f}); "
            f"the calibration ends at {10 * self.wanted:.1f}"
        )


class Supervised(TypedNote, frozen=True, tag="supervised"):
    """A decoder that was fitted on the letters so far; the next letter is decided with it.

    Parameters
    ----------
    letters : int
        How many letters it was fitted on.
    auc : float
        Of single flashes, in letters that it was not fitted on.
    before : float
        The same without any label.
    decoder : str
        The decoder's file, in base64: so a recording alone is enough to decide it again.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Goes on with it.

    Examples
    --------
    >>> Supervised(letters=5, auc=0.861, before=0.842, decoder="").words
    'a decoder was fitted on 5 letters: AUC 0.86, without labels 0.84'
    """

    letters: int
    auc: float
    before: float
    decoder: str

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return (
            f"a decoder was fitted on {self.letters} letters: AUC {self.auc:.2f}, without labels "
            f"{self.before:.2f}"
        )
