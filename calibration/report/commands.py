"""`bci-calibrate report`: find, look, write, with a progress bar."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bci_online.console import output_file, plain
from bci_online.errors import BciError
from bci_online.progress import progress_bar

if TYPE_CHECKING:
    from calibration.sparse.sensor_path import SensorPath

__all__ = ["check_page", "write_report"]

BEGINS = b"<!DOCTYPE html>"


def check_page(path: Path, option: str = "--output") -> Path:
    """Return `path` if a page can be written there.

    Raises
    ------
    BciError
        If it is no HTML file, or cannot be written.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise BciError(f"{option} {path}: must end in .html")
    return output_file(path, "page", _is_page, option)


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(BEGINS)) == BEGINS


def write_report(
    target: Path,
    recordings: Sequence[Path],
    output: Path,
    config: Path | None = None,
    *,
    sensor_path: bool = False,
    paths: "Mapping[str, SensorPath] | None" = None,
    quiet: bool = False,
) -> None:
    """Write the page of a decoder.

    Parameters
    ----------
    target : Path
        A decoder file, or the folder of a session.
    recordings : sequence of Path
        What the decoder was trained on, or some of it.
    output : Path
        The HTML file.
    config : Path, optional
        Chooses among the streams of foreign recordings.
    sensor_path : bool
        Measure AUC against the number of sensors.
    paths : mapping, optional
        That, where training has measured it.
    quiet : bool
        No progress bar, and not a word on standard output.

    Raises
    ------
    BciError
        If something given is not usable; nothing is written then.
    """
    check_page(output)
    # Only now: a training without a report need not wait for matplotlib.
    from calibration.report.material import find, gather
    from calibration.report.sections import report_page

    asked = find(target, recordings, config)
    with _bar(quiet) as told:
        text = report_page(gather(asked, sensor_path, paths or {}, told), told)
    output.write_text(text, encoding="utf-8")
    if not quiet:
        sys.stdout.write(f"{plain(str(output))}\n")


@contextmanager
def _bar(hidden: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error; how long it takes nobody knows beforehand."""
    with progress_bar(hidden=hidden) as bar:
        task = bar.add_task("reading", total=None)

        def told(what: str) -> None:
            bar.update(task, description=what)

        yield told
