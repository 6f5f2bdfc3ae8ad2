"""Notes of decisions that do not stand, or stand for another symbol."""

from bci_online.notes.typed_note import TypedNote

__all__ = ["Corrected", "NotCorrected", "Undo"]


class Undo(TypedNote, frozen=True, tag="undo"):
    """The decision of a trial is not valid: it was undone, or came too late.

    Parameters
    ----------
    trial : int
        Number of the trial.

    See Also
    --------
    bci_online.paradigms.p300.text_prior.TextPrior : Takes the symbol back.

    Examples
    --------
    >>> Undo(5).text(), Undo(5).words
    ('note/{"type":"undo","trial":5}', 'undo 5')
    """

    trial: int

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return f"undo {self.trial}"


class Corrected(TypedNote, frozen=True, tag="corrected"):
    """The decision of a trial is replaced: later letters say another symbol, and a person agreed.

    Parameters
    ----------
    trial : int
        Number of the trial.
    value : str
        The symbol that stands now.

    See Also
    --------
    bci_online.paradigms.p300.spelling.Spelling : Replaces it.

    Examples
    --------
    >>> Corrected(5, "I").words
    'correct 5'
    """

    trial: int
    value: str

    @property
    def words(self) -> str:
        """What the note says, for a person; a log must not hold the symbol."""
        return f"correct {self.trial}"


class NotCorrected(TypedNote, frozen=True, tag="not_corrected"):
    """A correction was refused: its letter, or the word that it names, is gone meanwhile.

    Parameters
    ----------
    trial : int
        Number of the trial.

    See Also
    --------
    Corrected : A correction that is carried out.

    Examples
    --------
    >>> NotCorrected(5).words
    'correct 5 refused: the letter, or the word in its place, is no longer on the screen'
    """

    trial: int

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        gone = "the letter, or the word in its place, is no longer on the screen"
        return f"correct {self.trial} refused: {gone}"
