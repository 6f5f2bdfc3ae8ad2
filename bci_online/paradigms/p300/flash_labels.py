"""Whether a flash was a target, from its marker or from its letter and the layout."""

from collections.abc import Mapping

from bci_online.markers import Flash

__all__ = ["flash_label"]


def flash_label(flash: Flash, layout: Mapping[int, tuple[str, ...]], truth: str) -> bool | None:
    """Return whether a flash lit the letter to be spelled; None if unknown.

    Parameters
    ----------
    flash : Flash
        Its own label counts where letter or layout say nothing.
    layout : mapping of int to tuple of str
        Which symbols each code lights.
    truth : str
        The letter to be spelled; empty outside of trials, and where it is unknown.

    Returns
    -------
    label : bool or None
        True for a target.

    See Also
    --------
    bci_online.markers.events.Layout : States a layout in a recording.

    Examples
    --------
    >>> layout = {1: ("A", "C"), 2: ("B", "D")}
    >>> flash_label(Flash(2), layout, "B"), flash_label(Flash(2), layout, "")
    (True, None)
    """
    lit = layout.get(flash.code, ())
    spelled = {symbol for line in layout.values() for symbol in line}
    if flash.target is not None or not lit or truth not in spelled:
        return flash.target
    return truth in lit
