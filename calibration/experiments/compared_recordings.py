"""All methods of flashes side by side: trained on some recordings, tested on others."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.errors import RecordingError
from bci_online.metrics import auc
from calibration.bootstrap import bootstrap_aucs
from calibration.experiments.cell_store import Cell, Cells, Result, run_cells
from calibration.folds import units
from calibration.method_names import AUTO, FLASH_NETWORKS, LINEAR
from calibration.networks.network_options import NetworkOptions
from calibration.p300.methods import check_request, method_of
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.spelled_letters import spell
from calibration.recordings import contents_of
from calibration.training_request import TrainingRequest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COMPARED", "MethodRow", "Recordings", "compare", "paint_methods", "rows_of"]

COMPARED = (AUTO, *(name for name in LINEAR if name not in ("svm-1", "gsvm-q", "gsvm-time")))
"""The methods that are compared by default."""

N_DRAWS = 1000


class Recordings(msgspec.Struct, frozen=True, kw_only=True):
    """What the methods are trained and tested on.

    Parameters
    ----------
    training, test : tuple of Path
        XDF files of one subject.
    config : Config
        Streams, markers, filter, latencies, layout.

    See Also
    --------
    compare : Trains on the first and tests on the second.

    Examples
    --------
    >>> Recordings(training=(Path("a.xdf"),), test=(Path("b.xdf"),), config=Config()).test[0].name
    'b.xdf'
    """

    training: tuple[Path, ...]
    test: tuple[Path, ...]
    config: Config

    def absolute(self) -> Self:
        """Return the same, found from any folder."""
        training, test = (
            tuple(path.absolute() for path in paths) for paths in (self.training, self.test)
        )
        return msgspec.structs.replace(self, training=training, test=test)


class MethodRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one method does on the tested recordings.

    Parameters
    ----------
    method : str
        Its name; that of auto with the method that it took.
    sensors : int
        How many it uses.
    auc : float
        Of the flashes.
    auc_ci : tuple of float
        95 % interval over whole letters.
    behind : float
        How far it is behind the best AUC.
    behind_ci : tuple of float
        95 % interval of that difference, on the same draws of letters.
    letters, letters_right : int
        Letters of known truth, and how many are right with all repetitions.
    seconds : float
        How long the training took.

    See Also
    --------
    rows_of : Makes them.
    """

    method: str
    sensors: int
    auc: float
    auc_ci: tuple[float, float]
    behind: float
    behind_ci: tuple[float, float]
    letters: int
    letters_right: int
    seconds: float


def compare(
    recordings: Recordings,
    methods: Sequence[str],
    folder: Path,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda done, of: None,
    scheduler: str = "",
) -> Cells:
    """Train every method and score the tested flashes; what was finished before is kept.

    Parameters
    ----------
    recordings : Recordings
        Of one subject.
    methods : sequence of str
        Names of linear methods, networks, or auto; all different.
    folder : Path
        Where the scores of each method are kept.
    jobs : int
        How many are trained at once.
    progress : callable
        Called with the number of methods that are done, and the number of all.
    scheduler : str
        Address of a Dask scheduler, whose workers then train. They read the recordings themselves,
        at the same paths.

    Returns
    -------
    cells : Cells
        One result for each method, in the same order; None where it failed.

    Raises
    ------
    BciError
        If no method could be trained, or a network is asked for without PyTorch.

    See Also
    --------
    rows_of : The table of it.

    Examples
    --------
    A simulated subject copies letters in two recordings:

    >>> import tempfile
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first, second = (Path(folder) / name for name in ("first.xdf", "second.xdf"))
    ...     duration = write_recording(config, "ABC", first, seed=0)
    ...     duration = write_recording(config, "DE", second, seed=1)
    ...     recordings = Recordings(training=(first,), test=(second,), config=config)
    ...     cells = compare(recordings, ["lda"], Path(folder) / "scores")
    >>> cells.results[0]["letters"], len(cells.results[0]["ratios"])
    (2, 48)
    """
    for name in methods:
        if name in FLASH_NETWORKS:
            NetworkOptions().training(name)  # Now, and not after all linear methods.
    contents = contents_of([*recordings.training, *recordings.test])
    known = hashlib.sha256(msgspec.json.encode([contents, recordings.config])).hexdigest()
    cells = [
        {"method": name, "data": "recordings", "contents": known, "n": len(recordings.training)}
        for name in methods
    ]
    # A worker on another computer starts in another folder.
    data = {"recordings": recordings.absolute()}
    return run_cells(
        score_method, cells, folder, data, jobs=jobs, scheduler=scheduler, progress=progress
    )


