"""What the subject's screen looks like."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import Label, PathText
from bci_online.config.section import Section

__all__ = ["ScreenSpec"]

Colour = Annotated[str, msgspec.Meta(pattern="^(#[0-9a-fA-F]{6})?$", max_length=7)]


class ScreenSpec(Section, frozen=True):
    """The subject's screen.

    ``monitor`` is a monitor's name; empty: the primary one. A flash changes the luminance of its
    symbols, to ``flash_colour`` if there is one, else to the theme's; with ``flash_image``, a file,
    that image is shown over them instead. ``icons`` is a folder: a symbol is shown as the image
    file of its name there. ``texts`` is a language of the program, or a TOML file. With
    ``warning`` the subject is asked about photosensitivity before the first flash. ``panel`` opens
    an operator's panel on the same computer, and the session begins when the operator starts it.
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
