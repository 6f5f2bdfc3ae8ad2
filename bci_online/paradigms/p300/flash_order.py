"""The order in which codes flash and the symbols that each lights up, from a seed."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from bci_online.config import LayoutSpec

__all__ = ["Repetition", "flash_order", "random_groups", "row_column"]

FEWEST_BETWEEN = 2


class Repetition(NamedTuple):
    """One flash of each code.

    Parameters
    ----------
    symbols_of_code : dict of int to tuple of str
        The symbols that a flash of each code lights up.
    codes : tuple of int
        In the order of their flashes.

    See Also
    --------
    row_column : Yields repetitions of rows and columns.
    random_groups : Yields repetitions of random groups.
    """

    symbols_of_code: dict[int, tuple[str, ...]]
    codes: tuple[int, ...]


def flash_order(codes: Sequence[int], repetitions: int, rng: np.random.Generator) -> Iterator[int]:
    """Yield each code once per repetition, in random order.

    Parameters
    ----------
    codes : sequence of int
        At least 6.
    repetitions : int
        Number of repetitions.
    rng : numpy.random.Generator
        Source of the order.

    Yields
    ------
    code : int
        At least two other flashes lie between two flashes of one code, across repetitions too.

    Raises
    ------
    ValueError
        If there are fewer than 6 codes: the rule would leave almost no order to choose from.

    See Also
    --------
    row_column : Which symbols flash.

    Notes
    -----
    The rule exists because responses to flashes that follow each other are smaller and overlap.

    Examples
    --------
    >>> import numpy as np
    >>> order = list(flash_order(range(1, 7), 2, np.random.default_rng(0)))
    >>> sorted(order[:6]), sorted(order[6:])
    ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6])
    >>> all(len(set(order[i : i + 3])) == 3 for i in range(10))
    True
    """
    if len(codes) < 2 * (FEWEST_BETWEEN + 1):
        raise ValueError(f"codes must be at least {2 * (FEWEST_BETWEEN + 1)}, got {len(codes)}")
    last: list[int] = []
    for _ in range(repetitions):
        order = [int(code) for code in rng.permutation(codes)]
        # Drawn again until it fits, so that every order that keeps the rule is equally likely.
        while any(code in last[place:] for place, code in enumerate(order[:FEWEST_BETWEEN])):
            order = [int(code) for code in rng.permutation(codes)]
        yield from order
        last = order[-FEWEST_BETWEEN:]


def row_column(
    layout: LayoutSpec, repetitions: int, rng: np.random.Generator
) -> Iterator[Repetition]:
    """Yield repetitions in which the rows and columns of the matrix flash.

    Parameters
    ----------
    layout : LayoutSpec
        The matrix.
    repetitions : int
        How many to yield.
    rng : Generator
        Draws the order.

    Yields
    ------
    repetition : Repetition
        The codes mean the same in each one.

    Raises
    ------
    ValueError
        As `flash_order` does.

    See Also
    --------
    random_groups : Groups that neighbours do not share.

    Notes
    -----
    The rule of two other flashes holds for codes. It cannot hold for symbols: every row crosses
    every column, so where a column follows a row some symbol flashes twice in a row.

    Examples
    --------
    >>> import numpy as np
    >>> repetition = next(row_column(LayoutSpec(), 1, np.random.default_rng(0)))
    >>> len(repetition.codes), repetition.symbols_of_code[1]
    (12, ('A', 'G', 'M', 'S', 'Y', '5'))
    """
    symbols_of_code = layout.symbols_of_code
    order = flash_order(list(symbols_of_code), repetitions, rng)
    for _ in range(repetitions):
        yield Repetition(symbols_of_code, tuple(islice(order, len(symbols_of_code))))


def random_groups(
    layout: LayoutSpec, repetitions: int, rng: np.random.Generator
) -> Iterator[Repetition]:
    """Yield repetitions in which random groups flash, with new groups in each repetition.

    The symbols are coloured like a checkerboard, and those of each colour are scattered over a
    separate matrix. The rows of the first matrix flash, then the rows of the second, then the
    columns of the first, then the columns of the second. So

    * neighbours never flash together;
    * at least two flashes of other symbols lie between two of one symbol, across repetitions too;
    * no other symbol shares both flashes of a symbol in a repetition.

    Parameters
    ----------
    layout : LayoutSpec
        The matrix.
    repetitions : int
        How many.
    rng : numpy.random.Generator
        Draws the groups and their order.

    Yields
    ------
    repetition : Repetition
        The codes mean other symbols in each one.

    Raises
    ------
    ValueError
        If one of the colours has fewer than four symbols: its matrix would have a single row.

    See Also
    --------
    row_column : The classic matrix.

    References
    ----------
    Townsend et al. (2010), Clinical Neurophysiology 121(7): the checkerboard paradigm.

    Examples
    --------
    >>> import numpy as np
    >>> first, second = random_groups(LayoutSpec(), 2, np.random.default_rng(0))
    >>> first.symbols_of_code == second.symbols_of_code
    False
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
    """Return rows and columns of a nearly square matrix that `symbols` are scattered over."""
    n_rows = math.isqrt(len(symbols))
    n_columns = math.ceil(len(symbols) / n_rows)
    # Fewer cells stay empty than a row or a column has, so no group is empty.
    cells = [int(cell) for cell in rng.permutation(n_rows * n_columns)]
    of_cell = dict(zip(cells, symbols, strict=False))
    rows = [range(row * n_columns, (row + 1) * n_columns) for row in range(n_rows)]
    columns = [range(column, n_rows * n_columns, n_columns) for column in range(n_columns)]
    rows_, columns_ = (
        [tuple(of_cell[cell] for cell in group if cell in of_cell) for group in groups]
        for groups in (rows, columns)
    )
    return rows_, columns_
