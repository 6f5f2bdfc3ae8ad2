"""The lab's window in each of its states: what is open, what can be reached, what has a name."""

from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import pytest
import shiboken6
from lab_fed import (
    CALIBRATION,
    CHOICE,
    DECODER,
    LAB,
    SPELLED,
    SPELLER,
    STATES,
    FedLab,
    contents,
    died,
    ready,
    spelling,
)
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

from bci_online.config.commented import commented_toml
from bci_online.config.keys import config_keys
from bci_online.gui.lab.style import LIGHT
from bci_online.gui.lab.texts import Texts
from bci_online.lab.contents import LabContents

OPEN = {
    "amplifier": "amplifier", "electrodes": "electrodes", "calibration": "calibrate",
    "calibrating": "calibrate", "training": "decoder", "decoder": "decoder", "ready": "use",
    "spelling": "use", "died": "use", "afterwards": "afterwards",
}  # fmt: skip
CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)


@pytest.fixture
def make(qtbot) -> Iterator[Callable[..., FedLab]]:
    made = []

    def fed(*arguments: object) -> FedLab:
        made.append(FedLab(*arguments))
        made[-1].window.resize(1280, 720)
        with qtbot.waitActive(made[-1].window):
            made[-1].window.show()
        return made[-1]

    yield fed
    for each in made:
        each.window.close()
        shiboken6.delete(each.window)


def nameless(window: QWidget) -> list[str]:
    """Return what the keyboard reaches and a screen reader has no name for."""
    found = []
    for widget in window.findChildren(QWidget):
        reached = widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        # A bare area that scrolls is named by what is in it; a part by what it is a part of.
        is_bare = type(widget) is QAbstractScrollArea or widget.focusProxy() is not None
        if reached and not is_bare:
            reader = QAccessible.queryAccessibleInterface(widget)
            if not reader.text(QAccessible.Text.Name).strip():
                found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


def unreached(window: QWidget) -> list[str]:
    """Return what can be used with the pointer, and is reached by no number of tabulators."""
    controls = [
        one
        for one in window.findChildren(QWidget)
        if isinstance(one, CONTROLS) and one.isVisible() and one.isEnabled()
        if one.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]
    missing, seen = set(map(id, controls)), set()
    widget = window.nextInFocusChain()
    while id(widget) not in seen:
        seen.add(id(widget))
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            missing -= {id(widget), id(widget.parent()), id(widget.focusProxy())}
        widget = widget.nextInFocusChain()
    return [f"{type(one).__name__} {one.objectName()}" for one in controls if id(one) in missing]


def with_one_name(window: QWidget) -> list[str]:
    """Return the names that several buttons on the screen have: read aloud, they are one."""
    names = Counter(
        QAccessible.queryAccessibleInterface(button).text(QAccessible.Text.Name)
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and button.focusPolicy() & Qt.FocusPolicy.TabFocus
    )
    return [name for name, n in names.items() if n > 1]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_in_every_state_its_card_is_open_and_everything_is_reached_and_has_a_name(make, state):
    for language in ("en", "de"):
        fed = make(language)

        STATES[state](fed)

        assert fed.window.steps.open_step == OPEN.get(state, fed.window.steps.open_step)
        assert nameless(fed.window) == []
        assert unreached(fed.window) == []
        assert with_one_name(fed.window) == []


def test_what_died_is_said_until_something_else_is_started(make):
    fed = make()

    died(fed)
    view = fed.window.steps.views["use"]

    assert view.is_open
    assert "signal 9" in " ".join(label.text() for label in view.job.findChildren(QWidget)
                                  if hasattr(label, "text") and label.isVisible())  # fmt: skip
    ready(fed)
    assert "signal 9" not in view.line.text()


