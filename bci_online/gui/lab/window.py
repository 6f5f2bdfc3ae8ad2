"""The lab's window: history at the left, the steps of a session at the right."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from bci_online.gui.lab.texts import Texts

__all__ = ["LabWindow"]


class LabWindow(QWidget):
    """Shows a lab's folder, and starts what the command line starts.

    Parameters
    ----------
    folder : Path
        The lab.
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.gui.lab.application.run_lab : Shows it.
    """

    def __init__(self, folder: Path, texts: Texts) -> None:
        super().__init__()
        self.setWindowTitle(texts("window.title", folder=folder.name))
