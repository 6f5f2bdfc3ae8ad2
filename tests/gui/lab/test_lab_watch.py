"""The thread that looks at a lab goes on, whatever it meets."""

import pytest

from bci_online.gui.lab.watch import LabWatch

PATIENCE_MS = 60_000


@pytest.fixture
def watch(tmp_path, qtbot):
    watch = LabWatch(tmp_path)
    yield watch
    watch.close()


def test_a_defect_in_what_was_asked_is_said_once_and_the_watch_goes_on(watch, qtbot, caplog):
    said, done = [], []
    watch.failed.connect(said.append)

    def defect():
        raise KeyError("subject")

    for task in (defect, defect, lambda: done.append(True)):
        watch.do(task)
    with qtbot.waitSignal(watch.seen, timeout=PATIENCE_MS):
        watch.start()

    assert said == ["a defect of bci-online, please report it: KeyError: 'subject'"]
    assert done == [True]
    assert caplog.text.count("KeyError: 'subject'") == 1


def test_a_lab_that_cannot_be_read_once_is_read_again(watch, qtbot, monkeypatch):
    said, read = [], watch._reader.read

    def once():
        monkeypatch.setattr(watch._reader, "read", read)
        raise TypeError("unhashable")

    monkeypatch.setattr(watch._reader, "read", once)
    watch.failed.connect(said.append)
    watch.do(lambda: None)

    with qtbot.waitSignal(watch.seen, timeout=PATIENCE_MS):
        watch.start()

    assert said == ["a defect of bci-online, please report it: TypeError: unhashable"]


def test_what_cannot_be_done_says_its_reason_each_time(watch, qtbot):
    said = []
    watch.failed.connect(said.append)

    def full():
        raise OSError(28, "No space left on device")

    watch.do(full)
    watch.do(full)
    with qtbot.waitSignal(watch.seen, timeout=PATIENCE_MS):
        watch.start()

    assert said == ["[Errno 28] No space left on device"] * 2


def test_a_folder_that_stays_unreadable_is_said_once_until_it_was_read(watch, qtbot, monkeypatch):
    said, read, results = [], watch._reader.read, []
    watch.failed.connect(said.append)
    looks = iter([False, False, False, True, False, False, True])

    def look():
        is_there = next(looks, True)
        results.append(is_there)
        if not is_there:
            raise OSError(5, "Input/output error", "lab")
        return read()

    monkeypatch.setattr(watch._reader, "read", look)
    monkeypatch.setattr("bci_online.gui.lab.watch.FOLDER_EVERY_S", 0.001)
    watch.start()

    qtbot.waitUntil(lambda: len(results) >= 8, timeout=PATIENCE_MS)

    assert len(said) == 2