def test_settings_open_with_a_key_and_nothing_is_started_while_they_are_open(qtbot, make, tmp_path):
    path = tmp_path / "speller.toml"
    path.write_text(commented_toml(), encoding="utf-8")
    fed, started = make(), []
    window = fed.window
    window.watch.begin = started.append
    lab = LabContents(
        folder=tmp_path, configurations=(msgspec.structs.replace(SPELLER, path=path),)
    )
    fed.show(lab, (), msgspec.structs.replace(CHOICE, configuration=path))
    fed.open("calibrate")

    qtbot.keyClick(window, Qt.Key_Comma, Qt.ControlModifier)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.settings)
    qtbot.keyClick(window, Qt.Key_Return, Qt.ControlModifier)
    assert nameless(window) == []

    qtbot.keyClick(window.settings.form, Qt.Key_Escape)
    qtbot.waitUntil(lambda: window.pages.currentIndex() == 0)
    assert started == []
    qtbot.keyClick(window, Qt.Key_Return, Qt.ControlModifier)
    qtbot.waitUntil(lambda: bool(started))
    assert [action.name for action in started] == ["calibrate"]


def test_settings_that_are_opened_again_show_the_file_as_it_is_now(qtbot, make, tmp_path):
    paths = [tmp_path / "one.toml", tmp_path / "two.toml"]
    for path in paths:
        path.write_text("[filter]\norder = 3\n")
    fed = make()
    place = fed.window.settings

    place.open(paths[0])
    form = place.form
    form.sections.setCurrentRow(3)
    qtbot.waitUntil(lambda: "filter.order" in form.page.fields)
    paths[1].write_text("[filter]\norder = 5\n")
    place.open(paths[1])

    assert place.form is form
    assert form.document.path == paths[1]
    assert form.page.fields["filter.order"].editor.text() == "5"


def test_what_was_typed_for_one_subject_does_not_reach_another(make):
    window = make().window
    window.watch.seen.emit(contents(), [])
    window.bar.choose_subject("03")
    window.steps.reason.line.setText("a thin cap")
    assert window.state.choice.reason == "a thin cap"

    window.bar.choose_subject("04")

    assert window.state.choice.reason == ""


def test_what_a_subject_agreed_to_is_of_one_session(make):
    window = make().window
    lab, more = (
        msgspec.structs.replace(contents(*runs), library=frozenset())
        for runs in ((CALIBRATION,), (CALIBRATION, SPELLED))
    )
    window.watch.seen.emit(lab, [])
    window.bar.choose_subject("03")
    window.steps.consent.line.setText("use by this lab")
    buttons = window.steps.views["afterwards"].buttons
    adds = Texts("en")("action.library")
    assert adds in [button.text() for button in buttons]

    window.watch.seen.emit(more, [])

    assert window.state.choice.consent == ""
    assert adds not in [button.text() for button in buttons]


def test_the_word_of_a_simulated_subject_is_not_proposed_to_a_person(make):
    fed, simulated = make(), msgspec.structs.replace(SPELLER, simulates=True)
    fed.show(contents(chosen=simulated), (), CHOICE)
    assert fed.window.state.choice.copy == "BCI"

    fed.show(contents(), (), CHOICE)

    assert fed.window.state.choice.copy == ""


def test_a_configuration_that_is_chosen_before_the_folder_was_read_stays_chosen(make):
    window = make().window
    window.bar.choose_configuration(SPELLER.path)

    window.watch.seen.emit(contents(), [])

    assert window.state.choice.configuration == SPELLER.path


def test_names_from_files_are_no_markup(make):
    fed = make()
    died(fed)

    window = fed.window
    labels = [window.alarm, window.electrodes.advice]
    for view in window.steps.views.values():
        labels += [view.line, view.facts, view.job.words, view.job.alarm]

    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    window.steps.views["use"].head.show_state("done", "done", "<img src='other.png'>")
    assert "<img" not in window.steps.views["use"].head.toolTip()


