"""What the subject's screen looks like."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.section import Section

__all__ = ["ScreenSpec"]

Colour = Annotated[str, msgspec.Meta(pattern="^(#[0-9a-fA-F]{6})?$")]


class ScreenSpec(Section, frozen=True):
    """The subject's screen.

    ``monitor`` is a monitor's name, empty the primary one. ``flash_colour`` (empty: the theme's)
    and ``flash_image`` (a file, shown over each lit symbol) replace the flash by luminance.
    ``icons`` is a folder: a symbol that has an image file of its name there is shown as that image.
    ``texts`` is a language that comes with the program, or a TOML file of one's own. ``warning``
    asks about photosensitivity before anything flashes. ``panel`` opens an operator's panel on the
    same computer; the session then begins when it says so.
    """

    monitor: str = ""
    fullscreen: bool = True
    theme: Literal["dark", "contrast", "soft"] = "dark"
    flash_colour: Colour = ""
    flash_image: str = ""
    font: str = ""
    font_scale: Annotated[float, msgspec.Meta(ge=0.5, le=1.5)] = 1.0
    photodiode: Literal["off", "top-left", "top-right", "bottom-left", "bottom-right"] = "off"
    sound: bool = False
    icons: str = ""
    texts: str = "en"
    warning: bool = True
    panel: bool = False
