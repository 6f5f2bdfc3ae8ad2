"""What a command does at the moment, in the language of the window."""

import re

from bci_online.gui.lab.texts import Texts

__all__ = ["doing_in"]

# What sessions and trainings say of themselves; another text stays as it is.
KNOWN = {
    "waiting for the streams": "streams",
    "ready: .*": "streams",
    "waiting for the screen.*": "screen",
    "starting the recording": "recorder",
    "looking at the electrodes": "electrodes",
    "electrodes accepted.*": "electrodes",
    "recording": "shown",
    "closing the recording.*": "closing",
    "the session ends, then its recording is closed": "closing",
    "recordings": "reading",
    "folds": "compares",
    "([0-9]+) of ([0-9]+) methods tried.*": "methods",
}


def doing_in(texts: Texts, said: str) -> str:
    """Return what a command says of itself, in the language of the window if it is known.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.
    said : str
        In the command's words.

    Returns
    -------
    text : str
        For a person; empty where the window shows it in another way.

    See Also
    --------
    bci_online.lab.job_news.JobNews : Has the command's words.
    """
    for pattern, key in KNOWN.items():
        if found := re.fullmatch(pattern, said):
            done, of = found.groups() or ("", "")
            return texts(f"doing.{key}", done=done, of=of)
    return said
