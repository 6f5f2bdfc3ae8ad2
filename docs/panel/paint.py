"""Paint the operator's panel in each of its states, as the pictures in this folder.

QT_QPA_PLATFORM=offscreen python docs/panel/paint.py [FOLDER]
"""

import sys
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QApplication

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))

from panel_fed import STATES, Fed, flawed  # noqa: E402 - the states are those of the tests

SIZES = ((1280, 720), (1920, 1080))


def main() -> None:
    """Write the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    application = QApplication(sys.argv[:1])
    for state, lead_to in STATES.items():
        for width, height in SIZES:
            fed = Fed(bad=flawed) if state == "alarm" else Fed()
            fed.panel.resize(width, height)
            fed.panel.show()
            fed.tick()
            application.processEvents()
            lead_to(fed)
            application.processEvents()
            fed.panel.grab().save(str(folder / f"{state}-{width}.png"))
            fed.panel.close()
            shiboken6.delete(fed.panel)
    application.shutdown()


if __name__ == "__main__":
    main()
