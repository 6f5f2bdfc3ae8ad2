from collections import Counter
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.config import LayoutSpec
from bci_online.paradigms.p300.flash_order import flash_order, random_groups, row_column

SEEDS = st.integers(0, 2**32)
FAR = 3
ORDERS = [row_column, random_groups]


def matrix(n_rows: int, n_columns: int) -> LayoutSpec:
    """Return a matrix whose symbols are words."""
    return LayoutSpec(
        rows=tuple(tuple(f"{r}.{c}" for c in range(n_columns)) for r in range(n_rows))
    )


MATRICES = st.builds(matrix, st.integers(3, 8), st.integers(3, 9))


def symbols_of(layout: LayoutSpec) -> list[str]:
    return [symbol for row in layout.rows for symbol in row]


def distances(sequence: list) -> list[int]:
    """Return how far apart equal elements lie, each from the next."""
    last: dict = {}
    found = []
    for place, element in enumerate(sequence):
        found += [place - last[element]] if element in last else []
        last[element] = place
    return found


@given(n_codes=st.integers(6, 20), repetitions=st.integers(1, 8), seed=SEEDS)
def test_no_code_flashes_twice_within_two_other_flashes(n_codes, repetitions, seed):
    order = list(flash_order(range(n_codes), repetitions, np.random.default_rng(seed)))

    assert min(distances(order), default=FAR) >= FAR
    assert Counter(order) == dict.fromkeys(range(n_codes), repetitions)


@pytest.mark.parametrize("order", ORDERS)
@given(layout=MATRICES, n=st.integers(1, 5), seed=SEEDS)
def test_every_symbol_lights_up_twice_in_each_repetition_and_every_code_flashes_once(
    order, layout, n, seed
):
    repetitions = list(order(layout, n, np.random.default_rng(seed)))

    assert len(repetitions) == n
    for symbols_of_code, codes in repetitions:
        assert sorted(codes) == sorted(symbols_of_code)
        lit = Counter(chain.from_iterable(symbols_of_code[code] for code in codes))
        assert lit == dict.fromkeys(symbols_of(layout), 2)


@pytest.mark.parametrize("order", ORDERS)
@given(layout=MATRICES, seed=SEEDS)
def test_the_two_codes_of_a_symbol_are_those_of_no_other(order, layout, seed):
    for symbols_of_code, _ in order(layout, 2, np.random.default_rng(seed)):
        pairs = [
            tuple(code for code, lit in symbols_of_code.items() if symbol in lit)
            for symbol in symbols_of(layout)
        ]
        assert len(set(pairs)) == len(pairs)


@given(layout=MATRICES, n=st.integers(1, 6), seed=SEEDS)
def test_two_flashes_of_others_lie_between_two_of_a_symbol_in_random_groups(layout, n, seed):
    flashes = [
        symbols_of_code[code]
        for symbols_of_code, codes in random_groups(layout, n, np.random.default_rng(seed))
        for code in codes
    ]

    for symbol in symbols_of(layout):
        places = [place for place, lit in enumerate(flashes) if symbol in lit]
        assert min(np.diff(places)) >= FAR


@given(layout=MATRICES, seed=SEEDS)
def test_neighbours_never_flash_together_in_random_groups(layout, seed):
    rows = [list(row) for row in layout.rows]
    beside = [pair for line in (*rows, *zip(*rows, strict=True)) for pair in pairwise(line)]

    for symbols_of_code, _ in random_groups(layout, 2, np.random.default_rng(seed)):
        for lit in symbols_of_code.values():
            assert not any(one in lit and other in lit for one, other in beside)


def test_random_groups_are_drawn_again_for_each_repetition():
    layouts = [r.symbols_of_code for r in random_groups(matrix(6, 6), 5, np.random.default_rng(1))]

    assert all(one != other for one, other in pairwise(layouts))


@pytest.mark.parametrize("order", ORDERS)
def test_one_seed_gives_one_order_and_another_seed_another(order):
    def drawn(seed: int) -> list:
        return list(order(LayoutSpec(), 4, np.random.default_rng(seed)))

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)


def test_a_matrix_too_small_for_its_rule_is_refused():
    with pytest.raises(ValueError, match="codes must be at least 6, got 4"):
        list(row_column(matrix(2, 2), 1, np.random.default_rng()))
    with pytest.raises(ValueError, match="at least 8 symbols in two or more rows"):
        list(random_groups(matrix(2, 3), 1, np.random.default_rng()))
