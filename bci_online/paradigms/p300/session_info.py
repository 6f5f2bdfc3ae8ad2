"""What the start marker says of a session of the speller."""

from typing import Literal

import msgspec

from bci_online.config import Adaptation, Presentation
from bci_online.paradigms.p300.matrix import SymbolMatrix
from bci_online.paradigms.p300.text_prior import IN_CONTEXT

__all__ = ["Mode", "session_info"]

Mode = Literal["calibration", "copy", "free"]


def session_info(
    presentation: Presentation,
    mode: Mode,
    matrix: SymbolMatrix,
    language: str,
    seed: int,
    done: int = 0,
    adaptation: Adaptation | None = None,
) -> dict[str, object]:
    """Return what describes a session: a replay has the same prior and the same timing by it.

    Parameters
    ----------
    presentation : Presentation
        Times and order of the flashes.
    mode : str
        As `P300Presentation` has it.
    matrix : SymbolMatrix
        Backspace and rest.
    language : str
        Code of the language; empty: none.
    seed : int
        Seed of the flash orders.
    done : int
        How many letters an earlier run has shown.
    adaptation : Adaptation, optional
        Whether the decoder follows the session.

    Returns
    -------
    info : dict of str to object
        Values that JSON has.

    See Also
    --------
    bci_online.markers.events.SessionStarted : The marker.
    bci_online.paradigms.p300.text_prior.TextPrior : Reads language, backspace and rest.
    bci_online.runtime.adaptation.FollowedSession : Reads the adaptation.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> matrix = SymbolMatrix(Config(), "", free=True)
    >>> info = session_info(Presentation(), "free", matrix, language="", seed=7)
    >>> info["mode"], info["flash_frames"], info["backspace"]
    ('free', 6, '⌫')
    """
    flash, gap = presentation.frames()
    return {
        "paradigm": "p300",
        "mode": mode,
        "calibration": mode == "calibration",
        "order": presentation.order,
        "flash_frames": flash,
        "gap_frames": gap,
        "refresh_hz": presentation.refresh_hz,
        "seed": seed,
        "language": language,
        "word_prior": IN_CONTEXT if language else "",
        "backspace": matrix.backspace,
        "rest": matrix.rest,
        **({"done": done} if done else {}),
        **({"adaptation": msgspec.to_builtins(adaptation)} if adaptation and adaptation.on else {}),
    }
