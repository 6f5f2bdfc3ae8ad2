"""The colours of the subject's screen."""

from dataclasses import dataclass, replace

from PySide6.QtGui import QColor

from bci_online.config import ScreenSpec

__all__ = ["THEMES", "Theme", "contrast", "theme_of"]


@dataclass(frozen=True)
class Theme:
    """Colours as ``#rrggbb``.

    Parameters
    ----------
    ground : str
        Background.
    dim, lit : str
        A symbol at rest, and a symbol that flashes.
    text, quiet : str
        Text to read, and the line at the bottom that should not draw attention.
    cue, decision : str
        The two accents; a frame and a filled cell tell them apart without colour.

    See Also
    --------
    theme_of : The theme of a configuration.
    """

    ground: str
    dim: str
    lit: str
    text: str
    quiet: str
    cue: str
    decision: str


# The accents are the orange and the sky blue of Okabe and Ito (2008). They differ for every kind
# of colour blindness.
THEMES = {
    "dark": Theme("#15171a", "#666c75", "#e6e8eb", "#d3d6da", "#868c95", "#e69f00", "#56b4e9"),
    "contrast": Theme("#000000", "#767676", "#ffffff", "#ffffff", "#b4b4b4", "#ffc20a", "#4cc3ff"),
    "soft": Theme("#1d1f22", "#565a60", "#adb0b5", "#b3b6ba", "#858990", "#c98f1c", "#5a9fc7"),
}


def theme_of(screen: ScreenSpec) -> Theme:
    """Return the theme of a configuration, with its own colour of flashes if it has one.

    Parameters
    ----------
    screen : ScreenSpec
        Names the theme.

    Returns
    -------
    theme : Theme
        Colours of everything.

    See Also
    --------
    contrast : How well a colour is seen.
    """
    theme = THEMES[screen.theme]
    return replace(theme, lit=screen.flash_colour) if screen.flash_colour else theme


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 (none) to 21.

    Parameters
    ----------
    one, other : str
        As ``#rrggbb``.

    Returns
    -------
    ratio : float
        The same in both orders.

    See Also
    --------
    Theme : Its colours have enough contrast.

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.1: relative luminance, contrast ratio.
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    opaque = QColor(colour)
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (opaque.redF(), opaque.greenF(), opaque.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