def test_enter_presses_what_has_the_keyboard(qtbot, make):
    fed, started = make(), []
    ready(fed)
    fed.window.steps.started.connect(started.append)
    view = fed.window.steps.views["use"]

    qtbot.keyClick(view.buttons[0], Qt.Key_Return)
    assert [action.name for action in started] == ["spell"]

    qtbot.keyClick(fed.window.steps.views["decoder"].head, Qt.Key_Return)
    assert fed.window.steps.open_step == "decoder"


def test_the_keyboard_goes_on_with_what_comes_next(qtbot, make):
    fed = make()
    ready(fed)
    steps = fed.window.steps
    steps.views["use"].buttons[0].setFocus()

    spelling(fed)
    assert fed.window.focusWidget() is steps.views["use"].head
    simulated = msgspec.structs.replace(SPELLER, simulates=True)
    fed.show(contents(CALIBRATION, SPELLED, decoders=[DECODER], chosen=simulated), (), CHOICE)
    assert fed.window.focusWidget() is steps.views["afterwards"].buttons[0]


def test_a_lab_with_nothing_in_it_says_what_is_wrong_too(make):
    window = make().window
    window.watch.seen.emit(LabContents(folder=LAB), [])

    window.watch.failed.emit("no such folder")

    assert window.pages.currentWidget() is window.first
    assert window.alarm.isVisible()


def test_other_colours_keep_what_is_typed(qtbot, make):
    fed = make()
    ready(fed)
    window = fed.window
    qtbot.keyClicks(window.steps.use.copy, "HALLO")
    window.steps.reason.line.setText("a thin cap")
    before = window.grab().toImage().pixelColor(2, 2)

    window.use_theme(LIGHT)

    assert window.steps.use.copy.text() == "HALLO"
    assert window.steps.reason.line.text() == "a thin cap"
    assert window.grab().toImage().pixelColor(2, 2).lightness() > before.lightness()
    assert window.history.topLevelItemCount() == 3


@pytest.mark.parametrize("answer", ["save", "discard", "stay"])
def test_settings_that_are_not_saved_are_not_lost_in_silence(qtbot, make, tmp_path, answer):
    path = tmp_path / "own.toml"
    path.write_text("[filter]\norder = 3\n", encoding="utf-8")
    window = make().window
    window.settings.open(path)
    form = window.settings.form
    form.document.edit(next(key for key in config_keys() if key.path == "filter.order"), 5)

    window.close()
    (box,) = window.findChildren(QMessageBox)
    texts = Texts("en")
    (button,) = [one for one in box.buttons() if one.text() == texts(f"settings.{answer}")]
    assert window.isVisible()
    button.click()

    assert window.isVisible() == (answer == "stay")
    assert ("order = 5" in path.read_text(encoding="utf-8")) == (answer == "save")
    window.close_at_once()


def test_a_letter_that_no_subject_may_have_is_refused_with_the_rule(qtbot, make):
    window = make().window
    window.watch.seen.emit(contents(), [])
    window.bar.choose_subject("")

    qtbot.keyClicks(window.bar.subject, "a/")
    assert window.bar.chosen_subject == "a"
    assert window.alarm.text() == Texts("en")("choice.subject_rule")

    qtbot.keyClicks(window.bar.subject, "b")
    assert window.alarm.text() != ""
    qtbot.keyClick(window.bar.subject, Qt.Key_Return)
    assert (window.bar.chosen_subject, window.alarm.text()) == ("ab", "")


def test_a_session_that_is_chosen_in_the_history_is_looked_at(make):
    fed = make()
    fed.show(contents(CALIBRATION, SPELLED, decoders=[DECODER]), (), CHOICE)
    history = fed.window.history
    (subject,) = history.findItems("Subject 03", Qt.MatchFlag.MatchStartsWith)
    items = [subject.child(n) for n in range(subject.childCount())]
    (run,) = [one for one in items if "Calibration" in one.text(0)]

    history.setCurrentItem(run)

    assert fed.window.steps.open_step == "afterwards"
    assert "calibrate-01" in fed.window.steps.views["afterwards"].line.text()
