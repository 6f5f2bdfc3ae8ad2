"""The fields of some keys, in the order of the configuration, each made when it is first shown."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from bci_online.config.keys import ConfigKey, config_keys
from bci_online.gui.lab.setting_field import SettingField, plain_label
from bci_online.gui.lab.texts import Texts

__all__ = ["SettingsPage"]

WIDEST = 96
"""Letters: lines of meaning that are longer than this are hard to read."""
AT_ONCE = 2
"""Fields that are made before the window answers again."""


class SettingsPage(QScrollArea):
    """Fields one below the other, with a heading for each table.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.gui.lab.settings_form.SettingsForm : Says which keys are shown.
    """

    typed = Signal(object, str)
    """A key, and its new text."""
    reset = Signal(object)
    """A key that is to have its default."""
    made = Signal(list)
    """Fields that are new: they show nothing yet."""
    finished = Signal()
    """All keys that are to be shown have their fields."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.fields: dict[str, SettingField] = {}
        self._headings: dict[str, QLabel] = {}
        self._wanted: list[ConfigKey] = []
        self._places = {key.path: place for place, key in enumerate(config_keys())}
        self.nothing = plain_label("", "quiet")
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.nothing)
        self._column.addStretch(1)
        self.setWidgetResizable(True)
        inner.setMaximumWidth(WIDEST * self.fontMetrics().horizontalAdvance("m"))
        self.setWidget(inner)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._maker = QTimer(self)
        self._maker.timeout.connect(self._make_some)

    def show_keys(self, keys: Sequence[ConfigKey], nothing: str = "") -> None:
        """Show these keys and their headings; `nothing` is said where there are none."""
        shown = {key.path for key in keys}
        tables = {key.table for key in keys}
        for path, field in self.fields.items():
            field.setVisible(path in shown)
        for table, heading in self._headings.items():
            heading.setVisible(table in tables)
        self.nothing.setText(nothing)
        self.nothing.setVisible(bool(nothing))
        self.verticalScrollBar().setValue(0)
        self._wanted = [key for key in keys if key.path not in self.fields]
        self._make_some()
        if self._wanted:
            self._maker.start(0)

    def is_shown(self, path: str) -> bool:
        """Return whether a key is among those that are shown."""
        field = self.fields.get(path)
        return field is not None and field.isVisibleTo(self)

    def put_between(self, before: QWidget, after: QWidget) -> None:
        """Let the tabulator go from `before` through the fields that are shown to `after`."""
        for path in sorted(filter(self.is_shown, self.fields), key=self._places.__getitem__):
            field = self.fields[path]
            for part in (field.editor.field, field.back):
                QWidget.setTabOrder(before, part)
                before = part
        QWidget.setTabOrder(before, after)

    def go_to(self, path: str) -> None:
        """Scroll to a key that is shown, and let a person type in it."""
        while self._wanted:
            self._make_some()
        if path in self.fields:
            self.fields[path].editor.setFocus()
            self.ensureWidgetVisible(self.fields[path])

    def _make_some(self) -> None:
        """Make the next fields; the window answers between two calls."""
        now, self._wanted = self._wanted[:AT_ONCE], self._wanted[AT_ONCE:]
        for key in now:
            self._make(key)
        if not self._wanted:
            self._maker.stop()
        if now:
            self.made.emit([self.fields[key.path] for key in now])
        if not self._wanted:
            self.finished.emit()

    def _make(self, key: ConfigKey) -> None:
        # Above it stand the fields of earlier keys, and a heading for each of their tables.
        before = [path for path in self.fields if self._places[path] < self._places[key.path]]
        at = len(before) + len({path.partition(".")[0] for path in before if "." in path})
        if key.table and key.table not in self._headings:
            meaning = self._texts.table_meaning(key.table)
            self._headings[key.table] = plain_label(f"[{key.table}]  {meaning}", "title")
            self._column.insertWidget(at, self._headings[key.table])
        at += not any(path.startswith(f"{key.table}.") for path in before) and bool(key.table)
        field = SettingField(key, self._texts)
        field.typed.connect(self.typed)
        field.reset.connect(self.reset)
        self.fields[key.path] = field
        self._column.insertWidget(at, field)
        # At once: a layout shows what is new only after it has returned to the event loop.
        field.show()
