"""The page of the window where a configuration is edited; its form is made when it is needed."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bci_online.gui.lab.texts import Texts

if TYPE_CHECKING:
    from bci_online.gui.lab.settings_form import SettingsForm

__all__ = ["SettingsPlace", "load_form"]


class SettingsPlace(QWidget):
    """Holds one form for all configurations: to make and to end one takes long.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.gui.lab.settings_form.SettingsForm : The form.
    """

    saved = Signal()
    """A configuration was written."""
    closed = Signal()
    """A person is done with it."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.form: SettingsForm | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def open(self, path: Path) -> None:
        """Show a configuration as it is now.

        Raises
        ------
        ConfigError
            If the file cannot be read, or is not TOML.
        """
        # Only now: see `load_form`.
        from bci_online.gui.lab.settings_form import SettingsForm

        if self.form is None:
            form = SettingsForm(path, self._texts)
            form.closed.connect(self.closed)
            form.saved.connect(lambda _: self.saved.emit())
            self._column.addWidget(form)
            self.form = form
        else:
            self.form.open(path)
        self.form.search.setFocus()

    @property
    def is_edited(self) -> bool:
        """Whether something is not saved yet."""
        return self.form is not None and self.form.is_edited

    def save(self) -> bool:
        """Write what was edited, if it is right; return whether nothing is left to be saved."""
        if self.form is not None:
            self.form.save()
        return not self.is_edited


def load_form() -> None:
    """Load what the form needs, in a thread that may wait: it then opens at once.

    See Also
    --------
    SettingsPlace : Needs it.
    """
    from bci_online.config.keys import config_keys
    from bci_online.gui.lab import settings_form  # noqa: F401 - it is loaded, not used

    config_keys()
