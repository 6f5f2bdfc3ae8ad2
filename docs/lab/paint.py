"""Paint the lab's window in each of its states, as the pictures in this folder.

QT_QPA_PLATFORM=offscreen python docs/lab/paint.py [FOLDER]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import shiboken6
from PySide6.QtWidgets import QApplication

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))

from lab_fed import (  # noqa: E402 - the states are those of the tests
    SPELLER,
    STATES,
    FedLab,
    ready,
    spelling,
)

from bci_online.config.commented import commented_toml  # noqa: E402 - as above
from bci_online.gui.lab.style import LIGHT  # noqa: E402 - as above
from bci_online.gui.themes import THEMES, Theme  # noqa: E402 - as above
from bci_online.lab.contents import LabContents  # noqa: E402 - as above

SIZES = ((1280, 720), (1920, 1080))
# The amplifier is read, and six seconds of it are judged.
SECONDS = {"electrodes": 2.5}


def main() -> None:
    """Write the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    application = QApplication(sys.argv[:1])

    def wait(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            application.processEvents()
            time.sleep(0.005)

    for state, lead_to in STATES.items():
        paint(folder / state, lead_to, lambda state=state: wait(SECONDS.get(state, 0.05)))
    paint(folder / "spelling-light", spelling, lambda: wait(0.05), FedLab(theme=LIGHT))
    paint(folder / "ready-german", ready, lambda: wait(0.05), FedLab("de", LIGHT))
    for name, language, theme in (
        ("settings", "en", THEMES["dark"]),
        ("settings-wrong", "en", THEMES["dark"]),
        ("settings-search", "en", LIGHT),
        ("settings-german", "de", LIGHT),
    ):
        paint_form(folder / name, language, theme, wait)
    application.shutdown()


def paint(
    stem: Path,
    lead_to: Callable[[FedLab], None],
    wait: Callable[[], None],
    fed: FedLab | None = None,
) -> None:
    """Write the pictures of the window in a state."""
    fed = fed or FedLab()
    for width, height in SIZES:
        fed.window.resize(width, height)
        fed.window.show()
        lead_to(fed)
        wait()
        fed.window.grab().save(f"{stem}-{width}.png")
    fed.window.close()
    shiboken6.delete(fed.window)


def paint_form(stem: Path, language: str, theme: Theme, wait: Callable[[float], None]) -> None:
    """Write the pictures of a configuration's form."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speller.toml"
        text = commented_toml().replace("repetitions = 15 ", "repetitions = 8  ", 1)
        path.write_text(text, encoding="utf-8")
        fed = FedLab(language, theme)
        fed.window.resize(*SIZES[0])
        fed.window.show()
        chosen = msgspec.structs.replace(SPELLER, path=path)
        fed.show(LabContents(folder=path.parent, configurations=(chosen,)))
        fed.window.bar.choose_configuration(path)
        fed.window.open_settings()
        form = fed.window.settings.form
        form.sections.setCurrentRow(9)
        wait(0.5)
        if stem.name == "settings-wrong":
            for key, typed in (("flash_ms", "fast"), ("gap_ms", "50")):
                editor = form.page.fields[f"presentation.{key}"].editor
                editor.show_text(typed)
                editor.typed.emit(typed)
        if stem.name == "settings-search":
            form.search.setText("repetitions")
        for width, height in SIZES:
            fed.window.resize(width, height)
            wait(0.5)
            fed.window.grab().save(f"{stem}-{width}.png")
        fed.window.close()
        shiboken6.delete(fed.window)


if __name__ == "__main__":
    main()
