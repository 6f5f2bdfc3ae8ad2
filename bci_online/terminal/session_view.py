"""A session in a terminal: the matrix, the evidence, the text, and how fast it goes."""

import time
from collections.abc import Callable, Sequence

from rich.align import Align
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.layout import Layout as Area
from rich.table import Table
from rich.text import Text

from bci_online.console import plain
from bci_online.counted import counted
from bci_online.messages import Status
from bci_online.session_lines import SessionMessage
from bci_online.session_state import SessionState

__all__ = ["SessionView"]

DIM, LIT, CUE, RIGHT, WRONG = "grey50", "bold white", "bold cyan", "bold green", "bold red"
N_ALARMS = 2
ACTIVITIES = {
    "starting": "starting",
    "settling": "settling",
    "cued": "look at the letter",
    "flashing": "flashing",
    "imagining": "imagine",
    "trial over": "one moment",
    "decided": "decided",
    "undecided": "not sure: no letter",
    "nobody looks": "waiting: nobody looks at the screen",
    "resumed": "resume",
}


class SessionView:
    """What a terminal shows of a session's state; rich renders it again and again.

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

    Attributes
    ----------
    state : SessionState
        What is shown.

    See Also
    --------
    bci_online.session_state.state.SessionState : The state.

    Examples
    --------
    >>> view = SessionView("spelling HI", ["ABC", "HIJ"], [("H", "I")], clock=lambda: 0.0)
    >>> view.state.is_running
    False
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
        self._closing = ""
        self._text = "".join(symbol for word in words for symbol in word)
        self._n_letters = sum(map(len, words))
        self.state = SessionState(attempts=attempts, is_cued=bool(words))

    def observe(self, message: SessionMessage) -> None:
        """Take a message of the session."""
        self.state.observe(message, self._clock())
        if isinstance(message, Status) and message.kind == "closing":
            self._closing = message.text

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
            Area(
                Align.center(self._matrix_with_words(options.max_width, height), vertical="middle")
            ),
            Area(Align.center(self._evidence(options.max_width), vertical="middle")),
        )
        yield from area.__rich_console__(console, options.update(height=height))

    def _head(self) -> Group:
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        minutes, seconds = divmod(int(self.state.elapsed(self._clock()) or 0.0), 60)
        head.add_row(Text(self._title, style="bold"), Text(f"{minutes}:{seconds:02d}", DIM))
        head.add_row("")
        head.add_row(Text("to spell  ", DIM) + Text(self._text or "as you like"))
        return Group(head, self._spelled())

    def _spelled(self) -> Text:
        """Return what was decided, right or wrong by its colour."""
        state = self.state
        if state.is_calibration:
            return Text("copied    ", DIM) + Text(plain("".join(state.copied)), LIT)
        line = Text("spelled   ", DIM)
        if not self._text:
            # A text that the subject chose is shown on the subject's screen only.
            return line + Text(f"{counted(state.decisions.n_chosen, 'symbol')} chosen")
        for answer in state.decisions.chosen:
            if answer.trial in state.letters.answered:
                style = {True: RIGHT, False: WRONG, None: LIT}[answer.correct]
                line.append(plain(answer.value or ""), style)
        return line

    def _matrix_with_words(self, width: int, height: int) -> Group:
        """Return the matrix, and above it the symbols that it does not have."""
        known = {symbol for row in self._rows for symbol in row}
        lit = self.state.symbols_of_code.values()
        shown = dict.fromkeys(symbol for symbols in lit for symbol in symbols)
        others = [symbol for symbol in shown if symbol not in known]
        above = Text("  ", no_wrap=True, overflow="ellipsis").join(
            Text(plain(symbol), self._style(symbol)) for symbol in others
        )
        rows: list[Align | Text] = [Align.center(above), Text()] if others else []
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
        state = self.state
        if state.activity == "cued" and symbol == state.symbol:
            return CUE + " reverse"
        if state.decision is not None and symbol and symbol == state.decision.value:
            return (WRONG if state.decision.correct is False else RIGHT) + " reverse"
        return LIT if symbol in state.lit else DIM

    def _evidence(self, width: int) -> Table:
        """Return a bar for each of the likeliest symbols, and where there will be a decision."""
        bars = Table.grid(padding=(0, 1))
        evidence = self.state.evidence
        if evidence is None:
            bars.add_row(Text(self.state.no_evidence, DIM))
            return bars
        length = max(8, min(50, width // 2 - 14))
        due = min(length - 1, int(evidence.threshold * length))
        for symbol, probability in evidence.posterior.items():
            n_full = round(probability * length)
            bar = Text("█" * n_full, LIT if probability < evidence.threshold else RIGHT)
            bar.append("·" * (length - n_full), DIM)
            bar.stylize("bold yellow", due, due + 1)
            bars.add_row(Text(plain(symbol), LIT), bar, f"{probability:.2f}")
        bars.add_row("", Text(f"decides at {evidence.threshold:.4g}", "yellow"))
        return bars

    def _foot(self) -> Group:
        state = self.state
        line = Text(plain(self._activity()))
        if state.n_flashes:
            n_codes = max(1, len(state.symbols_of_code))
            line.append(f"   repetition {-(-state.n_flashes // n_codes)}", DIM)
        of = f" of {self._n_letters}" if self._n_letters else ""
        counts = state.signal
        return Group(
            line,
            Text(f"letter {state.letters.place}{of}   {self._speed()}", DIM),
            Text(
                f"lost samples {counts.lost}   rejected flashes {counts.rejected.total()}",
                DIM,
            ),
            *(
                Text(f"! {plain(alarm.text)}", "bold yellow")
                for alarm in state.alarms.open[-N_ALARMS:]
            ),
        )

    def _activity(self) -> str:
        """Return the current activity."""
        state = self.state
        if self._closing:
            return self._closing
        if state.ended is not None:
            return f"finished ({state.reason})"
        if state.began is None and state.info:
            return state.info
        if state.is_hidden:
            return "screen hidden"
        if state.is_paused:
            return "pause"
        if state.activity == "trial over" and state.is_calibration:
            return ""
        return ACTIVITIES[state.activity]

    def _speed(self) -> str:
        """Say how fast and how well, pauses included."""
        right, known = self.state.right
        now = self._clock()
        speed, bits = self.state.per_minute(now), self.state.bits_per_min(now)
        if not known or speed is None:
            return ""
        rate = "" if bits is None else f"   {bits:.1f} bit/min"
        return f"{right} of {known} right   {speed:.1f} letters/min{rate}"
