"""From a decoder to the chain that it was trained for."""

import hashlib
from pathlib import Path

from bci_online.acquisition.file_names import files_of
from bci_online.config import (
    DecoderHeader,
    MarkerStream,
    Preprocessing,
    Stopping,
)
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.stream_rate import decoder_at_rate
from bci_online.decoding.uncalibrated import UncalibratedDecoder
from bci_online.errors import ConfigError, DecoderMismatchError
from bci_online.messages import StreamSpec
from bci_online.paradigms.motor_imagery.decision import MotorImagery
from bci_online.paradigms.motor_imagery.session_fit import SessionFit
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.earlier_response import EarlierResponse
from bci_online.paradigms.p300.text_prior import TextPrior
from bci_online.paradigms.p300.uncalibrated import UncalibratedSpeller
from bci_online.paradigms.p300.undoing import UndoingSpeller
from bci_online.paradigms.paradigm import Paradigm
from bci_online.preprocessing.cutting import Cutting
from bci_online.preprocessing.windowing import Windowing
from bci_online.runtime.chain import Chain
from bci_online.runtime.feedback_scores import FeedbackScores, KeptOutcomes
from bci_online.runtime.fitted_decoders import letter_reader
from bci_online.runtime.lagged_scores import lagged_scores_of
from bci_online.runtime.session_recentring import recentring_of
from bci_online.runtime.steering import Steering

__all__ = ["online_chain", "recording_content", "was_trained_on"]


def recording_content(path: Path) -> tuple[int, str]:
    """Return a recording's size in bytes and its SHA-256.

    Parameters
    ----------
    path : Path
        Any file; what a header leaves to other files belongs to it.

    Returns
    -------
    size : int
        In bytes.
    digest : str
        SHA-256, in hexadecimal digits.

    See Also
    --------
    was_trained_on : Compares with a decoder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     _ = path.write_bytes(b"XDF:")
    ...     recording_content(path)[0]
    4
    """
    digest = hashlib.sha256()
    for part in files_of(path):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return _size(path), digest.hexdigest()


def was_trained_on(decoder: Decoder, path: Path) -> bool:
    """Return whether a decoder was trained on exactly this recording.

    Parameters
    ----------
    decoder : Decoder
        Its header has the content of each recording.
    path : Path
        The recording.

    Returns
    -------
    trained : bool
        The file's name does not matter.

    See Also
    --------
    recording_content : What is compared.

    Examples
    --------
    >>> import tempfile
    >>> from types import SimpleNamespace
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     _ = path.write_bytes(b"XDF:")
    ...     header = SimpleNamespace(trained_on=(recording_content(path),))
    ...     was_trained_on(SimpleNamespace(header=header), path)
    True
    """
    # The size is compared first: hashing a long recording takes seconds.
    same_size = any(size == _size(path) for size, _ in decoder.header.trained_on)
    return same_size and recording_content(path) in decoder.header.trained_on


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in files_of(path))


