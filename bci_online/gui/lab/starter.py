"""What a click leads to: a command, a configuration, a page of another program."""

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from bci_online.gui.lab.watch import LabWatch
from bci_online.lab import actions
from bci_online.lab.choice import Choice
from bci_online.lab.lab_state import LabState
from bci_online.lab.new_configuration import add_configuration, choose_stream
from bci_online.lab.reading import LabReader
from bci_online.lab.session_actions import calibrate

__all__ = ["Starter"]


class Starter:
    """Starts what the window asks for; nothing of it is waited for.

    Parameters
    ----------
    folder : Path
        The lab.
    watch : LabWatch
        Its thread does it.

    See Also
    --------
    bci_online.lab.actions.Action : The commands.
    """

    def __init__(self, folder: Path, watch: LabWatch) -> None:
        self._folder, self._watch = folder, watch
        self._since = time.time()
        self._panels: set[str] = set()

    def begin_with(self, kind: str, subject: str) -> None:
        """Write the first configuration of a lab; a simulated subject begins at once."""
        self._watch.do(partial(self._begin_with, kind, subject))

    def _begin_with(self, kind: str, subject: str) -> None:
        path = add_configuration(self._folder, kind)
        if kind == "simulated":
            choice = Choice(subject=subject, configuration=path)
            self._watch.begin(calibrate(LabReader(self._folder).read(), choice, time.time()))

    def choose_stream(self, configuration: Path | None, stream: str) -> None:
        """Write which stream is the amplifier's."""
        if configuration is not None:
            self._watch.do(partial(choose_stream, configuration, stream))

    def steer(self, state: LabState, command: str, text: str) -> None:
        """Tell the session that runs what to do."""
        if state.session is not None:
            self._watch.tell(state.session, f"{command} {text}")

    def open_panel(self, state: LabState, *, is_wanted: bool) -> None:
        """Open the operator's panel beside a session that was started here, once it has begun."""
        session = state.session
        if session is None or session.record.action == "calibrate" or not session.news.has_begun:
            return
        if session.name in self._panels or session.record.began < self._since:
            return
        self._panels.add(session.name)
        configuration = state.choice.configuration_in(state.lab)
        opens_itself = configuration is not None and configuration.opens_panel
        if is_wanted and not opens_itself:
            self._watch.begin(actions.open_panel(session.news.session, session.news.lsl_config))

    def open_place(self, place: Path | None) -> None:
        """Open a folder or a page with the program that the system has for it."""
        if place is None:
            return
        page = place.with_suffix(".html") if place.suffix == ".decoder" else place
        target = page if page.exists() else place.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(target)))
