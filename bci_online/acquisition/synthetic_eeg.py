"""Synthetic EEG in microvolts: a seeded function of the sample number and of what was shown.

    channel(t) = offset + drift + line + blinks + 1/f noise + alpha    (nothing changes these)
               + Σ area  topography · rhythm(t) · sqrt(1 − ERD(t))     (imagined movement)
               + Σ flash topography · wave(t − flash)                  (P1/N1, and P300 if attended)
               + Σ wrong answer topography · wave(t − answer)          (error potential)

Noise is drawn in whole blocks, each from its own generator. So the signal does not depend on how it
is cut. A channel depends on its name alone and not on the other channels: a cap with fewer sensors
shows the same brain.
"""

import logging
import math
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.coloured_noise import ColouredNoise, pink, resonator
from bci_online.acquisition.evoked_waves import (
    ERROR_S,
    bump,
    error_potential,
    visual_potential,
)
from bci_online.acquisition.imagined_movement import (
    AREAS,
    IMAGINED,
    RAMP_S,
    Imagery,
    imagined_shares,
)
from bci_online.acquisition.montage import located, sensor_positions, topography
from bci_online.config import Simulation
from bci_online.errors import ConfigError

__all__ = ["SyntheticEEG"]

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]

BLOCK = 256  # samples that are drawn together

LOWEST_SFREQ = 64.0  # the lowest rate with room for the beta rhythm

# The purpose of a random generator is part of its seed.
SOURCES, CHANNEL, SENSOR, BLINKS, FLASHES, IMAGERY, ANSWERS = range(7)

N_SOURCES = 48
SOURCE_WIDTH = 30.0  # degrees: Cz and Fz, 36 degrees apart, then correlate by 0.7
LOWEST_PINK, DRIFT_S, DRIFT_SHARE, SENSOR_UV = 0.1, 20.0, 0.01, 0.7
ALPHA_HZ, ALPHA_WIDTH, ALPHA_BAND = 10.0, 35.0, 0.8
MU_HZ, BETA_HZ, BETA_SHARE, MU_WIDTH, MU_BAND, BETA_BAND = 11.0, 21.0, 0.5, 20.0, 2.0, 4.0
BLINK_UV, BLINK_S, BLINK_WIDTH = 120.0, 0.3, 35.0
P300_WIDTH, P300_SPREAD_S = 40.0, 0.07
VEP_WIDTH, VEP_ATTENDED = 25.0, 1.5
ERRP_WIDTH = 40.0


class _Response(NamedTuple):
    """A response to what was shown: ``wave`` (n_times, n_channels) from sample ``start`` on."""

    start: int
    wave: Array


