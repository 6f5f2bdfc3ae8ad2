"""Which reader opens a recording: its name decides."""

from pathlib import Path

__all__ = ["KNOWN", "files_of", "is_bci2000", "is_other_format", "suffix_of"]

BCI2000 = ".dat"
OF_MNE = (
    ".vhdr", ".ahdr", ".edf", ".bdf", ".gdf", ".fif", ".fif.gz", ".set", ".cnt", ".cdt", ".nedf",
    ".lay",
)  # fmt: skip
KNOWN = (*OF_MNE, BCI2000)
"""Endings of names, in small letters; a file with another one is XDF."""

# Headers that leave samples or events to files of the same name.
PARTS = {
    ".vhdr": (".eeg", ".dat", ".avg", ".vmrk"),
    ".ahdr": (".eeg", ".dat", ".avg", ".amrk"),
    ".set": (".fdt",),
    ".cdt": (".cdt.dpa", ".cdt.dpo", ".cdt.cef", ".cdt.ceo"),
    ".lay": (".dat",),
}


def suffix_of(path: Path) -> str:
    """Return the ending of `path` that decides; empty if it is none of `KNOWN`.

    Parameters
    ----------
    path : Path
        It need not exist.

    Returns
    -------
    suffix : str
        One of `KNOWN`, or empty.

    See Also
    --------
    is_other_format : Whether there is one.

    Examples
    --------
    >>> suffix_of(Path("Run.VHDR")), suffix_of(Path("run_raw.fif.gz")), suffix_of(Path("run.xdf"))
    ('.vhdr', '.fif.gz', '')
    """
    name = path.name.lower()
    return max((end for end in KNOWN if name.endswith(end)), key=len, default="")


def is_other_format(path: Path) -> bool:
    """Return whether a file's name says that it is no XDF.

    Parameters
    ----------
    path : Path
        It need not exist.

    Returns
    -------
    is_other : bool
        False also for names that say nothing: these files are read as XDF.

    See Also
    --------
    bci_online.runtime.sources.recording : Opens each with its reader.

    Examples
    --------
    >>> is_other_format(Path("run.edf")), is_other_format(Path("run.xdfz"))
    (True, False)
    """
    return suffix_of(path) != ""


def is_bci2000(path: Path) -> bool:
    """Return whether a file's name says that BCI2000 wrote it.

    Parameters
    ----------
    path : Path
        It need not exist.

    Returns
    -------
    is_bci2000 : bool
        Whether it ends in ``.dat``.

    See Also
    --------
    is_other_format : Whether it is no XDF.

    Examples
    --------
    >>> is_bci2000(Path("eeg3_1.dat"))
    True
    """
    return suffix_of(path) == BCI2000


def files_of(path: Path) -> tuple[Path, ...]:
    """Return all files that a recording consists of.

    Parameters
    ----------
    path : Path
        The file that names the recording, such as a BrainVision header.

    Returns
    -------
    paths : tuple of Path
        `path` is the first; of the others those that are there.

    See Also
    --------
    bci_online.runtime.assembly.recording_content : Compares recordings by them.

    Examples
    --------
    >>> [path.name for path in files_of(Path("run.xdf"))]
    ['run.xdf']
    """
    suffix = suffix_of(path)
    stem = path.name[: len(path.name) - len(suffix)]
    parts = (path.with_name(f"{stem}{part}") for part in PARTS.get(suffix, ()))
    return (path, *(part for part in parts if part.is_file()))
