"""The form of a configuration, used with keys and clicks."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from bci_online.config import config_of
from bci_online.config.keys import config_keys
from bci_online.errors import ConfigError
from bci_online.gui.lab.settings_form import SettingsForm
from bci_online.gui.lab.texts import Texts

TEXT = '# mine\nparadigm = "p300"\n\n[filter]   # the band\norder = 3   # steep\n'
SECTIONS = list(dict.fromkeys(key.table for key in config_keys()))


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def make(qtbot, path) -> Iterator[Callable[..., SettingsForm]]:
    made = []

    def form(language: str = "en", table: str = "filter") -> SettingsForm:
        made.append(SettingsForm(path, Texts(language)))
        made[-1].resize(1280, 720)
        with qtbot.waitActive(made[-1]):
            made[-1].show()
        made[-1].sections.setCurrentRow(SECTIONS.index(table))
        finish(qtbot, made[-1])
        return made[-1]

    yield form
    for each in made:
        each.close()
        shiboken6.delete(each)


def finish(qtbot, form: SettingsForm) -> None:
    """Wait until every field that is to be shown is made."""
    qtbot.waitUntil(lambda: not form.page._wanted)


def retype(qtbot, form: SettingsForm, key: str, text: str) -> None:
    line = form.page.fields[key].editor.field
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)


def shown(form: SettingsForm) -> list[str]:
    return [key.path for key in config_keys() if form.page.is_shown(key.path)]


def test_a_value_that_is_typed_is_saved_with_a_key_and_comments_stay(qtbot, make, path):
    form = make()

    retype(qtbot, form, "filter.l_freq", "0.25")
    with qtbot.waitSignal(form.saved) as saved:
        qtbot.keyClick(form.page.fields["filter.l_freq"].editor.field, "s", Qt.ControlModifier)

    assert saved.args == [path]
    assert path.read_text() == TEXT + "l_freq = 0.25\n"
    assert not form.is_edited


def test_a_wrong_value_is_refused_beside_its_field_in_the_words_of_the_command_line(
    qtbot, make, path
):
    form = make()
    field = form.page.fields["filter.order"]

    retype(qtbot, form, "filter.order", "9")
    form.save()

    with pytest.raises(ConfigError) as refused:
        config_of({"filter": {"order": 9}}, str(path))
    assert field.error.isVisible()
    assert f"{path}: {field.error.text()}" == str(refused.value)
    assert field.error.text() in field.editor.field.accessibleDescription()
    assert not form.save_button.isEnabled()
    assert path.read_text() == TEXT
    assert form.page.fields["filter.l_freq"].error.isHidden()
    retype(qtbot, form, "filter.order", "4")
    assert field.error.isHidden()
    assert form.save_button.isEnabled()


def test_what_differs_from_its_default_is_marked_and_goes_back_to_it(qtbot, make, path):
    form = make()
    order, low = (form.page.fields[f"filter.{name}"] for name in ("order", "l_freq"))
    assert (order.mark.text(), low.mark.text()) == ("changed", "")
    assert (order.back.isVisible(), low.back.isVisible()) == (True, False)

    qtbot.mouseClick(order.back, Qt.LeftButton)

    assert order.editor.text() == "2"
    assert order.mark.text() == "not saved"
    form.save()
    assert tomllib.loads(path.read_text())["filter"]["order"] == 2
    assert "# steep" in path.read_text()


def test_a_search_finds_keys_by_name_and_by_what_they_mean_in_every_table(qtbot, make):
    form = make()

    qtbot.keyClick(form, "f", Qt.ControlModifier)
    assert form.search.hasFocus()
    qtbot.keyClicks(form.search, "repetit letter")
    finish(qtbot, form)

    found = shown(form)
    assert {"stopping.min_repetitions", "presentation.repetitions"} <= set(found)
    assert "filter.order" not in found
    qtbot.keyClicks(form.search, " xyzzy")
    assert shown(form) == []
    assert "xyzzy" in form.page.nothing.text()
    qtbot.keyClick(form.search, Qt.Key_Escape)
    assert shown(form) == [key.path for key in config_keys() if key.table == "filter"]


def test_a_search_in_german_finds_what_german_texts_say(qtbot, make):
    form = make("de")

    qtbot.keyClicks(form.search, "Ordnung")

    assert "filter.order" in shown(form)


def test_nobody_leaves_with_what_is_not_saved(qtbot, make):
    form = make()
    retype(qtbot, form, "filter.l_freq", "0.25")

    with qtbot.assertNotEmitted(form.closed):
        qtbot.keyClick(form, Qt.Key_Escape)
    said = form.said.text()
    qtbot.mouseClick(form.discard_button, Qt.LeftButton)

    assert said == "Not saved: 1. Save or discard first."
    assert form.page.fields["filter.l_freq"].editor.text() == "0.5"
    with qtbot.waitSignal(form.closed):
        qtbot.keyClick(form, Qt.Key_Escape)


def test_a_text_that_is_no_toml_stays_in_its_field_and_is_not_saved(qtbot, make, path):
    form = make(table="eeg")
    field = form.page.fields["eeg.rename"]

    field.editor.field.setPlainText('"EEG 001" = ')

    assert field.error.text().startswith("eeg.rename: is not TOML: ")
    assert form.is_edited
    form.save()
    assert path.read_text() == TEXT
    field.editor.field.setPlainText('"EEG 001" = "Fz"')
    form.save()
    assert tomllib.loads(path.read_text())["eeg"] == {"rename": {"EEG 001": "Fz"}}


@pytest.mark.slow
def test_every_key_has_a_field_with_a_name_for_readers_that_shows_its_default(qtbot, make, path):
    path.unlink()
    form = make()
    for row in range(form.sections.count()):
        form.sections.setCurrentRow(row)
        finish(qtbot, form)

    assert set(form.page.fields) == {key.path for key in config_keys()}
    for key in config_keys():
        field = form.page.fields[key.path]
        assert key.path in field.editor.field.accessibleName()
        assert key.help in field.editor.field.accessibleDescription()
        assert field.mark.text() == ""
        assert field.editor.field.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not form.is_edited
    form.discard()
    assert not path.exists()


def test_the_tabulator_goes_from_the_tables_through_the_fields_to_the_foot(qtbot, make):
    form = make(table="live")
    form.sections.setCurrentRow(SECTIONS.index("filter"))
    finish(qtbot, form)
    retype(qtbot, form, "filter.l_freq", "0.25")
    form.sections.setFocus()

    reached = []
    for _ in range(9):
        widget = QApplication.focusWidget()
        qtbot.keyClick(widget, Qt.Key_Tab)
        reached.append(QApplication.focusWidget())

    fields = [form.page.fields[f"filter.{name}"]
              for name in ("l_freq", "h_freq", "order", "band_width", "ripple_db")]  # fmt: skip
    low, high, order, width, ripple = (field.editor.field for field in fields)
    assert reached == [
        low, fields[0].back, high, order, fields[2].back, width, ripple, form.discard_button,
        form.save_button,
    ]  # fmt: skip


@pytest.mark.slow
def test_fields_that_are_made_later_stand_in_the_order_of_the_configuration(qtbot, make):
    form = make(table="live")
    form.search.setText("e")
    finish(qtbot, form)
    form.search.setText("")
    for row in (5, 2, 9):
        form.sections.setCurrentRow(row)
        finish(qtbot, form)
    form.search.setText("s")
    finish(qtbot, form)

    qtbot.waitUntil(lambda: form.page.fields[shown(form)[-1]].y() > 0)
    places = [form.page.fields[path].y() for path in shown(form)]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_a_wheel_over_a_choice_changes_nothing(qtbot, make):
    form = make(table="screen")
    theme = form.page.fields["screen.theme"].editor.field
    assert isinstance(theme, QComboBox)

    qtbot.keyClick(theme, Qt.Key_Down)

    assert form.document.edited == ("screen.theme",)
    wheel(theme)
    assert theme.currentText() == form.page.fields["screen.theme"].editor.text() == "contrast"


def wheel(widget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, -120), Qt.NoButton,
        Qt.NoModifier, Qt.ScrollUpdate, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_what_a_file_has_wrong_is_said_when_it_is_opened(qtbot, make, path):
    path.write_text("[nonsense]\n")

    form = make()

    assert "nonsense" in form.said.text()
    retype(qtbot, form, "filter.l_freq", "0.25")
    assert not form.save_button.isEnabled()
