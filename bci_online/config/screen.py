"""What the subject's screen looks like."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import Label, PathText
from bci_online.config.section import Section

__all__ = ["ScreenSpec"]

Colour = Annotated[str, msgspec.Meta(pattern="^(#[0-9a-fA-F]{6})?$", max_length=7)]


class ScreenSpec(Section, frozen=True):
    """The subject's screen.

    Parameters
    ----------
    monitor : str
        Name of a monitor; empty: the primary one.
    fullscreen : bool
        Whether it covers the monitor.
    theme : {"dark", "contrast", "soft"}
        Colours; ``contrast`` is black and full white, ``soft`` has less light.
    flash_colour : str
        Colour of flashing symbols, such as ``#ff3030``; empty: the theme's.
    flash_image : str
        File of an image that is shown over flashing symbols instead; empty: none.
    font : str
        Name of a font; empty: one that has all symbols.
    font_scale : float
        Size of the symbols, relative to the usual size, as far as there is room.
    photodiode : str
        Corner of the patch for a photodiode, or ``off``.
    sound : bool
        Whether a cue of imagery beeps.
    icons : str
        Folder; a symbol is shown as the image file of its name there; empty: none.
    texts : str
        Language of the subject's texts, such as ``en`` or ``de``, or a TOML file of your own.
    warning : bool
        Ask the subject about photosensitivity before the first flash.
    panel : bool
        Open an operator's panel on the same computer; the operator starts the session.

    See Also
    --------
    bci_online.config.sections.Config : Its table ``screen``.
    """

    monitor: Label = ""
    fullscreen: bool = True
    theme: Literal["dark", "contrast", "soft"] = "dark"
    flash_colour: Colour = ""
    flash_image: PathText = ""
    font: Label = ""
    font_scale: Annotated[float, msgspec.Meta(ge=0.5, le=1.5)] = 1.0
    photodiode: Literal["off", "top-left", "top-right", "bottom-left", "bottom-right"] = "off"
    sound: bool = False
    icons: PathText = ""
    texts: PathText = "en"
    warning: bool = True
    panel: bool = False
