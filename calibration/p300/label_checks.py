"""Labels that contradict each other, and codes that are read as other codes."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bci_online.input_findings import InputFinding
from calibration.p300.epochs import EpochSet
from calibration.p300.held_out_area import CERTAIN_Z, area_error, held_out_area

__all__ = ["misread_codes", "mixed_labels"]

# A few flashes of a whole recording may have a wrong label, for example at a trial's edge.
MOST_WRONG = 0.02
# Two mappings may both show a response. The right one is better by so many errors of an AUC.
CLEARLY_Z = 3.0


def mixed_labels(epochs: EpochSet) -> InputFinding | None:
    """Return a finding if one code is a target at some flashes of a letter and not at others.

    Parameters
    ----------
    epochs : EpochSet
        Of a training.

    Returns
    -------
    finding : InputFinding or None
        How many labels contradict others of their code.

    See Also
    --------
    misread_codes : Labels that were derived from codes.
    bci_online.paradigms.p300.layout_fit.contradiction : Labels against the layout.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.epochs import Letter
    >>> epochs = EpochSet(
    ...     X=np.zeros((40, 1, 3)), y=np.arange(40) % 7 == 0, code=np.tile([1, 2, 3, 4], 10),
    ...     letter=np.zeros(40, int), run=np.zeros(40, int), time=np.arange(40.0),
    ...     peak_to_peak=np.zeros((40, 1)), rejected={}, letters=(Letter(0, "", {}),),
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> mixed_labels(epochs).what
    'labels of 6 of 40 flashes'
    """
    n_mixed = n_flashes = 0
    for number in range(len(epochs.letters)):
        # A code of 0 stands for a flash without one.
        here = (epochs.letter == number) & (epochs.code > 0)
        codes, y = epochs.code[here], epochs.y[here]
        n_flashes += codes.size
        n_mixed += sum(_minority(y[codes == code]) for code in np.unique(codes).tolist())
    if n_mixed <= MOST_WRONG * n_flashes:
        return None
    return InputFinding(
        "labels contradict",
        f"labels of {n_mixed} of {n_flashes} flashes",
        "within a letter the same code is a target at some flashes and not at others: labels or "
        "codes are at the wrong flashes",
        "make label and code come together (markers.join, markers.translate)",
    )


def misread_codes(epochs: EpochSet) -> InputFinding | None:
    """Return a finding if another reading of the codes shows a response and this one does not.

    Parameters
    ----------
    epochs : EpochSet
        Of a training.

    Returns
    -------
    finding : InputFinding or None
        What the codes seem to be; None where markers state the labels: they do not follow from
        letters, codes and the layout.

    See Also
    --------
    mixed_labels : Labels that are stated.

    Examples
    --------
    Codes are counted from 0, but the layout counts from 1:

    >>> from bci_online.config import LayoutSpec, Preprocessing
    >>> from calibration.p300.epochs import Letter
    >>> layout = LayoutSpec().symbols_of_code
    >>> codes = np.tile(np.arange(1, 13), 20)
    >>> is_a = np.array(["A" in layout[code] for code in codes])
    >>> X = np.random.default_rng(0).normal(size=(240, 1, 4)) + 3 * is_a[:, None, None]
    >>> epochs = EpochSet(
    ...     X=X, y=np.roll(is_a, 1), code=codes - 1, letter=np.zeros(240, int),
    ...     run=np.zeros(240, int), time=np.arange(240.0), peak_to_peak=np.ones((240, 1)),
    ...     rejected={}, letters=(Letter(0, "A", layout),), n_derived=240,
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> print(misread_codes(epochs).value.partition(":")[0])
    there is a response if 1 is added to each code
    """
    if not epochs.n_derived or epochs.y.all() or not epochs.y.any():
        return None
    areas = {name: held_out_area(epochs.X, labels) for name, labels in _other_labels(epochs)}
    words = max(areas, key=areas.__getitem__)
    error = area_error(epochs.y)
    # A flash of the next row evokes a response, too, so the codes as they are read may show one.
    bar = max(0.5 + CERTAIN_Z * error, held_out_area(epochs.X, epochs.y) + CLEARLY_Z * error)
    if areas[words] < bar:
        return None
    return InputFinding(
        "labels contradict",
        "codes of the flashes",
        f"there is a response if {words}: the layout and the codes do not fit together",
        "correct layout.numbering, layout.rows or the rules of markers.translate",
    )


def _minority(y: NDArray[np.bool_]) -> int:
    return int(min(y.sum(), (~y).sum()))


def _other_labels(epochs: EpochSet) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the labels that flashes would have if their codes meant something else."""
    n_codes = max((max(one.symbols_of_code, default=0) for one in epochs.letters), default=0)
    shifts = {"1 is added to each code": 1, "1 is subtracted from each code": -1}
    for words, shift in shifts.items():
        yield words, _lit(epochs, epochs.code + shift)
    if n_codes:
        half = (epochs.code - 1 + n_codes // 2) % n_codes + 1
        yield "rows and columns are exchanged", _lit(epochs, half)


def _lit(epochs: EpochSet, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each code lights the letter that was to be spelled."""
    letters = epochs.letters
    return np.array(
        [
            number >= 0 and letters[number].truth in letters[number].symbols_of_code.get(code, ())
            for number, code in zip(epochs.letter.tolist(), codes.tolist(), strict=True)
        ]
    )
