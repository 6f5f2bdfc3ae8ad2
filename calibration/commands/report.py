"""`bci-calibrate report`: an HTML page about a decoder, written with a progress bar."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.atomic_write import write_atomically
from bci_online.console import plain
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.output_paths import page_file
from bci_online.progress import progress_bar

if TYPE_CHECKING:
    from calibration.sparse.sensor_path import SensorPath

__all__ = ["report_decoder", "write_report"]


def report_decoder(
    target: Annotated[Path, typer.Argument(help="a decoder file, or a session's folder")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the HTML page to write")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="RECORDINGS", help="as --recordings")
    ] = None,
    recordings: Annotated[
        list[Path] | None, typer.Option(help="recordings that the decoder was trained on")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML: which streams of foreign recordings to read")
    ] = None,
    sensor_path: Annotated[
        bool, typer.Option("--sensor-path", help="measure AUC against the number of sensors, too")
    ] = False,
) -> None:
    """Write a page of all that is known of a decoder, to be looked at before going live."""
    end_soon_after_interrupt()
    every = [*(recordings or ()), *(more or ())]
    write_report(target, every, output, config, sensor_path=sensor_path)


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
        Says which streams of foreign recordings to read.
    sensor_path : bool
        Measure AUC against the number of sensors.
    paths : mapping of str to SensorPath, optional
        The same, if a training has measured it.
    quiet : bool
        Show no progress bar, and write nothing on standard output.

    Raises
    ------
    BciError
        If something given is not usable; nothing is written then.
    """
    page_file(output)
    # Only now: a training without a report must not wait for matplotlib.
    from calibration.report.material import gather
    from calibration.report.report_files import find
    from calibration.report.sections import report_page

    files = find(target, recordings, config)
    with _bar(quiet) as say:
        text = report_page(gather(files, sensor_path, paths or {}, say), say)
    write_atomically(output, text.encode())
    if not quiet:
        sys.stdout.write(f"{plain(str(output))}\n")


@contextmanager
def _bar(hidden: bool) -> Iterator[Callable[[str], None]]:
    """Show the current step on standard error; their number is not known before."""
    with progress_bar(hidden=hidden) as bar:
        task = bar.add_task("reading", total=None)

        def say(what: str) -> None:
            bar.update(task, description=what)

        yield say