class SyntheticEEG:
    """The EEG of one simulated subject.

    Parameters
    ----------
    simulation : Simulation
        Amplitudes in µV: RMS for noise, alpha, mu and line, peak for P300 and VEP, each at the
        sensor where it is largest.

    Attributes
    ----------
    n_taken : int
        Number of samples delivered so far, which is the number of the next one.

    Raises
    ------
    ConfigError
        If a channel is not a position of the 10-10 system, or the sampling rate is below 64 Hz.

    See Also
    --------
    bci_online.acquisition.simulator.SimulatedAmplifier : The same signal as a source with markers.

    Examples
    --------
    >>> from bci_online.config import Simulation
    >>> eeg, again = (SyntheticEEG(Simulation(ch_names=("Cz", "Pz"))) for _ in range(2))
    >>> whole = eeg.take(300)
    >>> whole.shape, bool((whole == np.concatenate([again.take(99), again.take(201)])).all())
    ((300, 2), True)
    """

    def __init__(self, simulation: Simulation) -> None:
        if simulation.sfreq < LOWEST_SFREQ:
            raise ConfigError(
                f"simulation.sfreq={simulation.sfreq:g} Hz must be at least {LOWEST_SFREQ:g} Hz"
            )
        self._model = simulation
        words = range(0, max(1, simulation.seed.bit_length()), 32)
        self._seed = [simulation.seed >> word & 0xFFFFFFFF for word in words]
        self._places = located(simulation.ch_names)
        self.n_taken = 0
        self._block = 0
        self._fixed = self._rhythms = np.empty((0, 0))
        self._used = BLOCK
        self._responses: list[_Response] = []
        self._imagery: list[Imagery] = []
        self._n_flashes = self._n_cues = self._n_errors = 0
        self._draw_channels()
        self._build_topographies()
        self._build_filters()

    def take(self, n_times: int) -> Array:
        """Return the next samples, shape (n_times, n_channels)."""
        pieces = [np.empty((0, len(self._places)))]
        end = self.n_taken + n_times
        while self.n_taken < end:
            if self._used == BLOCK:
                self._fixed, self._rhythms = self._next_block()
                self._used = 0
            n = min(BLOCK - self._used, end - self.n_taken)
            here = slice(self._used, self._used + n)
            pieces.append(self._with_responses(self._fixed[here], self._rhythms[here]))
            self._used += n
            self.n_taken += n
        return np.concatenate(pieces)

    def flash(self, time: float, attended: bool) -> None:
        """Show a flash at `time` seconds after the first sample."""
        model = self._model
        late, strength = self._jitter(FLASHES, self._n_flashes)
        self._n_flashes += 1
        latency = model.p300_latency_s + late
        start, after = self._samples(time, max(latency, 0.3) + 4 * P300_SPREAD_S)
        vep = visual_potential(after)
        wave = model.vep_uv * (VEP_ATTENDED if attended else 1.0) * np.outer(vep, self._vep)
        if attended:
            p300 = model.p300_uv * strength * bump(after, latency, P300_SPREAD_S)
            wave += np.outer(p300, self._p300)
        self._responses.append(_Response(start, wave))

    def err(self, time: float) -> None:
        """Show a wrong answer at `time` seconds after the first sample."""
        late, strength = self._jitter(ANSWERS, self._n_errors)
        self._n_errors += 1
        start, after = self._samples(time, ERROR_S)
        wave = self._model.errp_uv * strength * np.outer(error_potential(after - late), self._errp)
        self._responses.append(_Response(start, wave))

    def _jitter(self, *purpose: int) -> tuple[float, float]:
        """Return by how much one response is late in seconds, and how high it is (1: as usual)."""
        jitter = self._rng(*purpose).standard_normal(2)
        strength = max(0.0, 1 + self._model.amplitude_jitter * jitter[1])
        return self._model.latency_jitter_s * jitter[0], strength

    def _samples(self, time: float, seconds: float) -> tuple[int, Array]:
        """Return the first sample from `time` on, and how long after it the samples are."""
        start = max(0, math.ceil(time * self._model.sfreq - 1e-6))
        n_times = math.ceil(seconds * self._model.sfreq)
        return start, (start + np.arange(n_times)) / self._model.sfreq - time

    def imagine(self, label: str, time: float) -> None:
        """Let the subject imagine the movement `label` from `time` until `rest`."""
        self.rest(time)
        shares = imagined_shares(label)
        if shares is None:
            logger.warning("the simulated subject cannot imagine %r, only %s", label, [*IMAGINED])
            return
        jitter = self._rng(IMAGERY, self._n_cues).standard_normal()
        self._n_cues += 1
        depth = self._model.erd * (1 + self._model.amplitude_jitter * jitter)
        self._imagery.append(Imagery(time, np.clip(depth * np.array(shares), 0, 1)))

    def rest(self, time: float) -> None:
        """Let the subject stop imagining at `time`; nothing happens if it does not imagine."""
        if self._imagery and self._imagery[-1].end == math.inf:
            self._imagery[-1] = self._imagery[-1]._replace(end=time)

    def _rng(self, *purpose: int) -> np.random.Generator:
        # The 32-bit words that a list of these numbers would become: it takes half the time.
        return np.random.default_rng(np.array([*self._seed, *purpose], dtype=np.uint32))

    def _draw_channels(self) -> None:
        model = self._model
        # crc32, not hash(): Python's hash changes with every process.
        self._ids = [zlib.crc32(name.casefold().encode()) for name in model.ch_names]
        draws = np.array([self._rng(CHANNEL, key).uniform(-1, 1, 3) for key in self._ids]).T
        self._offset = 1000 * model.offset_mv * draws[0]
        self._line = math.sqrt(2) * model.line_uv * (1 + 0.3 * draws[1])
        self._line_phase = 0.5 * draws[2]

    def _build_topographies(self) -> None:
        model, places, known = self._model, self._places, sensor_positions()
        # Golden-angle spiral: sources spread evenly from the vertex to 110 degrees below it.
        turn = np.arange(N_SOURCES)
        height = 1 - (1 - math.cos(math.radians(110))) * (turn + 0.5) / N_SOURCES
        angle, radius = turn * math.pi * (3 - math.sqrt(5)), np.sqrt(1 - height**2)
        spiral = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), height])
        mixing = topography(places, spiral, SOURCE_WIDTH)
        self._mixing = model.noise_uv * mixing / np.linalg.norm(mixing, axis=0)

        def around(width: float, *names: str) -> Array:
            return topography(places, np.array([known[name] for name in names]), width)

        self._alpha = model.alpha_uv * around(ALPHA_WIDTH, "O1", "O2") / math.sqrt(2)
        self._areas = model.mu_uv * around(MU_WIDTH, *AREAS)
        self._blink = around(BLINK_WIDTH, "Nz")[0]
        self._p300 = np.mean(around(P300_WIDTH, "CPz", "Pz"), axis=0)
        self._errp = around(ERRP_WIDTH, "FCz")[0]
        self._vep = np.max(around(VEP_WIDTH, "PO7", "PO8", "Oz"), axis=0)

    def _build_filters(self) -> None:
        sfreq = self._model.sfreq
        settling = math.ceil(10 / LOWEST_PINK / 2 * sfreq / math.pi)
        self._make_pink = ColouredNoise(pink(sfreq, LOWEST_PINK), N_SOURCES, settling)
        self._make_alpha = ColouredNoise(resonator(ALPHA_HZ, ALPHA_BAND, sfreq), 2, settling)
        self._make_mu = ColouredNoise(resonator(MU_HZ, MU_BAND, sfreq), 3, settling)
        self._make_beta = ColouredNoise(resonator(BETA_HZ, BETA_BAND, sfreq), 3, settling)
        pole = math.exp(-1 / (DRIFT_S * sfreq))
        drift = np.array([[1.0, 0, 0, 1, -2 * pole, pole**2]])
        self._make_drift = ColouredNoise(drift, len(self._ids), math.ceil(20 * DRIFT_S * sfreq))
        # The filters run until they have settled: the signal must not begin with silence.
        self._block = -math.ceil(settling / BLOCK)
        while self._block < 0:
            self._sources()
            self._block += 1

    def _sources(self) -> tuple[Array, Array]:
        """Return 1/f noise and alpha, mixed, and the rhythms of the areas (BLOCK, 3)."""
        block = self._block if self._block >= 0 else 2**32 + self._block
        white = self._rng(SOURCES, block).standard_normal((BLOCK, N_SOURCES + 2 + 3 + 3))
        pink, alpha, mu, beta = np.split(white, np.cumsum([N_SOURCES, 2, 3]), axis=1)
        mixed = self._make_pink(pink) @ self._mixing + self._make_alpha(alpha) @ self._alpha
        return mixed, self._make_mu(mu) + BETA_SHARE * self._make_beta(beta)

    def _next_block(self) -> tuple[Array, Array]:
        model = self._model
        fixed, rhythms = self._sources()
        sensor = np.stack(
            [self._rng(SENSOR, key, self._block).standard_normal((BLOCK, 2)) for key in self._ids]
        )
        drift = 1000 * model.offset_mv * DRIFT_SHARE * self._make_drift(sensor[:, :, 0].T)
        times = (self._block * BLOCK + np.arange(BLOCK)) / model.sfreq
        phase = 2 * math.pi * np.fmod(model.line_hz * times, 1.0)[:, np.newaxis]
        fixed += self._offset + drift + SENSOR_UV * sensor[:, :, 1].T
        fixed += self._line * np.sin(phase + self._line_phase)
        fixed += np.outer(self._blinks(times), self._blink)
        self._block += 1
        return fixed, rhythms

    def _blinks(self, times: Array) -> Array:
        """Return the eyelids' potential at `times`; a blink may have begun in an earlier block."""
        seconds = BLOCK / self._model.sfreq
        potential = np.zeros(len(times))
        for block in range(self._block - math.ceil(BLINK_S / seconds), self._block + 1):
            rng = self._rng(BLINKS, block % 2**32)
            for _ in range(rng.poisson(self._model.blinks_per_min / 60 * seconds)):
                share = (times - (block + rng.uniform()) * seconds) / BLINK_S
                lid = np.sin(math.pi * np.clip(share, 0, 1)) ** 2
                potential += BLINK_UV * rng.uniform(0.7, 1.3) * lid
        return potential

    def _with_responses(self, fixed: Array, rhythms: Array) -> Array:
        """Return the next samples with everything the subject does."""
        first, last = self.n_taken, self.n_taken + len(fixed)
        self._responses = [r for r in self._responses if r.start + len(r.wave) > first]
        sfreq = self._model.sfreq
        back = first / sfreq - RAMP_S
        self._imagery = [imagery for imagery in self._imagery if imagery.end > back]
        times = np.arange(first, last) / sfreq
        gains = np.ones_like(rhythms)
        for imagery in self._imagery:
            gains *= np.sqrt(1 - np.outer(imagery.depth(times), imagery.strength))
        data = fixed.copy()
        # Not a matrix product: its rounding depends on the number of rows, so on the cutting.
        for area, heights in enumerate(self._areas):
            data += (gains[:, area] * rhythms[:, area])[:, np.newaxis] * heights
        for start, wave in self._responses:
            begin, end = max(start, first), min(start + len(wave), last)
            if begin < end:
                data[begin - first : end - first] += wave[begin - start : end - start]
        return data
