"""Work for cells that tests can watch, here so that other processes can import it."""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

FAILURES = {"value": ValueError, "gpu": RuntimeError, "memory": MemoryError}


def noted(cell: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """Note in a file that the cell was computed; return its double."""
    with Path(cell["log"]).open("a", encoding="utf-8") as file:
        file.write(f"{cell['number']} {os.getpid()}\n")
    if cell["number"] == cell.get("fails"):
        raise FAILURES[cell.get("how", "value")]("this cell has no result")
    if cell["number"] == cell.get("interrupts") and not Path(cell["log"] + ".seen").exists():
        Path(cell["log"] + ".seen").touch()
        raise KeyboardInterrupt
    if cell["number"] == cell.get("kills"):
        while not list(Path(cell["log"]).with_name("cells").glob("*.json")):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    if cell["number"] == cell.get("waits") and not Path(cell["log"] + ".go").exists():
        Path(cell["log"] + ".waiting").write_text(str(os.getpid()), encoding="utf-8")
        while not Path(cell["log"] + ".go").exists():
            time.sleep(0.02)
    return {"double": 2 * cell["number"], "sum": None if data is None else float(sum(data))}


def blas_threads(cell: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """Return how many threads each BLAS may use."""
    return {"threads": [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]}
