"""Parts of a session that run and no longer do their work."""

from collections.abc import Mapping

from bci_online.messages import Status

__all__ = ["HUNG_S", "HungParts"]

HUNG_S = 0.8
"""A part hangs when its last beat is so many seconds ago."""

WHAT_STOPS = {"screen": "no frame is shown", "engine": "nothing is decided"}


class HungParts:
    """Says once that a part hangs, and once that it works again.

    See Also
    --------
    bci_online.session.parent.beat : What a part says while it works.

    Examples
    --------
    >>> hung = HungParts()
    >>> [status.text for status in hung.check({"screen": 0.9})]
    ['the screen has not answered for 0.9 s: no frame is shown; wait, or abort the session']
    >>> hung.check({"screen": 3.0})
    []
    >>> [status.text for status in hung.check({"screen": 0.0})]
    ['the screen answers again, after 3.0 s']
    """

    def __init__(self) -> None:
        self._longest: dict[str, float] = {}

    def check(self, silent: Mapping[str, float]) -> list[Status]:
        """Return what is new.

        Parameters
        ----------
        silent : mapping of str to float
            How many seconds ago each running part has sent its last beat.
        """
        news = []
        for part, seconds in silent.items():
            longest = self._longest.get(part)
            if seconds > HUNG_S:
                if longest is None:
                    stops = WHAT_STOPS.get(part, "nothing comes from it")
                    text = f"the {part} has not answered for {seconds:.1f} s: {stops}; "
                    news.append(Status("alarm", f"{text}wait, or abort the session"))
                self._longest[part] = seconds
            elif longest is not None:
                del self._longest[part]
                news.append(Status("info", f"the {part} answers again, after {longest:.1f} s"))
        # A part that has ended does not hang; its end is reported elsewhere.
        self._longest = {part: s for part, s in self._longest.items() if part in silent}
        return news