def score_method(cell: Cell, recordings: Recordings) -> Result:
    """Train a method on some recordings, and score the flashes of others."""
    name, config = cell["method"], recordings.config
    network = NetworkOptions().training(name) if name in FLASH_NETWORKS else None
    request = TrainingRequest(
        recordings=recordings.training, config=config, output=Path(), method=name, network=network
    )
    check_request(request)
    recorded, tested = (epochs_of(each, config) for each in (recordings.training, recordings.test))
    if np.unique(tested.all().y).size < 2:
        raise RecordingError("the tested flashes are all targets, or none is: they compare nothing")
    started = time.perf_counter()
    method = method_of(request)
    fitted = method.fit(recorded, np.arange(len(recorded.all())), config)
    seconds = time.perf_counter() - started
    epochs = tested.made_with(fitted.preprocessing)
    ratios = fitted.ratios(epochs)
    spelled = spell(epochs, ratios, fitted.evidence)
    right = sum(symbol == epochs.letters[number].truth for number, symbol in spelled.items())
    return {
        "taken": f"auto: {fitted.method}" if fitted.method else method.full_name,
        "sensors": len(fitted.preprocessing.ch_names),
        "ratios": ratios.tolist(),
        "y": epochs.y.tolist(),
        "units": units(epochs).tolist(),
        "letters": len(spelled),
        "letters_right": right,
        "seconds": seconds,
        "notes": [*recorded.all().notes, *epochs.notes],
    }


def rows_of(results: Sequence[Mapping[str, Any] | None]) -> list[MethodRow]:
    """Return a row for each method, the best first, all compared with the best.

    Parameters
    ----------
    results : sequence of mapping or None
        As `compare` returns them.

    Returns
    -------
    rows : list of MethodRow
        Those that failed are not among them.

    See Also
    --------
    calibration.bootstrap.bootstrap_aucs : The draws.
    paint_methods : Draws them.

    Examples
    --------
    >>> y = (np.arange(40) % 4 == 0).tolist()
    >>> noise = np.random.default_rng(0).normal(size=40)
    >>> common = {"y": y, "units": (np.arange(40) // 10).tolist(), "sensors": 8, "letters": 4,
    ...           "letters_right": 4, "seconds": 1.0}
    >>> results = [
    ...     {"taken": "poor", "ratios": (noise + y).tolist(), **common},
    ...     {"taken": "good", "ratios": (noise + 9 * np.array(y)).tolist(), **common}, None,
    ... ]
    >>> [(row.method, round(row.behind, 2)) for row in rows_of(results)]
    [('good', 0.0), ('poor', 0.3)]
    """
    known = [result for result in results if result is not None]
    y = np.array(known[0]["y"], dtype=bool)
    scores = np.array([result["ratios"] for result in known])
    aucs = np.array([auc(y, row) for row in scores])
    draws = bootstrap_aucs(y, scores, np.array(known[0]["units"]), N_DRAWS)
    best = int(aucs.argmax())
    # Without letters to draw there is no interval.
    low = high = aucs
    least = most = aucs[best] - aucs
    if np.isfinite(draws).any():
        low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
        least, most = np.nanpercentile(draws[:, [best]] - draws, [2.5, 97.5], axis=0)
    return [
        MethodRow(
            method=known[n]["taken"],
            sensors=known[n]["sensors"],
            auc=float(aucs[n]),
            auc_ci=(float(low[n]), float(high[n])),
            behind=float(aucs[best] - aucs[n]),
            behind_ci=(float(least[n]), float(most[n])),
            letters=known[n]["letters"],
            letters_right=known[n]["letters_right"],
            seconds=known[n]["seconds"],
        )
        for n in np.argsort(-aucs, kind="stable")
    ]


def paint_methods(figure: "Figure", rows: Sequence[MethodRow]) -> None:
    """Draw how far each method is behind the best, with its interval, on an empty figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        It is empty.
    rows : sequence of MethodRow
        The best first.

    See Also
    --------
    rows_of : The rows.
    """
    axis = figure.subplots()
    places = np.arange(len(rows))
    behind = np.array([row.behind for row in rows])
    ends = np.array([row.behind_ci for row in rows])
    errors = np.maximum([behind - ends[:, 0], ends[:, 1] - behind], 0.0)
    axis.errorbar(behind, places, xerr=errors, fmt="o", markersize=4, capsize=3)
    axis.axvline(0.0, linewidth=0.7)
    axis.set_yticks(places, [f"{row.method} ({row.auc:.3f})" for row in rows])
    axis.invert_yaxis()
    axis.set_xlabel("AUC behind the best, 95 % interval over whole letters")
    axis.grid(axis="x", alpha=0.3)
