"""In which order codes flash, and what they light: seeded, no symbol twice within a short while."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from bci_online.config import LayoutSpec

__all__ = ["Repetition", "flash_order", "random_groups", "row_column"]

FEWEST_BETWEEN = 2


class Repetition(NamedTuple):
    """The codes in the order they flash, each once, and which symbols a flash of each lights."""

    symbols_of_code: dict[int, tuple[str, ...]]
    codes: tuple[int, ...]


def flash_order(codes: Sequence[int], repetitions: int, rng: np.random.Generator) -> Iterator[int]:
    """Yield each code once per repetition, in random order.

    At least two other flashes lie between two flashes of one code, also from one repetition to
    the next: responses to flashes in a row are smaller and overlap.

    Raises
    ------
    ValueError
        If there are fewer than 6 codes: then the rule would leave next to no order to choose from.
    """
    if len(codes) < 2 * (FEWEST_BETWEEN + 1):
        raise ValueError(f"codes must be at least {2 * (FEWEST_BETWEEN + 1)}, got {len(codes)}")
    last: list[int] = []
    for _ in range(repetitions):
        order = [int(code) for code in rng.permutation(codes)]
        # Drawn again until it fits: every order that keeps the rule is equally likely.
        while any(code in last[place:] for place, code in enumerate(order[:FEWEST_BETWEEN])):
            order = [int(code) for code in rng.permutation(codes)]
        yield from order
        last = order[-FEWEST_BETWEEN:]


def row_column(
    layout: LayoutSpec, repetitions: int, rng: np.random.Generator
) -> Iterator[Repetition]:
    """Yield repetitions in which the rows and columns of the matrix flash.

    Raises
    ------
    ValueError
        As `flash_order` does.

    Notes
    -----
    The rule of two flashes between holds for codes. For symbols it cannot hold: every row crosses
    every column, so wherever a column follows a row some symbol flashes twice in a row.
    """
    symbols_of_code = layout.symbols_of_code
    order = flash_order(list(symbols_of_code), repetitions, rng)
    for _ in range(repetitions):
        yield Repetition(symbols_of_code, tuple(islice(order, len(symbols_of_code))))


def random_groups(
    layout: LayoutSpec, repetitions: int, rng: np.random.Generator
) -> Iterator[Repetition]:
    """Yield repetitions in which random groups flash, regrouped for each repetition.

    The symbols are coloured like a checkerboard, and those of each colour strewn over a matrix of
    their own. The rows of the first flash, the rows of the second, the columns of the first, the
    columns of the second. So neighbours never flash together, at least two flashes of other
    symbols lie between two of one symbol, also from one repetition to the next, and the two codes
    that lit a symbol in one repetition lit no other symbol both times.

    Raises
    ------
    ValueError
        If one of the colours has fewer than four symbols: its matrix would have a single row.

    References
    ----------
    Townsend et al. (2010), Clinical Neurophysiology 121(7): the checkerboard paradigm.
    """
    colours: tuple[list[str], list[str]] = ([], [])
    for row, line in enumerate(layout.rows):
        for column, symbol in enumerate(line):
            colours[(row + column) % 2].append(symbol)
    if min(map(len, colours)) < FEWEST_BETWEEN**2:
        raise ValueError(
            f"random groups need at least {2 * FEWEST_BETWEEN**2} symbols in two or more rows and "
            f"columns, got {sum(map(len, colours))}"
        )
    for _ in range(repetitions):
        matrices = [_strewn(symbols, rng) for symbols in colours]
        groups = [group for rows, _ in matrices for group in rows]
        groups += [group for _, columns in matrices for group in columns]
        symbols_of_code = dict(enumerate(groups, start=1))
        yield Repetition(symbols_of_code, tuple(symbols_of_code))


def _strewn(
    symbols: Sequence[str], rng: np.random.Generator
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the rows and the columns of a nearly square matrix with `symbols` anywhere in it."""
    n_rows = math.isqrt(len(symbols))
    n_columns = math.ceil(len(symbols) / n_rows)
    # Fewer cells stay empty than a row or a column has: no group is empty.
    cells = [int(cell) for cell in rng.permutation(n_rows * n_columns)]
    of_cell = dict(zip(cells, symbols, strict=False))
    rows = [range(row * n_columns, (row + 1) * n_columns) for row in range(n_rows)]
    columns = [range(column, n_rows * n_columns, n_columns) for column in range(n_columns)]
    rows_, columns_ = (
        [tuple(of_cell[cell] for cell in group if cell in of_cell) for group in groups]
        for groups in (rows, columns)
    )
    return rows_, columns_
