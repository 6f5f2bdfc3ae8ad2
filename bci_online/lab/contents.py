"""What a lab's folder holds: runs, decoders and configurations."""

from pathlib import Path

import msgspec

__all__ = ["NOBODY", "LabConfiguration", "LabContents", "LabDecoder", "RecordedRun"]

NOBODY = "?"
"""The subject and the session of a run whose files do not say them."""


class RecordedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a session, and its results.

    Parameters
    ----------
    folder : Path
        Of the session.
    recording : Path or None
        None if nothing was recorded.
    subject, session : str
        As the recording's name has them; ``?`` where nothing says so.
    task : str
        Likewise, such as ``p300``.
    run : int
        From 1.
    began : float
        When it was recorded, in seconds since 1970.
    mode : str
        ``calibration``, ``copy``, ``free`` or ``feedback``; empty where no summary says it.
    ended : str
        Why it ended, ``done`` as planned; empty where nothing says so.
    fault : str
        What is wrong with it; empty if it is whole.
    is_open : bool
        Whether it is being recorded.
    shown, known, correct : int
        Letters or trials: shown, of known truth, and right.
    auc : float or None
        Of its stimuli.
    seconds : float or None
        Of a letter or trial, pauses included.
    lost_samples : int
        Samples that did not arrive.
    sha256 : str
        Of the recording; empty where the session kept no sum.
    decoder : str
        SHA-256 of the decoder that decided; empty without one.

    See Also
    --------
    LabContents : Holds it.

    Examples
    --------
    >>> run = RecordedRun(folder=Path("s"), task="imagery", mode="feedback")
    >>> run.is_imagery, run.is_calibration
    (True, False)
    """

    folder: Path
    recording: Path | None = None
    subject: str = NOBODY
    session: str = NOBODY
    task: str = ""
    run: int = 1
    began: float = 0.0
    mode: str = ""
    ended: str = ""
    fault: str = ""
    is_open: bool = False
    shown: int = 0
    known: int = 0
    correct: int = 0
    auc: float | None = None
    seconds: float | None = None
    lost_samples: int = 0
    sha256: str = ""
    decoder: str = ""

    @property
    def is_calibration(self) -> bool:
        """Whether a decoder can be trained on it."""
        return self.mode == "calibration"

    @property
    def is_imagery(self) -> bool:
        """Whether motor imagery was cued."""
        return self.task == "imagery"


class LabDecoder(msgspec.Struct, frozen=True, kw_only=True):
    """One decoder file, and what it promises.

    Parameters
    ----------
    path : Path
        The file.
    written : float
        When, in seconds since 1970.
    fault : str
        Why it cannot be read; empty if it can.
    method : str
        How it was trained.
    is_imagery : bool
        Whether it decides motor imagery.
    sensors : tuple of str
        Its channels.
    auc : float or None
        Held out.
    right : tuple of float or None
        Share of the letters or trials that will be right: least, middle, most.
    seconds : tuple of float or None
        For one letter or trial: least, middle, most.
    shown : int
        From how many letters or trials of calibration that is promised.
    trained_on : tuple of str
        SHA-256 of each recording.

    See Also
    --------
    LabContents : Holds it.

    Examples
    --------
    >>> LabDecoder(path=Path("own.decoder"), is_imagery=True).kind
    'trials'
    """

    path: Path
    written: float = 0.0
    fault: str = ""
    method: str = ""
    is_imagery: bool = False
    sensors: tuple[str, ...] = ()
    auc: float | None = None
    right: tuple[float, float, float] | None = None
    seconds: tuple[float, float, float] | None = None
    shown: int = 0
    trained_on: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it decides, as texts name it: ``letters`` or ``trials``."""
        return "trials" if self.is_imagery else "letters"


class LabConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration file, as far as the steps need it.

    Parameters
    ----------
    path : Path
        The file.
    fault : str
        Why it cannot be used; empty if it can.
    is_imagery : bool
        Its paradigm.
    simulates : bool
        Whether it describes a simulated subject: no amplifier is needed.
    stream : str
        The amplifier that was chosen: a stream's name or source_id; empty: none.
    words : tuple of str
        Of a calibration of letters.
    shown : int
        How many letters or trials a calibration has.
    calibration_s : float
        How long one takes, in seconds.
    monitor : str
        Of the subject's screen; empty: the primary one.
    opens_panel : bool
        Whether a session opens the operator's panel itself.

    See Also
    --------
    LabContents : Holds it.
    """

    path: Path
    fault: str = ""
    is_imagery: bool = False
    simulates: bool = False
    stream: str = ""
    words: tuple[str, ...] = ()
    shown: int = 0
    calibration_s: float = 0.0
    monitor: str = ""
    opens_panel: bool = False


class LabContents(msgspec.Struct, frozen=True, kw_only=True):
    """All that a lab's folder holds at one moment.

    Parameters
    ----------
    folder : Path
        The lab.
    runs : tuple of RecordedRun
        By subject, oldest first.
    decoders : tuple of LabDecoder
        The newest first.
    configurations : tuple of LabConfiguration
        By name.
    exported : frozenset of str
        Recordings that the lab's BIDS data set holds, by their names without an ending.
    library : frozenset of str or None
        SHA-256 of each recording whose epochs the lab's library holds; None: there is no library.

    See Also
    --------
    bci_online.lab.reading.LabReader : Reads them.

    Examples
    --------
    >>> runs = (RecordedRun(folder=Path("s"), subject="02", sha256="ab", mode="calibration"),)
    >>> decoder = LabDecoder(path=Path("d"), trained_on=("ab",))
    >>> lab = LabContents(folder=Path("."), runs=runs, decoders=(decoder,))
    >>> lab.subjects, lab.decoders_of("02") == (decoder,), lab.decoders_of("03")
    (('02',), True, ())
    """

    folder: Path
    runs: tuple[RecordedRun, ...] = ()
    decoders: tuple[LabDecoder, ...] = ()
    configurations: tuple[LabConfiguration, ...] = ()
    exported: frozenset[str] = frozenset()
    library: frozenset[str] | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """The pseudonyms, in order."""
        return tuple(sorted({run.subject for run in self.runs}))

    def runs_of(self, subject: str) -> tuple[RecordedRun, ...]:
        """Return the runs of a subject, oldest first."""
        return tuple(run for run in self.runs if run.subject == subject)

    def trained_on(self, decoder: LabDecoder) -> tuple[RecordedRun, ...]:
        """Return the runs that a decoder was trained on, as far as they are in the folder."""
        return tuple(run for run in self.runs if run.sha256 in decoder.trained_on and run.sha256)

    def decoders_of(self, subject: str) -> tuple[LabDecoder, ...]:
        """Return the decoders that were trained on a subject's runs, the newest first.

        Where no sum says on which runs, the subject in the file's name does.
        """
        named = f"sub-{subject}_"
        return tuple(
            one
            for one in self.decoders
            if any(run.subject == subject for run in self.trained_on(one))
            or one.path.name.startswith(named)
        )
