"""Norms and proximal operators of one vector cut into groups by ``starts``.

Group g is ``v[starts[g]:starts[g + 1]]``, never empty. The proximal operator of a norm at v is
``argmin_x ½‖x − v‖₂² + τ‖x‖``. Operators without a closed form are compiled.
"""

import numpy as np

from calibration.sparse.compiled import compiled

_MAX_ROOT_STEPS = 200


def group_norms(v: np.ndarray, starts: np.ndarray, q: float) -> np.ndarray:
    """Return ‖v_g‖_q of every group, q in [1, ∞]."""
    first = starts[:-1]
    if q == 2.0:
        return np.sqrt(np.add.reduceat(v * v, first))
    if q == 1.0:
        return np.add.reduceat(np.abs(v), first)
    tops = np.maximum.reduceat(np.abs(v), first)
    if q == np.inf:
        return tops
    # Relative to the largest entry: large powers of raw values overflow.
    scale = np.where(tops > 0.0, tops, 1.0)
    shares = np.abs(v) / np.repeat(scale, np.diff(starts))
    return tops * np.add.reduceat(shares**q, first) ** (1.0 / q)


def prox_groups(v: np.ndarray, starts: np.ndarray, steps: np.ndarray, q: float) -> np.ndarray:
    """Return the proximal operator of Σ_g steps_g ‖·‖_q at v."""
    if q == 1.0:
        return soft_threshold(v, np.repeat(steps, np.diff(starts)))
    if q == 2.0:
        norms = group_norms(v, starts, 2.0)
        kept = norms > steps
        shrink = np.where(kept, 1.0 - steps / np.where(kept, norms, 1.0), 0.0)
        return v * np.repeat(shrink, np.diff(starts))
    kernel = _prox_max if q == np.inf else _prox_power
    x = np.empty_like(v)
    for a, b, step in zip(starts[:-1], starts[1:], steps, strict=True):
        x[a:b] = kernel(v[a:b], step, q)
    return x


def soft_threshold(v: np.ndarray, step: float | np.ndarray) -> np.ndarray:
    """Return the proximal operator of step·‖·‖₁."""
    return np.sign(v) * np.maximum(np.abs(v) - step, 0.0)


@compiled
def length(v: np.ndarray, start: int, stop: int) -> float:
    """Return ‖v[start:stop]‖₂."""
    square = 0.0
    for i in range(start, stop):
        square += v[i] * v[i]
    return np.sqrt(square)


def _prox_max(v: np.ndarray, step: float, q: float) -> np.ndarray:
    """Clip v at the height above which exactly ``step`` of |v| lies (v minus its ℓ1-projection)."""
    ordered = np.sort(np.abs(v))[::-1]
    above = np.cumsum(ordered) - step
    if above[-1] <= 0.0:
        return np.zeros_like(v)
    heights = above / np.arange(1, v.size + 1)
    # The entries before the first height that no later one exceeds are clipped.
    clipped = int(np.argmax(heights >= np.append(ordered[1:], 0.0)))
    return np.clip(v, -heights[clipped], heights[clipped])


@compiled
def _component(a: float, s: float, step: float, q: float) -> float:
    """Return the root z of s·z + step·z^(q−1) = a; all arguments are positive."""
    # In z for q ≥ 2 and in u = z^(q−1) for q < 2 the left side is convex and increasing, so Newton
    # from above falls monotonically onto the root.
    power = q - 1.0 if q >= 2.0 else 1.0 / (q - 1.0)
    linear = s if q >= 2.0 else step
    curved = step if q >= 2.0 else s
    root = min(a / linear, (a / curved) ** (1.0 / power))
    for _ in range(_MAX_ROOT_STEPS):
        bent = curved * root ** (power - 1.0)
        move = (linear * root + bent * root - a) / (linear + power * bent)
        if move <= 1e-16 * root:
            break
        root -= move
    return root if q >= 2.0 else root**power


