"""Networks of a table across subjects, kept as decoder files that `train --from` goes on from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bci_online.config import DecoderHeader
from bci_online.decoding.decoder_file import write_decoder
from calibration.experiments.cell_store import Cell
from calibration.experiments.network_protocols import result_of, trained
from calibration.experiments.network_sets import TrialSet, content
from calibration.experiments.network_splits import SUBJECT_INDEPENDENT, split
from calibration.networks.network_classifier import NetworkClassifier
from calibration.recordings import versions_of

__all__ = ["CellsWithNetworks", "network_files"]


def network_files(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the files of cells whose network is kept.

    Parameters
    ----------
    cells : sequence of Cell
        As `calibration.experiments.network_protocols.plan` makes them.

    Returns
    -------
    files : list of str
        Named by the subject that a network does not know.

    See Also
    --------
    CellsWithNetworks : Writes them.

    Examples
    --------
    >>> cell = {"network": "eegnet", "method": "fixed", "subject": "3", "fold": 0}
    >>> network_files([cell | {"protocol": "subject-independent", "keep": True}])
    ['eegnet-fixed-without-3.decoder']
    """
    return [_name(cell) for cell in cells if _is_kept(cell)]


class CellsWithNetworks(NamedTuple):
    """The work of cells across subjects that also keeps their networks.

    Of each tested subject and weighting that of the first fold is kept: it has learnt from the
    other subjects, and knows nothing of the tested one.

    Parameters
    ----------
    folder : Path
        Where the decoder files go; it is there.

    See Also
    --------
    calibration.experiments.network_protocols.compute : The same without files.

    Examples
    --------
    >>> CellsWithNetworks(Path("table/networks")).folder.name
    'networks'
    """

    folder: Path

    def __call__(self, cell: Mapping[str, Any], data: Mapping[str, TrialSet]) -> dict[str, Any]:
        """Return the result of a cell, and keep its network."""
        found = split(cell, data)
        model = trained(cell, found)
        if _is_kept(cell):
            _write(self.folder / _name(cell), cell, model, data)
        return result_of(model, found)


def _is_kept(cell: Cell) -> bool:
    return bool(cell.get("keep")) and cell["protocol"] == SUBJECT_INDEPENDENT and not cell["fold"]


def _name(cell: Cell) -> str:
    return f"{cell['network']}-{cell['method']}-without-{cell['subject']}.decoder"


def _write(path: Path, cell: Cell, model: NetworkClassifier, data: Mapping[str, TrialSet]) -> None:
    own = data[cell["subject"]]
    others = [trials for subject, trials in data.items() if subject != cell["subject"]]
    is_flashes = own.preprocessing.window is None
    header = DecoderHeader(
        method=f"{cell['network']} ({cell['method']})",
        paradigm="p300" if is_flashes else "motor_imagery",
        # As sets of MOABB call them: NonTarget, Target.
        classes=tuple(map(str.lower, own.classes)) if is_flashes else own.classes,
        preprocessing=own.preprocessing,
        # Of a set's subject there is no recording of ours: its trials stand for it.
        trained_on=tuple((trials.X.nbytes, content(trials)) for trials in others),
        versions=versions_of("network"),
    )
    write_decoder(path, *model.to_decoder(header))
