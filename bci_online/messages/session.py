"""What the parts of a session say to each other: commands, reports, the journal, the end."""

from typing import Literal

import msgspec

from bci_online.notes import AnyNote

__all__ = ["CARRIED", "LEFT", "Command", "CommandName", "Journal", "SessionEnd", "Status"]

CARRIED, LEFT = "carried", "left"
"""The kinds of `Journal` with what a run took over from the one before, and what it left."""

CommandName = Literal[
    "start",
    "pause",
    "resume",
    "finish",
    "abort",
    "undo",
    "go_back",
    "correct",
    "hide",
    "show",
    "note",
    "status",
]
"""The names that a line of the control stream may have; ``status`` is not a command."""


class Command(msgspec.Struct, frozen=True):
    """What the operator or the screen asks for.

    Parameters
    ----------
    name : str
        One of `CommandName`.
    note : AnyNote, optional
        With the name ``note``: the note to mark. With ``correct``: its text is the trial.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : What each command does.

    Examples
    --------
    >>> Command("pause").name
    'pause'
    """

    name: CommandName
    note: AnyNote | None = None


StatusKind = Literal[
    "connected",
    "misfit",
    "not_finite",
    "misaligned",
    "silent",
    "back",
    "stranger",
    "bad_channels",
    "good_channels",
    "closing",
    "told_twice",
    "clocks_apart",
    "reread",
]
"""What a program recognises a status by: it does not read the text."""


class Status(msgspec.Struct, frozen=True, tag="status"):
    """Something for a person to read.

    Parameters
    ----------
    level : str
        ``info``, ``warning`` or ``alarm``.
    text : str
        One line.
    time : float
        Common time in seconds.
    kind : str
        ``connected`` where a stream is received again or a marker stream came late, ``misfit``
        where the decoder no longer fits, ``not_finite`` where its scores are no numbers,
        ``misaligned`` where responses come earlier or later than
        in calibration, ``silent`` where no sample comes and ``back`` where one does again,
        ``stranger`` where another program sends under the session's name, ``bad_channels`` where
        channels fail and ``good_channels`` where they are good again, ``closing`` while a session's
        recording is closed, ``told_twice`` where two streams report the same events,
        ``clocks_apart`` where markers lie far from all samples in time, ``reread`` where later
        letters say that an earlier one was typed wrongly, else unset. A program reads this and not
        the text.
    channels : tuple of str
        The channels that it is about, where channels fail or are good again.

    See Also
    --------
    bci_online.session_state.state.SessionState : Keeps the alarms.

    Examples
    --------
    >>> Status("alarm", "no sample for 0.6 s", time=12.0).level
    'alarm'
    """

    level: str
    text: str
    time: float = 0.0
    kind: StatusKind | msgspec.UnsetType = msgspec.UNSET
    channels: tuple[str, ...] = ()


class Journal(msgspec.Struct, frozen=True, tag="journal"):
    """A fact that a replay of this session needs in order to decide the same.

    Parameters
    ----------
    kind : str
        For instance ``offset``, ``segment``, ``onset``, ``retracted``, ``refused``, ``trial``,
        ``swap``, ``reread``, ``carried``, ``left`` or ``end``.
    time : float
        Of what it reports, in seconds.
    sample : int
        Number of the sample; -1 where there is none.
    text : str
        Of an offset the stream's key, of an onset and of what was refused the marker, of a swap the
        sensors that are left out, of a letter that is read again its symbol, of what is carried
        over its value.
    value : float
        Of an offset its seconds, of an onset and of the end the raw stamp of the sample, of a swap
        the AUC that is expected, of a letter that is read again its trial.

    See Also
    --------
    bci_online.session_lines.parse_journal : Reads a line of it.
    bci_online.runtime.chain.Chain : Writes most of its lines.

    Examples
    --------
    >>> Journal("offset", time=3.0, text="eeg", value=0.25).sample
    -1
    """

    kind: str
    time: float
    sample: int = -1
    text: str = ""
    value: float = 0.0


class SessionEnd(msgspec.Struct, frozen=True, tag="session_end"):
    """The last message of a run.

    Parameters
    ----------
    reason : str
        Why it ended, for instance ``done``, ``eof`` or ``lost``.

    See Also
    --------
    bci_online.runtime.engine.Engine : Sends it.

    Examples
    --------
    >>> SessionEnd("eof").reason
    'eof'
    """

    reason: str
