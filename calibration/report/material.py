"""What a report shows: a decoder, and what its recordings hold."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from bci_online.config import Config, DecoderHeader, EpochSpec, given_back, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.replay import replay
from bci_online.runtime.sources import FAST_CHUNK_S, recording
from bci_online.runtime.tally import Summary, Tally
from calibration.motor_imagery.window_set import WindowSet
from calibration.motor_imagery.windows import windows_of
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.sensor_figure import measured_paths
from calibration.recordings import contents_of
from calibration.report.report_files import ReportFiles
from calibration.report.signal_quality import SignalQuality, signal_quality
from calibration.sparse.sensor_path import SensorPath

__all__ = ["Material", "config_of", "gather"]

FINE_S = 0.01
NO_PATHS: Mapping[str, SensorPath] = {}


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows; None or empty where there is nothing to show.

    Parameters
    ----------
    decoder : Decoder
        What the page is about.
    n_recordings : int
        Recordings that the decoder was trained on, and that were given.
    recorded : RecordedEpochs, optional
        Epochs of flashes, at latencies about ten milliseconds apart.
    windows : WindowSet, optional
        Windows of imagery.
    qualities : tuple of SignalQuality
        The signal of each recording.
    paths : mapping of str to SensorPath
        AUC against the number of sensors, by method.
    sessions : tuple of Summary
        How the decoder does on recordings that it was not trained on.

    See Also
    --------
    gather : Makes it.
    calibration.report.sections.report_page : Shows it.
    """

    decoder: Decoder
    n_recordings: int = 0
    recorded: RecordedEpochs | None = None
    windows: WindowSet | None = None
    qualities: tuple[SignalQuality, ...] = ()
    paths: Mapping[str, SensorPath] = {}
    sessions: tuple[Summary, ...] = ()


def gather(
    files: ReportFiles,
    sensor_path: bool = False,
    paths: Mapping[str, SensorPath] = NO_PATHS,
    say: Callable[[str], None] = lambda _: None,
) -> Material:
    """Read the decoder and look at the recordings.

    Parameters
    ----------
    files : ReportFiles
        Those of the decoder.
    sensor_path : bool
        Measure the AUC of flashes against the number of sensors, which takes minutes.
    paths : mapping of str to SensorPath
        The same, if it was measured before.
    say : callable
        Called with each step that begins.

    Returns
    -------
    material : Material
        All that the page shows.

    Raises
    ------
    BciError
        If a file is not usable, or the decoder was not trained on one of the recordings.

    See Also
    --------
    calibration.report.report_files.find : Finds the files.
    calibration.report.sections.report_page : Makes the page.
    """
    decoder = read_decoder(files.decoder)
    stated = Config() if files.config is None else read_config(files.config)
    config = config_of(decoder.header, stated)
    is_speller = config.paradigm == "p300"
    if sensor_path and not (is_speller and files.recordings):
        raise BciError(
            "--sensor-path: is measured on flashes, with the recordings that the decoder was "
            "trained on; name them, or leave it out"
        )
    _check_contents(decoder.header, files.recordings)
    recorded, windows = None, None
    if files.recordings:
        say("the recordings through the online chain")
        if is_speller:
            recorded = _epochs(files.recordings, config, decoder.header)
        else:
            windows = windows_of(files.recordings, config)
    if sensor_path and recorded is not None and not paths:
        say("accuracy against the number of sensors")
        paths = measured_paths(_at_steps(recorded.all(), decoder.header), config)
    say("the signal")
    qualities = tuple(signal_quality(path, config) for path in (*files.recordings, *files.session))
    if files.session:
        say("replay of the session")
    return Material(
        decoder=decoder,
        n_recordings=len(files.recordings),
        recorded=recorded,
        windows=windows,
        qualities=qualities,
        paths=paths,
        sessions=tuple(_replayed(decoder, path, config) for path in files.session),
    )


def _at_steps(epochs: EpochSet, header: DecoderHeader) -> EpochSet:
    """Return epochs of fine latencies at the latencies of the decoder."""
    epoch = header.preprocessing.epoch
    every = round(epoch.step / epochs.preprocessing.epoch.step)
    preprocessing = msgspec.structs.replace(epochs.preprocessing, epoch=epoch)
    return msgspec.structs.replace(epochs, X=epochs.X[:, :, ::every], preprocessing=preprocessing)


def config_of(header: DecoderHeader, stated: Config) -> Config:
    """Return the configuration that a decoder's header means; `stated` only chooses streams.

    Latencies are about ten milliseconds apart, and hold all of the decoder's.

    Parameters
    ----------
    header : DecoderHeader
        Of the decoder.
    stated : Config
        Only its streams and markers are used.

    Returns
    -------
    config : Config
        It cuts epochs from which the decoder's own latencies can be taken.

    See Also
    --------
    calibration.report.material.gather : Cuts epochs so.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> header = DecoderHeader(
    ...     method="lda", preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0)
    ... )
    >>> epoch, fine = header.preprocessing.epoch, config_of(header, Config()).epoch
    >>> epoch.step, fine.step  # five fine steps in one of the decoder's
    (0.05, 0.01)
    """
    own = header.preprocessing
    epoch = own.epoch
    finer = max(1, round(epoch.step / FINE_S))
    last = float(epoch.latencies[-1])
    channels = own.ch_names if own.window is not None else stated.eeg.channels
    eeg = msgspec.structs.replace(stated.eeg, channels=channels)
    fine = EpochSpec(tmin=epoch.tmin, tmax=last, step=epoch.step / finer)
    return given_back(Config(eeg=eeg, markers=stated.markers), header, epoch=fine)


def _check_contents(header: DecoderHeader, recordings: Sequence[Path]) -> None:
    for path, content in zip(recordings, contents_of(recordings), strict=True):
        if content not in header.trained_on:
            raise BciError(
                f"{path}: is not one of the {len(header.trained_on)} recordings that the decoder "
                f"was trained on (SHA-256 {content[1][:12]}…); name those, or train a decoder on it"
            )


def _epochs(paths: Sequence[Path], config: Config, header: DecoderHeader) -> RecordedEpochs:
    """Return the epochs of all EEG channels, or of the decoder's if some of those are no EEG."""
    recorded = epochs_of(paths, config)
    own = header.preprocessing.ch_names
    if set(own) <= set(recorded.all().preprocessing.ch_names):
        return recorded
    eeg = msgspec.structs.replace(config.eeg, channels=own, exclude=())
    return epochs_of(paths, msgspec.structs.replace(config, eeg=eeg))


def _replayed(decoder: Decoder, path: Path, config: Config) -> Summary:
    source = recording(path, config, FAST_CHUNK_S)
    source.open()
    chain, _ = online_chain(decoder, source.spec)
    tally = Tally(decoder.header, chain.translator.rules)
    *_, last = replay(source, chain, tally)
    source.close()
    assert isinstance(last, Summary)
    return last
