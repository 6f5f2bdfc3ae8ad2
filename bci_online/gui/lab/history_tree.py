"""Subjects, their sessions and decoders, as a tree; what cannot be read says why."""

import time
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from bci_online.gui.lab.style import plain_tip
from bci_online.gui.lab.texts import Texts
from bci_online.gui.themes import Theme
from bci_online.lab.afterwards_card import outcome_of
from bci_online.lab.contents import LabContents, LabDecoder, RecordedRun
from bci_online.lab.decoder_cards import figure_of

__all__ = ["HistoryTree"]

PLACE = Qt.ItemDataRole.UserRole
SUBJECT, RUN = PLACE + 1, PLACE + 2


class HistoryTree(QTreeWidget):
    """Shows what a lab's folder holds.

    Parameters
    ----------
    theme : Theme
        Colours.
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.contents.LabContents : What it shows.
    """

    chosen = Signal(str)
    """The subject that was chosen."""
    run_chosen = Signal(object)
    """The folder of the session that was chosen; None where none was."""
    activated_place = Signal(object)
    """The folder or file that is to be opened."""

    def __init__(self, theme: Theme, texts: Texts) -> None:
        super().__init__()
        self.theme, self._texts = theme, texts
        self._shown: LabContents | None = None
        self.setHeaderHidden(True)
        self.setAccessibleName(texts("history.name"))
        self.setRootIsDecorated(True)
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._choose)
        self.itemActivated.connect(self._activate)

    def show_lab(self, lab: LabContents, subject: str) -> None:
        """Show the lab; the branch of `subject` is open."""
        if lab == self._shown:
            return
        self._shown = lab
        open_before = self._open_branches()
        self.blockSignals(True)
        self.clear()
        for name in lab.subjects:
            self._add_subject(lab, name, is_open=name == subject or name in open_before)
        known = {one.path for name in lab.subjects for one in lab.decoders_of(name)}
        others = [one for one in lab.decoders if one.path not in known]
        if others:
            branch = self._item(self, self._texts("history.other_decoders"), "", lab.folder)
            for decoder in others:
                self._add_decoder(branch, decoder, lab)
        for configuration in lab.configurations:
            if configuration.fault:
                name = configuration.path.name
                text = self._fault(configuration.fault, name)
                self._item(self, name, text, configuration.path, alarm=True)
        self.blockSignals(False)

    def use_theme(self, theme: Theme) -> None:
        """Show the same in other colours."""
        self.theme = theme
        lab, self._shown = self._shown, None
        if lab is not None:
            self.show_lab(lab, "")

    def _open_branches(self) -> set[str]:
        branches = (self.topLevelItem(n) for n in range(self.topLevelItemCount()))
        return {one.data(0, SUBJECT) for one in branches if one is not None and one.isExpanded()}

    def _add_subject(self, lab: LabContents, name: str, *, is_open: bool) -> None:
        runs = lab.runs_of(name)
        text = self._texts("history.subject", subject=name, n=len(runs))
        branch = self._item(self, text, "", lab.folder)
        branch.setData(0, SUBJECT, name)
        font = branch.font(0)
        font.setBold(True)
        branch.setFont(0, font)
        day = ""
        for run in reversed(runs):
            moment = QDateTime.fromSecsSinceEpoch(round(run.began))
            date = QLocale(self._texts.language).toString(moment, self._texts("history.day"))
            if date != day:
                day = date
                heading = self._item(branch, day, "", run.folder)
                heading.setForeground(0, QColor(self.theme.quiet))
            self._add_run(branch, run)
        for decoder in lab.decoders_of(name):
            self._add_decoder(branch, decoder, lab)
        branch.setExpanded(is_open)

    def _add_run(self, branch: QTreeWidgetItem, run: RecordedRun) -> None:
        clock = time.strftime("%H:%M", time.localtime(run.began))
        kind = self._texts(f"mode.{run.mode}" if run.mode else "mode.unknown")
        item = self._item(
            branch, f"{clock}  {kind}", self._texts.say(outcome_of(run)), run.folder,
            alarm=bool(run.fault),
        )  # fmt: skip
        item.setData(0, RUN, run.folder)

    def _add_decoder(self, branch: QTreeWidgetItem, decoder: LabDecoder, lab: LabContents) -> None:
        if decoder.fault:
            text = self._fault(decoder.fault, decoder.path.name)
            self._item(branch, decoder.path.name, text, decoder.path, alarm=True)
            return
        title = self._texts("history.decoder", method=decoder.method)
        kind = decoder.kind
        figures = {"figure": figure_of(decoder), "sensors": len(decoder.sensors)}
        if decoder.right and decoder.seconds:
            right, seconds = f"{10 * decoder.right[1]:.1f}", f"{decoder.seconds[1]:.1f}"
            key = f"history.promise_{kind}"
            text = self._texts(key, **figures, right=right, seconds=seconds)
        else:
            text = self._texts(f"history.no_promise_{kind}", **figures)
        names = sorted({run.folder.name for run in lab.trained_on(decoder)})
        if names:
            text += "\n" + self._texts("history.trained_on", names=", ".join(names))
        self._item(branch, title, text, decoder.path)

    def _fault(self, fault: str, name: str) -> str:
        """Return why a file cannot be used; its name stands above."""
        return self._texts("history.fault", fault=fault.removeprefix(f"{name}: "))

    def _item(
        self,
        parent: QTreeWidget | QTreeWidgetItem,
        title: str,
        text: str,
        place: Path,
        *,
        alarm: bool = False,
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [f"{title}\n{text}" if text else title])
        item.setData(0, PLACE, place)
        item.setToolTip(0, plain_tip(f"{text}\n{place}".strip()))
        if alarm:
            item.setForeground(0, QColor(self.theme.cue))
        return item

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        run = None if item is None else item.data(0, RUN)
        while item is not None and item.parent() is not None:
            item = item.parent()
        if item is not None and item.data(0, SUBJECT):
            self.chosen.emit(item.data(0, SUBJECT))
        self.run_chosen.emit(run)

    def _activate(self, item: QTreeWidgetItem) -> None:
        if item.data(0, SUBJECT) is None:
            self.activated_place.emit(item.data(0, PLACE))
