"""The most memory that this process has used."""

from pathlib import Path


def peak_mb() -> float:
    """Return it in MB; Linux only.

    `resource.getrusage` counts the memory of the process that started this one, too.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
