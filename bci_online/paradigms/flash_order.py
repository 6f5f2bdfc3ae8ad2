"""In which order codes flash: seeded, no code twice within a short while."""

from collections.abc import Iterator, Sequence

import numpy as np

__all__ = ["flash_order"]

FEWEST_BETWEEN = 2


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
