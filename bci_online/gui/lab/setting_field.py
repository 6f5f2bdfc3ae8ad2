"""One setting: its name, its value, what it means, and what is wrong with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy

from bci_online.config.key_texts import text_of
from bci_online.config.keys import Bounds, ConfigKey
from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.setting_editors import SettingEditor
from bci_online.gui.lab.texts import Texts

__all__ = ["SettingField", "plain_label"]

# In letters; other values may be as long as there is room.
WIDEST = {"number": 12, "flag": 12, "choice": 18}
HINTS = {"list": "settings.list", "table": "settings.table", "rules": "settings.rules"}


class SettingField(QFrame):
    """Shows one key of a configuration, and says what a person types.

    Parameters
    ----------
    key : ConfigKey
        Which key.
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.gui.lab.settings_form.SettingsForm : All of them.
    """

    typed = Signal(object, str)
    """The key, and its new text."""
    reset = Signal(object)
    """The key that is to have its default."""

    def __init__(self, key: ConfigKey, texts: Texts) -> None:
        super().__init__()
        self.key = key
        self._texts = texts
        self._shown: tuple[str, bool, bool] | None = None
        self._said: str | None = None
        self.setObjectName("setting")
        self.name = plain_label(key.name, "name")
        self.unit = plain_label(key.unit, "unit")
        self.mark = plain_label("", "mark")
        self.meaning = plain_label(f"{_facts(key, texts)} {texts.meaning(key)}".strip(), "quiet")
        self.error = plain_label("", "alarm")
        self.editor = SettingEditor(key)
        self.back = PushButton(texts("settings.reset"))
        self._name_for_readers()
        self._lay_out()
        self.editor.typed.connect(lambda text: self.typed.emit(key, text))
        self.back.clicked.connect(lambda: self.reset.emit(key))

    def _name_for_readers(self) -> None:
        key, field = self.key, self.editor.field
        self.name.setBuddy(field)
        self.name.setToolTip(key.path)
        field.setAccessibleName(f"{key.path}, {key.unit}" if key.unit else key.path)
        default = _shown_default(key, self._texts)
        words = self._texts("settings.reset_key", setting=key.path, default=default)
        self.back.setAccessibleName(words)
        self.back.setToolTip(words)

    def _lay_out(self) -> None:
        em = self.fontMetrics().horizontalAdvance("m")
        grid = QGridLayout(self)
        grid.setContentsMargins(em, em // 2, em, em // 2)
        grid.setHorizontalSpacing(em)
        grid.setVerticalSpacing(em // 4)
        grid.setColumnMinimumWidth(0, 15 * em)
        grid.setColumnStretch(1, 1)
        value = QHBoxLayout()
        value.setSpacing(em // 2)
        value.addWidget(self.editor, 1)
        value.addWidget(self.unit)
        if (most := WIDEST.get(self.key.kind)) is not None:
            self.editor.setMaximumWidth(most * em)
            value.addStretch(1)
        top = Qt.AlignmentFlag.AlignTop
        is_tall = self.key.kind in ("table", "rules")
        grid.addWidget(self.name, 0, 0, top if is_tall else Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.mark, 1, 0, 2, 1, top)
        grid.addLayout(value, 0, 1)
        grid.addWidget(self.back, 0, 2, top)
        grid.addWidget(self.error, 1, 1, 1, 2)
        grid.addWidget(self.meaning, 2, 1, 1, 2)
        kept = self.back.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(kept)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.error.hide()

    def show_value(self, text: str, *, is_default: bool, is_edited: bool) -> None:
        """Show a value, whether it differs from the default, and whether it is saved."""
        if text != self.editor.text():
            self.editor.show_text(text)
        if (text, is_default, is_edited) == self._shown:
            return
        self._shown = (text, is_default, is_edited)
        words = [] if is_default else [self._texts("settings.changed")]
        words += [self._texts("settings.unsaved")] if is_edited else []
        self.mark.setText(", ".join(words))
        self.back.setVisible(not is_default)
        if self.property("changed") != (not is_default):
            self.setProperty("changed", not is_default)
            self.style().polish(self)

    def show_error(self, said: str) -> None:
        """Show what is wrong with the value; empty: nothing."""
        if said == self._said:
            return
        self._said = said
        self.error.setText(said)
        self.error.setVisible(bool(said))
        about = f"{said} {self.meaning.text()}" if said else self.meaning.text()
        self.editor.field.setAccessibleDescription(about)


def plain_label(text: str, kind: str) -> QLabel:
    """Return a label whose text is never markup.

    Parameters
    ----------
    text : str
        It may come from a file.
    kind : str
        Name in the window's style; what is ``alarm``, ``quiet`` or ``title`` wraps.

    Returns
    -------
    label : QLabel
        Not shown yet.

    See Also
    --------
    bci_online.gui.lab.style.style_sheet : The style.
    """
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName(kind)
    label.setWordWrap(kind in ("alarm", "quiet", "title"))
    return label


def _facts(key: ConfigKey, texts: Texts) -> str:
    """Return range, way of writing and default, as one sentence."""
    facts = [_range(key.bounds, texts)] if key.bounds and key.kind == "number" else []
    facts += [texts(HINTS[key.kind])] if key.kind in HINTS else []
    facts += [texts("settings.default", default=_shown_default(key, texts))]
    sentence = "; ".join(facts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _shown_default(key: ConfigKey, texts: Texts) -> str:
    return (
        text_of(key, key.default)
        if key.default not in (None, "", [], {})
        else texts("settings.empty")
    )


def _range(bounds: Bounds, texts: Texts) -> str:
    low, high = bounds.ends
    if bounds.is_open:
        return texts("settings.least", low=low)
    form = "above" if bounds.above else "range"
    end = texts("settings.below", high=high) if bounds.below else high
    return texts(f"settings.{form}", low=low, high=end)
