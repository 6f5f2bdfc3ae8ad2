"""The LSL streams of a session that stay on this machine."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config

__all__ = ["only_this_machine", "temporary_folder"]


def only_this_machine(session: str) -> Path:
    """Keep the LSL streams of this process, and of those it starts, to this machine and session.

    Call it before anything else of LSL: liblsl reads its configuration once. Returns the folder
    that holds the configuration.

    Parameters
    ----------
    session : str
        Only processes of the same session see each other.

    Returns
    -------
    folder : Path
        It holds liblsl's configuration.

    See Also
    --------
    bci_online.acquisition.lsl.liblsl.loopback_config : Writes the configuration.
    """
    folder = temporary_folder()
    os.environ[CONFIG_VARIABLE] = str(loopback_config(folder, session))
    return folder


def temporary_folder() -> Path:
    """Make a folder that this process removes when it ends.

    Folders of processes that were killed are removed now.

    Returns
    -------
    folder : Path
        It is empty; no other user can read it.

    See Also
    --------
    only_this_machine : Keeps liblsl's configuration in one.
    """
    _remove_left_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"bci-online-{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_left_folders() -> None:
    for folder in Path(tempfile.gettempdir()).glob("bci-online-*-*"):
        pid = folder.name.split("-")[2]
        if pid.isdecimal() and not _is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # Somebody else's.
        return True
    return True
