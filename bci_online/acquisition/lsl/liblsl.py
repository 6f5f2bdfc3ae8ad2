"""liblsl, which loads when something is first asked of it.

It reads its configuration then and never again, so `loopback_config` can be exported as late as
before the first outlet, inlet or look at the clock.
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
"""The environment variable in which liblsl looks for the path of its configuration."""

# The peer is asked at every port of the range, and that is the only way to find a stream: with
# liblsl's own 32 ports the seventeenth outlet of a computer would never be seen. Who searches
# takes ports of the range, too: 20 at this interval (30 at 0.1 s), and a session may have nine
# searches at a time. An outlet that finds none left is seen by nobody, so sessions that run side by
# side have ranges of their own, below the ports that Linux gives away by itself. The waits are
# those of a computer that talks to itself (liblsl's own: 0.5, 0.75, 0.5, 0.064, 0.128, 2 s).
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
# Of its log only fatal errors: it writes to the standard error, past every handler.
QUIET = """\
[log]
level = -3
"""

N_PORTS = 384
FIRST_PORT, N_RANGES = 16572, 40


@cache
def liblsl() -> ModuleType:
    """Return pylsl; liblsl loads on the first call, quietly where it is not configured."""
    import pylsl

    if not _is_configured():
        # A liblsl of the user's own may be older than this call: then its log is as it is.
        with suppress(NotImplementedError):
            pylsl.set_config_content(QUIET)
    return pylsl


def _is_configured() -> bool:
    """Tell whether liblsl will find a configuration where it looks for one."""
    # Not Path.home(), which raises where there is no home.
    folders = ".", os.path.expanduser("~/lsl_api"), "/etc/lsl_api"
    is_there = any(Path(folder, "lsl_api.cfg").is_file() for folder in folders)
    return is_there or CONFIG_VARIABLE in os.environ


def local_clock() -> float:
    """Return seconds on this computer's LSL clock, which is the common time."""
    return float(liblsl().local_clock())


def loopback_config(folder: Path, session_id: str) -> Path:
    """Write an lsl_api.cfg that keeps the streams of one session to this computer.

    Parameters
    ----------
    folder : Path
        Where it is written; made where it is missing.
    session_id : str
        Only processes of the same session see each other's streams.

    Returns
    -------
    path : Path
        To be the value of ``CONFIG_VARIABLE`` in the environment of each process of the session,
        before it loads liblsl.

    Raises
    ------
    ValueError
        As `checked_session` does.

    Notes
    -----
    liblsl's data ports listen on all network interfaces, whatever is configured: the streams are
    not announced to other computers, but one that knows the port could read them.
    """
    checked_session(session_id)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lsl_api.cfg"
    base_port = FIRST_PORT + N_PORTS * (crc32(session_id.encode()) % N_RANGES)
    text = LOOPBACK.format(session_id=session_id, base_port=base_port, n_ports=N_PORTS)
    path.write_text(text + QUIET, encoding="ascii")
    return path
