"""The buttons of the window: the space bar presses them, and so does Enter."""

from PySide6.QtWidgets import QPushButton

__all__ = ["PushButton"]


class PushButton(QPushButton):
    """A button that Enter presses too: without this, Qt has that in dialogs alone.

    Parameters
    ----------
    text : str
        On it.

    See Also
    --------
    bci_online.gui.lab.card_head.CardHead : The same of a card's head.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setAutoDefault(True)
