"""A share of a core for processes, kept by stopping them."""

import threading
import time
from contextlib import suppress
from typing import Self

import psutil

PERIOD_S, LOOK_S = 0.1, 0.002


class Quota:
    """Lets processes together use so much of a core in each tenth of a second, as `cpu.max` does.

    No rights are needed: a process that has used its share is stopped until the next tenth begins.
    Leaving it lets all of them go on.

    Parameters
    ----------
    cores : float
        The share.
    """

    def __init__(self, cores: float) -> None:
        self._cores = cores
        self._processes: dict[int, psutil.Process] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self.n_stops = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._signal("resume")

    def add(self, process: psutil.Process) -> None:
        """Limit one more."""
        self._processes.setdefault(process.pid, process)

    def _keep(self) -> None:
        ends, used, stopped = time.monotonic() + PERIOD_S, self._used(), False
        while not self._over.wait(LOOK_S):
            if time.monotonic() >= ends:
                ends, used = ends + PERIOD_S, self._used()
                if stopped:
                    self._signal("resume")
                stopped = False
            elif not stopped and self._used() - used > self._cores * PERIOD_S:
                stopped = True
                self.n_stops += 1
                self._signal("suspend")

    def _used(self) -> float:
        return sum(map(cpu_s, list(self._processes.values())))

    def _signal(self, what: str) -> None:
        for process in list(self._processes.values()):
            with suppress(psutil.Error):
                getattr(process, what)()


def cpu_s(process: psutil.Process) -> float:
    """Return how many seconds a process has computed; 0 where it is gone. Linux only.

    `cpu_times` counts hundredths of a second: a tenth of a quarter core has two of them.
    """
    try:
        # As clock_getcpuclockid makes the number of a process's clock.
        return time.clock_gettime((~process.pid << 3) | 2)
    except OSError:
        return 0.0
