"""The command of each action, as it is typed; nothing is started that is not one of these."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bci_online.lab.contents import LabContents, LabDecoder, RecordedRun

__all__ = [
    "BIDS",
    "LIBRARY",
    "Action",
    "add_to_library",
    "export",
    "find_streams",
    "open_panel",
    "report_page",
    "typed",
    "verify",
]

BIDS = "bids"
"""The lab's BIDS data set, in its folder."""

LIBRARY = "library"
"""The lab's library of earlier sessions, in its folder."""

PROGRAMS = {"bci-online": "bci_online", "bci-calibrate": "calibration"}


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One command line.

    Parameters
    ----------
    name : str
        What it does, such as ``calibrate``.
    words : tuple of str
        The command as it is typed, word by word.
    subject : str
        Of whom; empty where it is of no one.
    output : str
        The folder or file that it writes; empty if it writes none.
    lsl_config : str
        File of LSL's configuration that the command needs; empty: the usual one.
    is_steered : bool
        Whether it reads commands from its standard input.
    label : str
        Name of its button's text; empty: that of `name`.

    See Also
    --------
    bci_online.lab.jobs.Jobs : Starts it.

    Examples
    --------
    >>> find_streams().text
    'bci-online streams --json -'
    """

    name: str
    words: tuple[str, ...]
    subject: str = ""
    output: str = ""
    lsl_config: str = ""
    is_steered: bool = False
    label: str = ""

    @property
    def text(self) -> str:
        """The command for a shell: a person may copy it."""
        return shlex.join(self.words)

    @property
    def command(self) -> tuple[str, ...]:
        """What is started: the same program, of this Python."""
        return (sys.executable, "-m", PROGRAMS[self.words[0]], *self.words[1:])


def typed(command: Sequence[str]) -> str:
    """Return a command that was started as a person would type it.

    Parameters
    ----------
    command : sequence of str
        As `Action.command` has it.

    Returns
    -------
    text : str
        For a shell.

    See Also
    --------
    Action : Has both forms.

    Examples
    --------
    >>> typed(find_streams().command) == find_streams().text
    True
    """
    names = {module: name for name, module in PROGRAMS.items()}
    words = list(command)
    if len(words) > 2 and words[1] == "-m" and words[2] in names:
        words = [names[words[2]], *words[3:]]
    return shlex.join(words)


def find_streams() -> Action:
    """Return the search for amplifiers.

    Returns
    -------
    action : Action
        It writes a line for each stream.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : Chooses among them.

    Examples
    --------
    >>> find_streams().name
    'streams'
    """
    return Action(name="streams", words=("bci-online", "streams", "--json", "-"))


def report_page(decoder: LabDecoder) -> Path:
    """Return where the report of a decoder is, if its training wrote one.

    Parameters
    ----------
    decoder : LabDecoder
        Whose.

    Returns
    -------
    path : Path
        An HTML page; it need not be there.

    See Also
    --------
    bci_online.lab.session_actions.train : Its training writes it.

    Examples
    --------
    >>> report_page(LabDecoder(path=Path("my.decoder"))).name
    'my.html'
    """
    return decoder.path.with_suffix(".html")


def verify(run: RecordedRun) -> Action:
    """Return the check of a session: its files, and each decision again.

    Parameters
    ----------
    run : RecordedRun
        Of the session.

    Returns
    -------
    action : Action
        It writes one line.

    See Also
    --------
    export : Gives the recording to others.

    Examples
    --------
    >>> verify(RecordedRun(folder=Path("monday"))).text
    'bci-online verify monday --json -'
    """
    words = ("bci-online", "verify", str(run.folder), "--json", "-")
    return Action(name="verify", words=words, subject=run.subject, output=str(run.folder))


def export(lab: LabContents, run: RecordedRun) -> Action:
    """Return the export of a run as BIDS, into the lab's own data set.

    Parameters
    ----------
    lab : LabContents
        Its folder holds the data set.
    run : RecordedRun
        With a recording.

    Returns
    -------
    action : Action
        It writes one line.

    See Also
    --------
    verify : Checks it before.

    Examples
    --------
    >>> run = RecordedRun(folder=Path("monday"), recording=Path("monday/run.xdf"))
    >>> export(LabContents(folder=Path("lab")), run).text
    'bci-online export bids monday/run.xdf -o lab/bids --json -'
    """
    words = ("bci-online", "export", "bids", str(run.recording or run.folder), "-o",
             str(lab.folder / BIDS), "--json", "-")  # fmt: skip
    return Action(name="export", words=words, subject=run.subject, output=str(lab.folder / BIDS))


def add_to_library(lab: LabContents, run: RecordedRun, consent: str) -> Action:
    """Return how a run is added to the lab's library of earlier sessions.

    Parameters
    ----------
    lab : LabContents
        Its folder holds the library.
    run : RecordedRun
        Of letters.
    consent : str
        What the subject agreed to.

    Returns
    -------
    action : Action
        It writes one line.

    See Also
    --------
    bci_online.lab.session_actions.train : Learns with the library.

    Examples
    --------
    >>> run = RecordedRun(folder=Path("monday"), subject="07")
    >>> add_to_library(LabContents(folder=Path("lab")), run, "this lab").text
    "bci-calibrate library add lab/library monday --subject 07 --consent 'this lab' --json -"
    """
    library = str(lab.folder / LIBRARY)
    words = ("bci-calibrate", "library", "add", library, str(run.folder), "--subject", run.subject,
             "--consent", consent, "--json", "-")  # fmt: skip
    return Action(name="library", words=words, subject=run.subject, output=library)


def open_panel(session: str, lsl_config: str = "") -> Action:
    """Return the operator's panel of a session.

    Parameters
    ----------
    session : str
        Its name.
    lsl_config : str
        As `Action` has it.

    Returns
    -------
    action : Action
        It runs until its window is closed.

    See Also
    --------
    bci_online.lab.jobs.Jobs : The window's own buttons type into the session.

    Examples
    --------
    >>> open_panel("monday-1").text
    'bci-online panel --session monday-1'
    """
    words = ("bci-online", "panel", "--session", session)
    return Action(name="panel", words=words, lsl_config=lsl_config)