@compiled
def _prox_power(v: np.ndarray, step: float, q: float) -> np.ndarray:
    """Return the proximal operator of step·‖·‖_q for 1 < q < ∞.

    x = s·z with s = ‖x‖_q: each z_i solves s z_i + step z_i^(q−1) = |v_i|, and s is the root of
    ‖z(s)‖_q = 1, which falls in s.
    """
    x = np.zeros_like(v)
    top = np.abs(v).max()
    if top == 0.0:
        return x
    a, tau, dual = np.abs(v) / top, step / top, q / (q - 1.0)
    if np.sum(a**dual) ** (1.0 / dual) <= tau:
        return x
    if tau == 0.0:
        return v.copy()
    low, high = 0.0, np.sum(a**q) ** (1.0 / q)
    s, z = high, np.zeros_like(a)
    for _ in range(_MAX_ROOT_STEPS):
        mass, slope = 0.0, 0.0
        for i in range(a.size):
            z[i] = _component(a[i], s, tau, q) if a[i] > 0.0 else 0.0
            if z[i] > 0.0:
                power = z[i] ** q
                mass += power
                slope += q * power / (s + tau * (q - 1.0) * z[i] ** (q - 2.0))
        if mass >= 1.0:
            low = s
        else:
            high = s
        move = mass * np.log(mass) / slope if mass > 0.0 else -s
        if abs(move) <= 4e-16 * s or high - low <= 2e-16 * high:
            break
        s = s + move if low < s + move < high else 0.5 * (low + high)
    return np.sign(v) * (top * s) * z


@compiled
def split_sensors_times(
    V: np.ndarray, rows: np.ndarray, columns: np.ndarray, max_sweeps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split V into a part per row and a part per column as far as balls allow.

    Minimises ½‖V − R − C‖² with ‖R[c]‖ ≤ rows[c] and ‖C[:, t]‖ ≤ columns[t] by alternating
    projections, the dual of the sensor + time penalty; ``V − R − C`` is its proximal operator.

    Parameters
    ----------
    V : ndarray, shape (n_channels, n_subjects * n_times)
        Time t of all subjects is one column: t, n_times + t, …
    rows, columns : ndarray, shape (n_channels,) and (n_times,)
        Radii.
    max_sweeps : int

    Returns
    -------
    R, C : ndarray, shape of V
        Within their balls, whatever the number of sweeps.
    """
    R, C, ahead, before = np.empty(V.shape), np.zeros(V.shape), np.zeros(V.shape), np.empty(V.shape)
    momentum, top = 1.0, 0.0
    for c in range(V.shape[0]):
        for t in range(V.shape[1]):
            top = max(top, abs(V[c, t]))
    for _ in range(max_sweeps):
        before[:] = C
        _project_rows(V, ahead, rows, R)
        _project_columns(V, R, columns, C)
        # One round is a proximal gradient step of length one on C, so it may be accelerated.
        worst, backwards = 0.0, 0.0
        for c in range(V.shape[0]):
            for t in range(V.shape[1]):
                worst = max(worst, abs(C[c, t] - ahead[c, t]))
                backwards += (ahead[c, t] - C[c, t]) * (C[c, t] - before[c, t])
        if worst <= 1e-14 * top:
            break
        momentum = 1.0 if backwards > 0.0 else momentum
        grown = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum * momentum))
        for c in range(V.shape[0]):
            for t in range(V.shape[1]):
                ahead[c, t] = C[c, t] + (momentum - 1.0) / grown * (C[c, t] - before[c, t])
        momentum = grown
    _project_rows(V, C, rows, R)
    return R, C


@compiled
def _project_rows(V: np.ndarray, C: np.ndarray, radii: np.ndarray, out: np.ndarray) -> None:
    """Write the rows of V − C, each brought onto the ball of its radius, into ``out``."""
    for c in range(V.shape[0]):
        square = 0.0
        for t in range(V.shape[1]):
            out[c, t] = V[c, t] - C[c, t]
            square += out[c, t] ** 2
        if square > radii[c] ** 2:
            for t in range(V.shape[1]):
                out[c, t] *= radii[c] / np.sqrt(square)


@compiled
def _project_columns(V: np.ndarray, R: np.ndarray, radii: np.ndarray, out: np.ndarray) -> None:
    """Write the columns of V − R, each brought onto the ball of its radius, into ``out``."""
    n_times = radii.size
    shrink = np.zeros(n_times)
    for c in range(V.shape[0]):
        for t in range(V.shape[1]):
            out[c, t] = V[c, t] - R[c, t]
            shrink[t % n_times] += out[c, t] ** 2
    for t in range(n_times):
        shrink[t] = radii[t] / np.sqrt(shrink[t]) if shrink[t] > radii[t] ** 2 else 1.0
    for c in range(V.shape[0]):
        for t in range(V.shape[1]):
            out[c, t] *= shrink[t % n_times]
