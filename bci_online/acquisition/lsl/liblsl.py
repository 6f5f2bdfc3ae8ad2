"""liblsl, loaded on first use.

It reads its configuration when it loads and never again. So `loopback_config` may be exported until
the first outlet, inlet or call of the clock.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from zlib import crc32

from bci_online.session_names import checked_session

__all__ = ["CONFIG_VARIABLE", "liblsl", "local_clock", "loopback_config"]

CONFIG_VARIABLE = "LSLAPICFG"
"""The environment variable with the path of liblsl's configuration."""

# A search asks the peer at every port of the range; there is no other way to find a stream. With
# liblsl's own 32 ports the seventeenth outlet of a computer would never be found. A search takes
# ports of the range too: 20 at this interval (30 at 0.1 s), and a session may run nine searches at
# a time. An outlet that gets no port is invisible. So sessions that run side by side get ranges of
# their own, below the ports that Linux assigns by itself. The waits suit a computer that talks to
# itself (liblsl's own: 0.5, 0.75, 0.5, 0.064, 0.128, 2 s).
LOOPBACK = """\
[lab]
SessionID = {session_id}
KnownPeers = {{127.0.0.1}}
[ports]
IPv6 = disable
BasePort = {base_port}
PortRange = {n_ports}
[multicast]
ResolveScope = machine
[tuning]
MulticastMinRTT = 0.05
UnicastMinRTT = 0.1
ContinuousResolveInterval = 0.25
TimeProbeInterval = 0.01
TimeProbeMaxRTT = 0.06
TimeUpdateInterval = 1.0
"""
# Only fatal errors: liblsl logs to the standard error and cannot be redirected.
QUIET = """\
[log]
level = -3
"""

N_PORTS = 384
FIRST_PORT, N_RANGES = 16572, 40


@cache
def liblsl() -> ModuleType:
    """Return pylsl. The first call loads liblsl, without its log if it is not configured.

    See Also
    --------
    local_clock : Its clock.
    loopback_config : Has to be written before.
    """
    import pylsl

    if not _is_configured():
        # A liblsl that the user installed may be older than this call; then it keeps its log.
        with suppress(NotImplementedError):
            pylsl.set_config_content(QUIET)
    return pylsl


def _is_configured() -> bool:
    """Return whether liblsl will find a configuration file."""
    # Not Path.home(): it raises where there is no home directory.
    folders = ".", os.path.expanduser("~/lsl_api"), "/etc/lsl_api"
    is_there = any(Path(folder, "lsl_api.cfg").is_file() for folder in folders)
    return is_there or CONFIG_VARIABLE in os.environ


def local_clock() -> float:
    """Return the time of this computer's LSL clock in seconds: the common time.

    Returns
    -------
    now : float
        In seconds.

    See Also
    --------
    bci_online.preprocessing.clock_offsets.ClockOffsets : Brings other clocks to it.
    """
    return float(liblsl().local_clock())


def loopback_config(folder: Path, session_id: str) -> Path:
    """Write an lsl_api.cfg that keeps the streams of one session to this computer.

    Parameters
    ----------
    folder : Path
        Folder of the file; it is made if it is missing.
    session_id : str
        Only processes with the same session id see each other's streams.

    Returns
    -------
    path : Path
        The value of ``CONFIG_VARIABLE`` for the environment of each process of the session; it must
        be set before the process loads liblsl.

    Raises
    ------
    ValueError
        As `checked_session` does.

    See Also
    --------
    bci_online.session.this_machine.only_this_machine : Sets it for a process.

    Notes
    -----
    liblsl's data ports listen on all network interfaces, whatever is configured. The streams are
    not announced to other computers, but a computer that knows the port can read them.
    """
    checked_session(session_id)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lsl_api.cfg"
    base_port = FIRST_PORT + N_PORTS * (crc32(session_id.encode()) % N_RANGES)
    text = LOOPBACK.format(session_id=session_id, base_port=base_port, n_ports=N_PORTS)
    path.write_text(text + QUIET, encoding="ascii")
    return path
