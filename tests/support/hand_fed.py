"""A stage that is fed its pictures by hand, and the pictures."""

from collections.abc import Callable, Mapping, Sequence

from bci_online.config import Config, LayoutSpec, Presentation, ScreenSpec
from bci_online.paradigms.picture import SpellerPicture

LAYOUT = LayoutSpec(rows=("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789⌫"))
ROW = tuple("GHIJKL")
READY = SpellerPicture(state="ready")
WORD = SpellerPicture(
    state="between", text=tuple("BRAIN"), spelled=("B", ""), n=3, n_total=18, trial=3
)
ENDED = SpellerPicture(state="ended", reason="done")


def shown(state: str, **keys: object) -> SpellerPicture:
    """Return a picture of a word in the middle."""
    given = {name: getattr(WORD, name) for name in ("text", "spelled", "n", "n_total", "trial")}
    return SpellerPicture(**(given | {"state": state} | keys))


PICTURES = {
    "ready": READY,
    "between": WORD,
    "cue": shown("cue", cue="A"),
    "choose": SpellerPicture(state="cue", trial=1),
    "flash": shown("flashing", lit=ROW, flashes=1),
    "gap": shown("flashing", flashes=1),
    "pausing": shown("flashing", lit=tuple("AGMSY5"), pausing=True, flashes=2),
    "deciding": shown("deciding"),
    "decided": shown("decided", decision="A", spelled=("B", "", "A")),
    "undecided": shown("undecided", spelled=("B", "", "")),
    "paused": shown("paused"),
    "ended": ENDED,
    "aborted": SpellerPicture(state="ended", reason="abort"),
    "free": SpellerPicture(
        state="flashing", lit=("the", "T"), spelled=tuple("READ_T"), trial=5,
        suggestions=("the", "that", "this"),
    ),
    "chosen": SpellerPicture(
        state="decided", decision="understanding", spelled=("A", "understanding"), trial=5,
        suggestions=("understanding", "that", ".", "?", "☾"),
    ),
    "resting": SpellerPicture(state="paused", trial=2, resting=True),
}  # fmt: skip


def configured(refresh_hz: float = 100.0, **screen: object) -> Config:
    """Return a configuration whose screen is a window that asks nothing."""
    keys = {"fullscreen": False, "warning": False} | screen
    return Config(
        layout=LAYOUT,
        presentation=Presentation(refresh_hz=refresh_hz),
        screen=ScreenSpec(**keys),
    )


class HandFedStage:
    """Gives one picture a frame, the last one on and on, and remembers what it was told.

    ``at`` holds what happens while a frame is made.
    """

    def __init__(
        self,
        pictures: Sequence[SpellerPicture],
        at: Mapping[int, Callable[[], object]] | None = None,
    ) -> None:
        self.pictures, self.at = list(pictures), dict(at or {})
        self.due: list[float] = []
        self.stamps: list[float] = []
        self.late: list[bool] = []
        self.commands: list[str] = []

    @property
    def finished(self) -> bool:
        return self.pictures[0].state == "ended" and len(self.due) > 0

    def step(self, now: float) -> SpellerPicture:
        self.at.get(len(self.due), lambda: None)()
        self.due.append(now)
        if "abort" in self.commands:
            self.pictures = [SpellerPicture(state="ended", reason="abort")]
        elif len(self.pictures) > 1 and len(self.due) > 1:
            self.pictures.pop(0)
        return self.pictures[0]

    def shown(self, stamp: float, *, late: bool = False) -> None:
        self.stamps.append(stamp)
        self.late.append(late)

    def command(self, name: str) -> None:
        self.commands.append(name)
