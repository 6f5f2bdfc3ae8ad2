"""Files and folders that commands write: refused before any work is done."""

import os
from collections.abc import Callable
from pathlib import Path

from bci_online.errors import BciError

__all__ = ["output_file", "output_folder", "page_file"]


def output_file(
    path: Path, what: str, replaces: Callable[[Path], bool], option: str = "--output"
) -> Path:
    """Return `path` if a file may be written there; this is asked before any work is done.

    Parameters
    ----------
    path : Path
        Where the file will be.
    what : str
        What will be written, for the message; empty where no file is ever replaced.
    replaces : callable
        Tells whether a file that is there may be replaced.
    option : str
        The option that named it, for the message.

    Returns
    -------
    path : Path
        The same path.

    Raises
    ------
    BciError
        If there is no such folder, it cannot be written to, or another file has that name.

    See Also
    --------
    calibration.picture_files.check_picture : The same for pictures.

    Examples
    --------
    >>> output_file(Path("no/run.decoder"), "decoder", replaces=lambda path: False)
    Traceback (most recent call last):
    bci_online.errors.BciError: --output no/run.decoder: folder no does not exist; make it first
    """
    if not path.parent.is_dir():
        raise BciError(f"{option} {path}: folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise BciError(f"{option} {path}: is a folder; name a file in it")
    if path.exists() and not (path.is_file() and replaces(path)):
        found = f"exists and is not a {what}" if what else "exists already"
        raise BciError(f"{option} {path}: {found}; it is not overwritten, name another file")
    if what and path.suffix.casefold() == ".xdf":
        # A folder's recordings are found by this ending.
        raise BciError(f"{option} {path}: a {what} is no recording; give it another ending")
    if not os.access(path.parent, os.W_OK):
        raise BciError(f"{option} {path}: folder {path.parent} cannot be written to")
    return path


def output_folder(path: Path, option: str = "--output") -> Path:
    """Return `path` if it is a folder or can be made one; this is asked before any work is done.

    Parameters
    ----------
    path : Path
        The folder that is to hold what will be written.
    option : str
        The option that named it, for the message.

    Returns
    -------
    path : Path
        The same path.

    Raises
    ------
    BciError
        If it, or a folder on the way to it, is a file, or cannot be written to.

    See Also
    --------
    output_file : The same for one file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile(prefix="notes", dir=".") as file:
    ...     output_folder(Path(file.name).relative_to(Path.cwd()))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --output notes...: is a file; name a folder
    """
    there = next(part for part in (path, *path.absolute().parents) if part.exists())
    if not there.is_dir():
        which = "" if there == path else f"{there} "
        raise BciError(f"{option} {path}: {which}is a file; name a folder")
    if not os.access(there, os.W_OK):
        raise BciError(f"{option} {path}: folder {there} cannot be written to")
    return path


def page_file(path: Path, option: str = "--output") -> Path:
    """Return `path` if an HTML page may be written there.

    Parameters
    ----------
    path : Path
        Where the page will be.
    option : str
        The option that named it, for the message.

    Returns
    -------
    path : Path
        The same path.

    Raises
    ------
    BciError
        If it is not an HTML file, or cannot be written.

    See Also
    --------
    output_file : For any file.

    Examples
    --------
    >>> page_file(Path("page.pdf"))
    Traceback (most recent call last):
    bci_online.errors.BciError: --output page.pdf: must end in .html
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise BciError(f"{option} {path}: must end in .html")
    return output_file(path, "page", _is_page, option)


def _is_page(path: Path) -> bool:
    begins = b"<!DOCTYPE html>"
    with path.open("rb") as file:
        return file.read(len(begins)) == begins
