"""From a configuration and a stream to the preprocessing of a decoder."""

from bci_online.config.decoder import Preprocessing
from bci_online.config.kept import kept
from bci_online.config.sections import Config
from bci_online.errors import RecordingError
from bci_online.messages import StreamSpec
from bci_online.sensor_names import same_sensors

__all__ = ["preprocessing_for"]


def preprocessing_for(config: Config, spec: StreamSpec) -> Preprocessing:
    """Return how the signal of a stream is preprocessed under a configuration.

    Parameters
    ----------
    config : Config
        Channels, filter, and what is cut.
    spec : StreamSpec
        The stream: its channels, unit and sampling frequency.

    Returns
    -------
    preprocessing : Preprocessing
        With the unit, reference and amplifier that the stream states.

    Raises
    ------
    RecordingError
        If the stream lacks a channel that the configuration names, or no channel is left.

    See Also
    --------
    bci_online.runtime.chain.Chain : Made from it.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> from bci_online.messages import StreamSpec
    >>> names, types = ("Cz", "Pz", "EOG"), ("EEG", "EEG", "EOG")
    >>> spec = StreamSpec(name="amplifier", sfreq=256.0, ch_names=names, ch_types=types)
    >>> preprocessing_for(Config(), spec).ch_names
    ('Cz', 'Pz')
    """
    named = same_sensors((*config.eeg.channels, *config.eeg.exclude), spec.ch_names)
    exclude = [named.get(name, name) for name in config.eeg.exclude]
    asked = tuple(named.get(name, name) for name in config.eeg.channels) or tuple(
        name for name in spec.eeg_names if name not in (*exclude, config.eeg.counter)
    )
    for key, names in (("channels", asked), ("exclude", exclude)):
        missing = [name for name in names if name not in spec.ch_names]
        if missing:
            raise RecordingError(
                f"eeg.{key}: {', '.join(missing)} not in stream {spec.name!r}, which has "
                f"{', '.join(spec.ch_names)}"
            )
    chosen = tuple(name for name in asked if name not in exclude)
    if not chosen:
        channels = zip(spec.ch_names, spec.ch_types, strict=True)
        there = ", ".join(f"{name} ({kind})" for name, kind in channels)
        raise RecordingError(
            f"stream {spec.name!r} has no channel of type EEG left; name some in eeg.channels; it "
            f"has {there}"
        )
    cut = {} if config.paradigm == "motor_imagery" else {"window": None}
    try:
        return Preprocessing(
            ch_names=chosen,
            sfreq=spec.sfreq,
            unit=spec.unit,
            scaled=True,
            stream_reference=spec.reference,
            amplifier=spec.amplifier,
            **(kept(config, Preprocessing) | cut),
        )
    except ValueError as error:
        raise RecordingError(f"stream {spec.name!r}: {error}") from None
