"""What is asked where a window is closed over settings that are not saved."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from bci_online.gui.lab.texts import Texts

__all__ = ["ask_about_settings"]


def ask_about_settings(
    window: QWidget, texts: Texts, save: Callable[[], bool], close: Callable[[], object]
) -> None:
    """Ask whether to save, to lose or to stay; this returns before there is an answer.

    Parameters
    ----------
    window : QWidget
        Over which it is asked.
    texts : Texts
        In the language of who uses it.
    save : callable
        Saves them; returns whether nothing is left to be saved.
    close : callable
        Closes the window; called where a person loses them, or has saved them.

    See Also
    --------
    bci_online.gui.lab.settings_form.SettingsForm : Has the settings.
    """
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setText(texts("settings.closing"))
    answers = {
        name: box.addButton(texts(f"settings.{name}"), role)
        for name, role in (
            ("save", QMessageBox.ButtonRole.AcceptRole),
            ("discard", QMessageBox.ButtonRole.DestructiveRole),
            ("stay", QMessageBox.ButtonRole.RejectRole),
        )
    }
    box.setDefaultButton(answers["stay"])
    box.setEscapeButton(answers["stay"])
    answers["save"].clicked.connect(lambda: close() if save() else None)
    answers["discard"].clicked.connect(close)
    box.open()
