"""The files that figures are drawn into: PNG or SVG."""

from pathlib import Path

from bci_online.errors import BciError
from bci_online.output_paths import output_file

__all__ = ["check_picture", "is_picture"]

FORMATS = {".png": b"\x89PNG", ".svg": b"<?xml"}


def is_picture(path: Path) -> bool:
    """Return whether a file has its suffix's format, so that a new picture may replace it.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    is_picture : bool
        False too if it has another format than its suffix says.

    See Also
    --------
    check_picture : Refuses to replace anything else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "curve.png"
    ...     _ = path.write_bytes(b"a letter to a friend")
    ...     is_picture(path)
    False
    """
    with path.open("rb") as file:
        return file.read(5).startswith(FORMATS.get(path.suffix.lower(), b"no such format"))


def check_picture(path: Path, option: str = "--output") -> Path:
    """Return `path` if a picture can be written there.

    Parameters
    ----------
    path : Path
        Its suffix says the format.
    option : str
        The option that names it, for the message.

    Returns
    -------
    path : Path
        The same path.

    Raises
    ------
    BciError
        If it is not a PNG or SVG file, or cannot be written.

    See Also
    --------
    is_picture : Whether the file there may be replaced.

    Examples
    --------
    >>> check_picture(Path("curve.gif"), "--figure")
    Traceback (most recent call last):
    bci_online.errors.BciError: --figure curve.gif: must end in .png or .svg
    """
    if path.suffix.lower() not in FORMATS:
        raise BciError(f"{option} {path}: must end in {' or '.join(FORMATS)}")
    return output_file(path, "picture", is_picture, option)
