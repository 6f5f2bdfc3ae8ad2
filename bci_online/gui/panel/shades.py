"""Greys between a theme's ground and its text."""

from PySide6.QtGui import QColor

from bci_online.gui.themes import Theme

__all__ = ["shade"]


def shade(theme: Theme, share: float) -> QColor:
    """Return the colour at `share` of the way from the ground (0) to the text (1).

    Parameters
    ----------
    theme : Theme
        Colours.
    share : float
        From 0 to 1.

    Returns
    -------
    colour : QColor
        Between ground and text.

    See Also
    --------
    bci_online.gui.themes.Theme : The two ends.
    """
    ends = [(colour.red(), colour.green(), colour.blue())
            for colour in (QColor(theme.ground), QColor(theme.text))]  # fmt: skip
    return QColor(*(round(low + share * (high - low)) for low, high in zip(*ends, strict=True)))
