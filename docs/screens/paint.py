"""Paint the pictures of this folder: every state of the subject's screen, at two sizes.

    python docs/screens/paint.py [FOLDER] [--large]

With ``--large`` at 3840 × 2160 too, to be looked at and not to be kept.
"""

import argparse
import os
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from bci_online.config import LayoutSpec, ScreenSpec
from bci_online.gui.screen import WarningFrames
from bci_online.gui.speller import SpellerPainter
from bci_online.gui.texts import read_texts
from bci_online.paradigms.picture import SpellerPicture, SpellerState

SIZES = (QSize(800, 600), QSize(1920, 1080))
LARGE = QSize(3840, 2160)
LAYOUT = LayoutSpec(rows=("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789⌫"))
HEBREW = LayoutSpec(rows=("אבגדהו", "זחטיכל", "מנסעפצ", "קרשת_⌫"))


def picture(state: SpellerState, spelled: str = "BR", **keys: object) -> SpellerPicture:
    """Return a picture of a word in the middle."""
    return SpellerPicture(
        state=state, text=tuple("BRAIN"), spelled=tuple(spelled), n=3, n_total=18, trial=3,
        **keys,
    )  # fmt: skip


STATES = {
    "ready": SpellerPicture(state="ready"),
    "between": picture("between"),
    "cue": picture("cue", cue="A"),
    "flash": picture("flashing", lit=tuple("AGMSY5"), flashes=1),
    "gap": picture("flashing", flashes=2),
    "pausing": picture("flashing", lit=tuple("GHIJKL"), pausing=True, flashes=1),
    "deciding": picture("deciding"),
    "decided": picture("decided", "BRA", decision="A"),
    "undecided": picture("undecided"),
    "paused": picture("paused"),
    "ended": SpellerPicture(state="ended", reason="done"),
    "aborted": SpellerPicture(state="ended", reason="abort"),
    "free": SpellerPicture(
        state="flashing", lit=("that", "D", "J", "P"), spelled=tuple("I_WANT_TH"), trial=9,
        suggestions=("the", "that", "this", "there"),
    ),
}  # fmt: skip
RIGHT_TO_LEFT = SpellerPicture(
    state="cue", cue="ל", text=tuple("שלום"), spelled=("ש",), n=2, n_total=4, trial=2
)


def question(size: QSize) -> QImage:
    """Paint the question that comes before anything flashes."""
    texts = read_texts("en")
    frames = WarningFrames(SpellerPainter(LAYOUT, ScreenSpec(), texts), texts)
    frames.prepare(0.0, size, 1.0)
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    frames.paint(painter, QRegion())
    painter.end()
    return image


def paint(folder: Path, size: QSize) -> None:
    """Paint everything at one size."""
    texts, end = read_texts("en"), f"{size.width()}.png"
    question(size).save(str(folder / f"warning-{end}"))
    for name, shown in STATES.items():
        screen = ScreenSpec(photodiode="bottom-right" if name == "flash" else "off")
        painter = SpellerPainter(LAYOUT, screen, texts)
        painter.image(shown, size, texts.unlocked).save(str(folder / f"{name}-{end}"))
    for theme in ("contrast", "soft"):
        painter = SpellerPainter(LAYOUT, ScreenSpec(theme=theme), texts)
        painter.image(STATES["flash"], size).save(str(folder / f"theme-{theme}-{end}"))
    painter = SpellerPainter(HEBREW, ScreenSpec(), texts)
    painter.image(RIGHT_TO_LEFT, size).save(str(folder / f"right-to-left-{end}"))


def main() -> None:
    """Paint what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent)
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    for size in (*SIZES, LARGE) if asked.large else SIZES:
        paint(asked.folder, size)
    application.shutdown()


if __name__ == "__main__":
    main()
