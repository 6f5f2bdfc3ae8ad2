"""A session in a terminal: the matrix, the evidence, the text, and how fast it goes."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from rich.align import Align
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.layout import Layout as Area
from rich.table import Table
from rich.text import Text

from bci_online.commands.answered import Answered
from bci_online.console import plain
from bci_online.markers import (
    Flash,
    Layout,
    Note,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import DecisionLine, Gap, Rejected, Retracted, Standing, Status
from bci_online.metrics import itr_bits_per_min
from bci_online.session.streams import Heard

__all__ = ["SessionView"]

DIM, LIT, CUE, RIGHT, WRONG = "grey50", "bold white", "bold cyan", "bold green", "bold red"
N_ALARMS = 2


class SessionView:
    """What a terminal shows of a session that it listens to; rich renders it again and again.

    Parameters
    ----------
    title : str
        What this session is.
    rows : sequence of sequence of str
        The matrix.
    words : sequence of sequence of str
        What is to be spelled, symbol by symbol.
    clock : callable
        Seconds.
    attempts : int
        How often a letter of them is asked for before it is given up.
    """

    def __init__(
        self,
        title: str,
        rows: Sequence[Sequence[str]],
        words: Sequence[Sequence[str]],
        clock: Callable[[], float] = time.monotonic,
        *,
        attempts: int = 1,
    ) -> None:
        self._title, self._rows, self._clock = title, rows, clock
        self._text = "".join(symbol for word in words for symbol in word)
        self._n_letters = sum(map(len, words))
        self._n_symbols = sum(len(row) for row in rows)
        self._beside: tuple[str, ...] = ()
        self._symbols_of_code: dict[int, tuple[str, ...]] = {}
        self._lit: tuple[str, ...] = ()
        self._trial = TrialStart()
        self._cued = self._decided = self._copied = ""
        self._calibrates = False
        self._n_flashes = 0
        self._standing: Standing | None = None
        self._answers: list[DecisionLine] = []
        self._answered = Answered(attempts, cued=bool(words))
        self._state = "starting"
        self._began: float | None = None
        self._alarms: list[str] = []
        self._counts: Counter[str] = Counter()

    def observe(self, heard: Heard) -> None:
        """Take what was said."""
        match heard:
            case SessionStarted(info):
                self._began, self._state = self._clock(), "settling"
                self._calibrates = bool(info.get("calibration"))
            case Layout(symbols):
                self._symbols_of_code = symbols
                known = {symbol for row in self._rows for symbol in row}
                shown = dict.fromkeys(symbol for lit in symbols.values() for symbol in lit)
                self._beside = tuple(symbol for symbol in shown if symbol not in known)
            case TrialStart():
                self._trial = heard
                self._answered.ask(heard.number)
                self._cued, self._decided, self._lit = heard.symbol, "", ()
                self._standing, self._n_flashes = None, 0
                self._state = "look at the letter"
            case Flash(code):
                self._lit = self._symbols_of_code.get(code, ())
                self._cued, self._state = "", "flashing"
                self._n_flashes += 1
            case TrialEnd():
                self._lit, self._state = (), "" if self._calibrates else "one moment"
                if self._calibrates:
                    self._copied += self._trial.symbol
                    self._answered.answer(self._trial.number)
            case Standing():
                self._standing = heard
            case DecisionLine():
                self._answers.append(heard)
                if heard.value and not heard.late:
                    self._answered.answer(heard.trial)
                self._decided = heard.value or ""
                self._state = "decided" if heard.value else "not sure: no letter"
            case Note(("pause" | "resume" | "screen hidden" | "screen seen") as what):
                self._state = what
            case Note(what) if what.startswith("undo "):
                self._answered.undo(what.removeprefix("undo "))
            case SessionEnded(reason):
                self._state, self._lit = f"finished ({reason})", ()
            case _:
                self._mind(heard)

    def _mind(self, heard: Heard) -> None:
        """Take what is said of the signal."""
        match heard:
            case Gap():
                self._counts["lost"] += heard.n_lost
            case Rejected():
                self._counts["rejected"] += 1
            case Retracted():
                self._counts["retracted"] += 1
            case Status("info", text) if self._began is None:
                self._state = text
            case Status(level, text) if level != "info":
                self._alarms = [*self._alarms, plain(text)][-N_ALARMS:]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render for the size of the terminal."""
        height = options.height or console.height
        area = Area()
        area.split_column(
            Area(self._head(), name="head", size=4),
            Area(name="middle", ratio=1),
            Area(self._foot(), name="foot", size=3 + N_ALARMS),
        )
        area["middle"].split_row(
            Area(Align.center(self._board(options.max_width, height), vertical="middle")),
            Area(Align.center(self._evidence(options.max_width), vertical="middle")),
        )
        yield from area.__rich_console__(console, options.update(height=height))

    def _head(self) -> Group:
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        seconds = 0 if self._began is None else self._clock() - self._began
        head.add_row(
            Text(self._title, style="bold"), Text(f"{seconds // 60:.0f}:{seconds % 60:02.0f}", DIM)
        )
        head.add_row("")
        head.add_row(Text("to spell  ", DIM) + Text(self._text or "as you like"))
        return Group(head, self._spelled())

    def _spelled(self) -> Text:
        """Return what was decided, right or wrong by its colour."""
        if self._calibrates:
            return Text("copied    ", DIM) + Text(plain(self._copied), LIT)
        line = Text("spelled   ", DIM)
        if not self._text:
            # Read by the subject alone, who may have taken some of it back.
            chosen = [answer for answer in self._answers if answer.value and not answer.late]
            return line + Text(f"{len(chosen)} symbols chosen")
        for answer in self._answers:
            style = {True: RIGHT, False: WRONG, None: LIT}[answer.correct]
            if answer.value and not answer.late and answer.trial in self._answered.trials:
                line.append(plain(answer.value), style)
        return line

    def _board(self, width: int, height: int) -> Group:
        """Return the matrix, and above it what can be chosen beside it."""
        beside = Text("  ", no_wrap=True, overflow="ellipsis").join(
            Text(plain(symbol), self._style(symbol)) for symbol in self._beside
        )
        rows: list[Align | Text] = [Align.center(beside), Text()] if self._beside else []
        return Group(*rows, Align.center(self._matrix(width, height)))

    def _matrix(self, width: int, height: int) -> Table:
        n_columns = max((len(row) for row in self._rows), default=1)
        pad = max(1, min(4, (width // 2 - 2) // n_columns // 2 - 1))
        gap = max(0, min(3, (height - 10) // max(1, len(self._rows)) - 1))
        matrix = Table.grid(padding=(0, pad))
        for row in self._rows:
            matrix.add_row(*(Text(plain(symbol), self._style(symbol)) for symbol in row))
            for _ in range(gap):
                matrix.add_row()
        return matrix

    def _style(self, symbol: str) -> str:
        if symbol == self._cued:
            return CUE + " reverse"
        if symbol and symbol == self._decided:
            right = not self._answers or self._answers[-1].correct is not False
            return (RIGHT if right else WRONG) + " reverse"
        return LIT if symbol in self._lit else DIM

    def _evidence(self, width: int) -> Table:
        """Return a bar for each of the likeliest symbols, and where there will be a decision."""
        bars = Table.grid(padding=(0, 1))
        standing = self._standing
        if standing is None:
            none = "nothing is decided in calibration" if self._calibrates else "no evidence yet"
            bars.add_row(Text(none, DIM))
            return bars
        length = max(8, min(50, width // 2 - 14))
        due = min(length - 1, int(standing.threshold * length))
        for symbol, probability in standing.posterior.items():
            n_full = round(probability * length)
            bar = Text("█" * n_full, LIT if probability < standing.threshold else RIGHT)
            bar.append("·" * (length - n_full), DIM)
            bar.stylize("bold yellow", due, due + 1)
            bars.add_row(Text(plain(symbol), LIT), bar, f"{probability:.2f}")
        bars.add_row("", Text(f"decides at {standing.threshold:.4g}", "yellow"))
        return bars

    def _foot(self) -> Group:
        n_codes = max(1, len(self._symbols_of_code))
        state = Text(self._state)
        if self._n_flashes:
            state.append(f"   repetition {-(-self._n_flashes // n_codes)}", DIM)
        of = f" of {self._n_letters}" if self._n_letters else ""
        place = f"letter {self._answered.place}{of}"
        alarms = [Text(f"! {alarm}", "bold yellow") for alarm in self._alarms]
        return Group(
            state,
            Text(f"{place}   {self._speed()}", DIM),
            Text(
                f"lost samples {self._counts['lost']}   rejected flashes "
                f"{self._counts['rejected']}",
                DIM,
            ),
            *alarms,
        )

    def _speed(self) -> str:
        """Say how fast and how well, pauses included."""
        known = [answer for answer in self._answers if answer.correct is not None]
        if not known or self._began is None:
            return ""
        seconds = max(1e-9, self._clock() - self._began)
        right = sum(bool(answer.correct) for answer in known)
        bits = itr_bits_per_min(self._n_symbols, right / len(known), len(known), seconds)
        per_minute = 60 * len(known) / seconds
        return f"{right} of {len(known)} right   {per_minute:.1f} letters/min   {bits:.1f} bit/min"
