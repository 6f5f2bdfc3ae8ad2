"""A configuration as a form: tables at the left, their keys at the right, a search above both."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from bci_online.config.document import ConfigDocument
from bci_online.config.key_texts import text_of, value_of
from bci_online.config.keys import ConfigKey, config_keys
from bci_online.errors import BciError
from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.setting_field import SettingField, plain_label
from bci_online.gui.lab.settings_page import SettingsPage
from bci_online.gui.lab.texts import Texts

__all__ = ["SettingsForm"]


class SettingsForm(QWidget):
    """Every key of a configuration file; nothing is written until all values are right.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    texts : Texts
        In the language of who uses it.

    Raises
    ------
    ConfigError
        If the file cannot be read, or is not TOML.

    See Also
    --------
    bci_online.config.document.ConfigDocument : The file.
    """

    saved = Signal(object)
    """The path of the file that was written."""
    closed = Signal()
    """A person is done with it, and nothing is left to be saved."""

    def __init__(self, path: Path, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.document = ConfigDocument.read(path)
        # Texts that are no TOML at all have no value that could be checked.
        self._unread: dict[str, tuple[str, str]] = {}
        self._tables = {name: tuple(keys) for name, keys in groupby(config_keys(), _table_of)}
        self.back_button = PushButton(texts("settings.back"))
        self.title = plain_label(texts("settings.title", file=path.name), "heading")
        self.search = QLineEdit()
        self.sections = QListWidget()
        self.page = SettingsPage(texts)
        self.said = plain_label("", "quiet")
        self.discard_button = PushButton(texts("settings.discard"))
        self.save_button = PushButton(texts("settings.save"))
        self._lay_out()
        self._connect()
        self.sections.setCurrentRow(0)
        self._refresh()

    def _lay_out(self) -> None:
        texts, em = self._texts, self.fontMetrics().horizontalAdvance("m")
        self.search.setPlaceholderText(texts("settings.search"))
        self.search.setAccessibleName(texts("settings.search"))
        self.search.setClearButtonEnabled(True)
        self.sections.setAccessibleName(texts("settings.sections"))
        self.sections.addItems([name or texts("settings.above_all") for name in self._tables])
        self.sections.setFixedWidth(17 * em)
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.save_button.setObjectName("primary")
        middle = QHBoxLayout()
        middle.addWidget(self.sections)
        middle.addWidget(self.page, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.discard_button)
        foot.addWidget(self.save_button)
        head = QHBoxLayout()
        for part in (self.back_button, self.title):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.search, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(head)
        whole.addLayout(middle, 1)
        whole.addLayout(foot)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._show_found)
        self.sections.currentRowChanged.connect(self._show_section)
        self.page.typed.connect(self._type)
        self.page.reset.connect(self._reset)
        self.page.made.connect(self._show_values)
        self.page.finished.connect(
            lambda: self.page.put_between(self.sections, self.discard_button)
        )
        self.save_button.clicked.connect(self.save)
        self.discard_button.clicked.connect(self.discard)
        self.back_button.clicked.connect(self.leave)
        for keys, slot in (
            (QKeySequence.StandardKey.Find, self._find),
            (QKeySequence.StandardKey.Save, self.save),
            (QKeySequence.StandardKey.Cancel, self.leave),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _show_section(self, row: int) -> None:
        if row < 0:
            return
        with QSignalBlocker(self.search):
            self.search.clear()
        self.page.show_keys(list(self._tables.values())[row])

    def _show_found(self, text: str) -> None:
        words = text.casefold().split()
        if not words:
            self._show_section(max(self.sections.currentRow(), 0))
            return
        found = [
            key
            for key in config_keys()
            if all(word in f"{key.path} {self._texts.meaning(key)}".casefold() for word in words)
        ]
        self.page.show_keys(found, "" if found else self._texts("settings.nothing", text=text))

    def _type(self, key: ConfigKey, text: str) -> None:
        try:
            self.document.edit(key, value_of(key, text))
        except BciError as error:
            self._unread[key.path] = (text, str(error))
        else:
            self._unread.pop(key.path, None)
        self._refresh(typed=key)

    def _reset(self, key: ConfigKey) -> None:
        self._unread.pop(key.path, None)
        self.document.edit(key, key.default)
        self._refresh()
        self.page.fields[key.path].editor.setFocus()

    def open(self, path: Path) -> None:
        """Show a file as it is now; what was not saved is lost.

        Raises
        ------
        ConfigError
            If the file cannot be read, or is not TOML; then nothing changes.
        """
        self.document = ConfigDocument.read(path)
        self._unread.clear()
        self.title.setText(self._texts("settings.title", file=path.name))
        self._refresh()

    def discard(self) -> None:
        """Show the file as it is now; what was not saved is lost."""
        try:
            self.open(self.document.path)
        except BciError as error:
            self._say(str(error), is_wrong=True)

    def leave(self) -> None:
        """Go back, unless a search is to be ended first or something is not saved."""
        if self.search.text():
            self.search.clear()
        elif self.is_edited:
            self._say(self._texts("settings.stays", n=self._n_edits), is_wrong=True)
        else:
            self.closed.emit()

    def save(self) -> None:
        """Write the file, if every value is right; otherwise go to the first that is not."""
        problems = self._problems()
        if problems:
            self._show_problem(next(iter(problems)))
            return
        if not self.document.edited:
            return
        try:
            self.document.save()
        except BciError as error:
            self._say(str(error), is_wrong=True)
            return
        except OSError as error:
            said = f"{self.document.path}: cannot be written: {error.strerror}"
            self._say(said, is_wrong=True)
            return
        self._refresh()
        self._say(self._texts("settings.saved", file=self.document.path.name))
        self.saved.emit(self.document.path)

    @property
    def is_edited(self) -> bool:
        """Whether something is not saved yet."""
        return bool(self._n_edits)

    @property
    def _n_edits(self) -> int:
        return len({*self.document.edited, *self._unread})

    def _problems(self) -> dict[str, str]:
        unread = {path: said for path, (_, said) in self._unread.items()}
        return self.document.problems() | unread

    def _show_problem(self, path: str) -> None:
        table = path.partition(".")[0] if path in {key.path for key in config_keys()} else path
        names = list(self._tables)
        if not self.page.is_shown(path):
            self.sections.setCurrentRow(-1)
            self.sections.setCurrentRow(names.index(table) if table in names else 0)
        self.page.go_to(path)

    def _refresh(self, *, typed: ConfigKey | None = None) -> None:
        """Show values, marks and errors; the field in which a person types keeps its text."""
        problems = self._problems()
        self._show_values(self.page.fields.values(), problems, typed)
        self._mark_sections(problems)
        n_edits = self._n_edits
        self.save_button.setEnabled(bool(n_edits) and not problems)
        self.discard_button.setEnabled(bool(n_edits))
        self._summarise(problems, n_edits)

    def _show_values(
        self,
        fields: Iterable[SettingField],
        problems: dict[str, str] | None = None,
        typed: ConfigKey | None = None,
    ) -> None:
        if problems is None:
            problems = self._problems()
        for field in fields:
            key, path = field.key, field.key.path
            text = text_of(key, self.document.value(key))
            text = field.editor.text() if key == typed else self._unread.get(path, (text, ""))[0]
            is_edited = path in self.document.edited or path in self._unread
            is_default = self.document.is_default(key) and path not in self._unread
            field.show_value(text, is_default=is_default, is_edited=is_edited)
            field.show_error(problems.get(path, "").removeprefix(f"{self.document.path}: "))

    def _mark_sections(self, problems: dict[str, str]) -> None:
        for row, table in enumerate(self._tables):
            keys = self._tables[table]
            n_wrong = sum(key.path in problems for key in keys) + (table in problems)
            n_changed = sum(not self.document.is_default(key) for key in keys)
            name = table or self._texts("settings.above_all")
            mark = self._texts("settings.changed_mark", n=n_changed) if n_changed else ""
            mark = self._texts("settings.wrong_mark", n=n_wrong) if n_wrong else mark
            self.sections.item(row).setText(f"{name}: {mark}" if mark else name)

    def _summarise(self, problems: dict[str, str], n_edits: int) -> None:
        elsewhere = [said for path, said in problems.items() if path not in self.page.fields]
        if elsewhere:
            self._say(elsewhere[0], is_wrong=True)
        elif problems:
            self._say(self._texts("settings.wrong", n=len(problems)), is_wrong=True)
        else:
            self._say(self._texts("settings.edits", n=n_edits) if n_edits else "")

    def _say(self, text: str, *, is_wrong: bool = False) -> None:
        self.said.setText(text)
        self.said.setObjectName("alarm" if is_wrong else "quiet")
        self.said.style().polish(self.said)


def _table_of(key: ConfigKey) -> str:
    return key.table
