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

from bci_online.config import ImagerySpec, LayoutSpec, ScreenSpec
from bci_online.gui.subject.imagery_painter import ImageryPainter
from bci_online.gui.subject.screen import WarningFrames
from bci_online.gui.subject.speller_painter import SpellerPainter
from bci_online.gui.subject.texts import read_texts
from bci_online.paradigms.picture import ImageryPicture, ImageryState, SpellerPicture, SpellerState

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
    "waiting": picture("waiting"),
    "paused": picture("paused"),
    "ended": SpellerPicture(state="ended", reason="done"),
    "aborted": SpellerPicture(state="ended", reason="abort"),
    "free": SpellerPicture(
        state="flashing", lit=("THAT", *"BHNTZ6"), spelled=("I", "_", "WANT", "T", "H"), trial=9,
        suggestions=("THE", "THAT", "THIS", "THERE", "THEY", "☾"),
    ),
    "chosen": SpellerPicture(
        state="decided", decision="THAT", spelled=("I", "_", "WANT", "T", "H", "THAT"), trial=9,
        suggestions=("THE", "THAT", "THIS", "THERE", "THEY", "☾"),
    ),
    "resting": SpellerPicture(state="paused", resting=True, spelled=tuple("I"), trial=2),
}  # fmt: skip
RIGHT_TO_LEFT = SpellerPicture(
    state="cue", cue="ל", text=tuple("שלום"), spelled=("ש",), n=2, n_total=4, trial=2
)


HANDS, FOUR = ("left_hand", "right_hand"), ("left_hand", "right_hand", "tongue", "feet")


def imagery(state: ImageryState, **keys: object) -> ImageryPicture:
    """Return a picture of a trial in the middle of a run with feedback."""
    given: dict[str, object] = {"n": 13, "n_total": 40, "hits": 9, "judged": 12}
    if state in {"fixation", "cue", "imagery"}:
        given["cross"] = True
    return ImageryPicture(**(given | {"state": state} | keys))


def feedback(left: float = 0.0, right: float = 0.0, **keys: object) -> ImageryPicture:
    """Return a picture of how it stands with the left hand, which was asked for."""
    values = {"left_hand": left, "right_hand": right}
    return imagery("imagery", asked="left_hand", feedback=values, **keys)


IMAGERY = {
    "ready": ImageryPicture(state="ready"),
    "between": imagery("between"),
    "fixation": imagery("fixation"),
    "cue-left": imagery("cue", cue="left_hand", asked="left_hand"),
    "hidden": ImageryPicture(state="imagery", cross=True, asked="left_hand", n=13, n_total=40),
    "bar": feedback(left=0.55),
    "pausing": feedback(right=0.2, pausing=True),
    "hit": feedback(left=1.0, outcome="hit", hits=10, judged=13),
    "miss": feedback(right=1.0, outcome="miss", hits=9, judged=13),
    "deciding": imagery("deciding", asked="left_hand", feedback={"left_hand": 0.8}),
    "timeout": imagery(
        "outcome", asked="left_hand", feedback={"left_hand": 0.8}, outcome="timeout", judged=13
    ),
    "paused": imagery("paused"),
    "ended": imagery("ended", reason="done", n=40, hits=31, judged=40),
    "aborted": imagery("ended", reason="abort"),
}
# What looks otherwise with other classes or another shape.
FEET = imagery("cue", cue="feet", asked="feet")
RIGHT = imagery("cue", cue="right_hand", asked="right_hand")
FOUR_WAYS = imagery(
    "imagery", asked="feet", feedback={"left_hand": 0.1, "tongue": 0.0, "feet": 0.6}
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
    paint_imagery(folder, size)


def paint_imagery(folder: Path, size: QSize) -> None:
    """Paint the screen of motor imagery at one size."""
    texts, end = read_texts("en"), f"{size.width()}.png"
    for name, shown in IMAGERY.items():
        screen = ScreenSpec(photodiode="bottom-right" if name == "cue-left" else "off")
        painter = ImageryPainter(HANDS, ImagerySpec(), screen, texts)
        painter.image(shown, size, texts.unlocked).save(str(folder / f"mi-{name}-{end}"))
    for name, classes, shape, shown in (
        ("cue-right", HANDS, "bar", RIGHT),
        ("cue-down", FOUR, "bar", FEET),
        ("ball", HANDS, "ball", IMAGERY["bar"]),
        ("cursor", HANDS, "cursor", IMAGERY["bar"]),
        ("four-bar", FOUR, "bar", FOUR_WAYS),
        ("four-ball", FOUR, "ball", FOUR_WAYS),
        ("four-cursor", FOUR, "cursor", FOUR_WAYS),
    ):
        painter = ImageryPainter(classes, ImagerySpec(shape=shape), ScreenSpec(), texts)
        painter.image(shown, size, texts.unlocked).save(str(folder / f"mi-{name}-{end}"))
    for theme in ("contrast", "soft"):
        painter = ImageryPainter(HANDS, ImagerySpec(), ScreenSpec(theme=theme), texts)
        painter.image(IMAGERY["hit"], size).save(str(folder / f"mi-theme-{theme}-{end}"))


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
