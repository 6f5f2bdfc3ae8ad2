"""A speller's language."""

from bci_online.config.ranges import Label
from bci_online.config.section import Section
from bci_online.own_text import check_own_text_name

__all__ = ["LanguageSpec"]


class LanguageSpec(Section, frozen=True):
    """Which language's letters and words are expected.

    The session's start marker carries the code, so that a replay uses the same prior as the live
    run.

    Parameters
    ----------
    code : str
        A language such as ``en`` or ``de``: likely letters are decided sooner and words are
        suggested; empty: every symbol is equally likely.
    own_text : str
        A name under which this computer keeps what the subject writes freely, for better
        suggestions in later sessions; empty: nothing is kept.

    See Also
    --------
    bci_online.paradigms.p300.text_prior.TextPrior : The prior.
    bci_online.own_text.own_text_path : Where the own text is.

    Examples
    --------
    >>> LanguageSpec(code="en", own_text="anna").own_text
    'anna'
    """

    code: Label = ""
    own_text: Label = ""

    def check(self) -> None:
        """Refuse a name that is no name of a file."""
        check_own_text_name(self.own_text)