def online_chain(
    decoder: Decoder,
    spec: StreamSpec,
    dynamic: bool = True,
    max_repetitions: int | None = None,
    markers: MarkerStream | None = None,
    any_layout: bool = True,
    errp: Decoder | None = None,
) -> tuple[Chain, Paradigm]:
    """Build the chain that a decoder was trained for, and nothing else.

    Parameters
    ----------
    decoder : Decoder
        Its header decides everything. A TOML file only says how to read foreign markers.
    spec : StreamSpec
        The stream to decode.
    dynamic : bool
        False: decide after all repetitions, or with a trial's last window.
    max_repetitions : int, optional
        Instead of the decoder's own.
    markers : MarkerStream, optional
        Its ``translate`` table replaces the decoder's.
    any_layout : bool
        False: a layout that a marker states must be the decoder's, else it is refused.
    errp : Decoder, optional
        Reads the error potentials after a speller's answers, which may take letters back.

    Returns
    -------
    chain : Chain
        Fresh.
    paradigm : Paradigm
        What decides in it.

    Raises
    ------
    DecoderMismatchError
        If the stream does not fit the decoder, or the decoder lacks what it needs.
    ConfigError
        If `max_repetitions` is below 1 or makes no sense for the paradigm.

    See Also
    --------
    bci_online.runtime.replay.replay : Run a source through the chain.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import DecoderHeader, EpochSpec, Preprocessing, Simulation
    >>> from bci_online.decoding.decoder_file import make_decoder
    >>> from bci_online.messages import Marker, Score
    >>> preprocessing = Preprocessing(
    ...     sfreq=128.0, ch_names=("Cz", "Pz"), unit="microvolts", epoch=EpochSpec(tmax=0.6)
    ... )
    >>> arrays = {"coef": np.ones((2, 13)), "center": np.zeros((2, 13)),
    ...           "scale": np.ones(2), "intercept": np.zeros(1)}
    >>> decoder = make_decoder(DecoderHeader(method="lda", preprocessing=preprocessing), arrays)
    >>> amplifier = SimulatedAmplifier(Simulation(sfreq=128.0, ch_names=("Pz", "Cz", "Oz")))
    >>> chain, speller = online_chain(decoder, amplifier.spec)
    >>> for text, time in [("trial/start/1/A", 5.0), ("flash/3/unknown", 6.0)]:
    ...     amplifier.mark(Marker(text, time))
    >>> amplifier.advance(8.0)
    >>> messages = chain.push(amplifier.read())
    >>> [message.marker.text for message in messages if isinstance(message, Score)]
    ['flash/3/unknown']
    """
    decoder, notes = decoder_at_rate(decoder, spec)
    header = decoder.header
    if header.preprocessing.epoch.after == "feedback":
        raise DecoderMismatchError(
            "the decoder reads error potentials, not letters; give it with --errp, beside the "
            "decoder of the letters"
        )
    preprocessing = header.preprocessing
    paradigm: Paradigm
    cutting: Cutting | None = None
    if preprocessing.window is None:
        paradigm = _speller(decoder, spec, _stopping(header, max_repetitions), dynamic, errp)
    else:
        if max_repetitions is not None:
            raise ConfigError("--max-repetitions is for spellers; imagery has no repetitions")
        if errp is not None:
            raise ConfigError("--errp is for spellers; imagery takes nothing back")
        paradigm = MotorImagery(
            header.classes,
            header.evidence,
            preprocessing.starts,
            preprocessing.scored_s,
            dynamic,
            SessionFit.of(header),
        )
        cutting = Windowing(preprocessing, decoder.limits, recentring_of(decoder))
    translate = header.translate if markers is None else markers.translate
    lagged = lagged_scores_of(decoder)
    steering = Steering(None if any_layout else header.layout.symbols_of_code)
    chain = Chain(preprocessing, spec, paradigm, decoder, translate, cutting, lagged, steering)
    chain.warnings[:0] = notes
    if errp is not None:
        _read_errors(chain, errp, preprocessing, spec)
    return chain, paradigm


def _speller(
    decoder: Decoder, spec: StreamSpec, stopping: Stopping, dynamic: bool, errp: Decoder | None
) -> Paradigm:
    """Return what decides letters, and with `errp` takes them back."""
    header, prior = decoder.header, TextPrior()
    tmax = header.preprocessing.epoch.tmax
    own = header.layout.symbols_of_code, header.evidence, stopping, tmax, dynamic, prior
    if isinstance(decoder, UncalibratedDecoder):
        latencies = header.preprocessing.epoch.latencies.size, header.preprocessing.epoch.step
        speller: P300Speller = UncalibratedSpeller(
            *own,
            reader_of=lambda text: letter_reader(text, decoder, spec),
            response=EarlierResponse(decoder.arrays.get("response"), *latencies),
        )
    else:
        speller = P300Speller(*own)
    return speller if errp is None else UndoingSpeller(speller, prior, errp.header.evidence)


def _read_errors(chain: Chain, errp: Decoder, own: Preprocessing, spec: StreamSpec) -> None:
    """Let a chain of letters read the error potentials after its answers."""
    errp, notes = decoder_at_rate(errp, spec)
    of_errors = errp.header.preprocessing
    if of_errors.epoch.after != "feedback":
        raise DecoderMismatchError(
            "--errp: that decoder does not read error potentials; make one with bci-calibrate "
            "train --paradigm errp"
        )
    if of_errors.epoch.tmax > own.epoch.tmax:
        # The letters' chain would serve an answer before its epoch is over.
        raise DecoderMismatchError(
            f"--errp: its epochs last {of_errors.epoch.tmax:g} s, those of the letters "
            f"{own.epoch.tmax:g} s; train it with epoch.tmax of at most that"
        )
    kept = KeptOutcomes()
    try:
        beside = Chain(of_errors, spec, kept, errp, chain.translator.rules)
    except DecoderMismatchError as error:
        raise DecoderMismatchError(f"--errp: {error}") from None
    chain.warnings += [f"error potentials: {text}" for text in (*notes, *beside.warnings)]
    chain.feedback = FeedbackScores(beside, kept)


def _stopping(header: DecoderHeader, max_repetitions: int | None) -> Stopping:
    if max_repetitions is None:
        return header.stopping
    if max_repetitions < 1:
        raise ConfigError(f"--max-repetitions {max_repetitions} must be at least 1")
    return Stopping(
        error_rate=header.stopping.error_rate,
        min_repetitions=min(header.stopping.min_repetitions, max_repetitions),
        max_repetitions=max_repetitions,
    )
