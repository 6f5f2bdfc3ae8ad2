"""How a job stands: a bar, words, its alarms and its end; and a button that stops it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from bci_online.gui.lab.doing import doing_in
from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.texts import Texts
from bci_online.lab.job_record import Job

__all__ = ["JobView"]

# As a shell counts: 128 and the number of the signal that ended it.
SIGNALS, INTERRUPTED = 128, 130


class JobView(QWidget):
    """Shows a job that runs, or how the last one failed.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.job_record.Job : What it shows.
    """

    stopped = Signal(object)
    """The job that is to end."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._job: Job | None = None
        self.bar, self.words, self.alarm = QProgressBar(), QLabel(), QLabel()
        self.bar.setTextVisible(False)
        for label in (self.words, self.alarm):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.alarm.setObjectName("alarm")
        self.stop = PushButton(texts("job.stop"))
        self.stop.setObjectName("stop")
        self.stop.setToolTip(texts("job.stop_hint"))
        self.stop.clicked.connect(lambda: self.stopped.emit(self._job))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        column.addWidget(self.bar)
        column.addLayout(row)
        column.addWidget(self.alarm)

    def show_job(self, job: Job | None) -> None:
        """Show a job; nothing where there is none, or where it ended as it should."""
        self._job = job
        runs = job is not None and job.is_running
        for part in (self.bar, self.words, self.stop):
            part.setVisible(runs)
        alarm = ""
        if job is not None and runs:
            news = job.news
            self.bar.setRange(0, news.of)
            self.bar.setValue(min(news.done, news.of))
            self.words.setText(_words(self._texts, job))
            self.bar.setAccessibleName(self.words.text())
            alarm = news.alarms[-1] if news.alarms else ""
        elif job is not None and job.has_failed:
            alarm = _end(self._texts, job)
        self.alarm.setText(alarm)
        self.alarm.setVisible(bool(alarm))
        self.setVisible(runs or bool(alarm))


def _words(texts: Texts, job: Job) -> str:
    """Return in one line how a job that runs stands."""
    news = job.news
    parts = [texts("job.of", done=news.done, of=news.of)] if news.of else []
    parts += [news.text] if news.text else []
    if news.planned_s and news.of:
        minutes = round(news.planned_s * (1 - min(news.done, news.of) / news.of) / 60)
        parts.append(texts("job.left", minutes=minutes) if minutes else texts("job.soon"))
    if news.is_paused:
        parts.append(texts("job.paused"))
    elif doing := doing_in(texts, news.doing):
        parts.append(doing)
    return "   ·   ".join(parts) or texts("job.starts")


def _end(texts: Texts, job: Job) -> str:
    if job.code == INTERRUPTED:
        return texts("job.interrupted")
    if job.code is None or job.code > SIGNALS:
        return texts("job.killed_saying", error=job.error) if job.error else texts("job.killed")
    said = texts("job.failed", error=job.error or texts("job.no_reason", code=job.code))
    # The command names an option: in the window that is a field of another card.
    return f"{said}\n{texts('job.reason')}" if job.error.startswith("electrodes: ") else said
