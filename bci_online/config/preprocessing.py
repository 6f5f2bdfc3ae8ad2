"""What a configuration makes of a stream."""

from bci_online.config.decoder import Preprocessing
from bci_online.config.sections import Config
from bci_online.errors import RecordingError
from bci_online.messages import StreamSpec

__all__ = ["preprocessing_for"]


def preprocessing_for(config: Config, spec: StreamSpec) -> Preprocessing:
    """Return what the configuration makes of a stream.

    Raises
    ------
    RecordingError
        If a channel that the configuration names is not there, or none is left.
    """
    asked = config.eeg.channels or tuple(
        name
        for name, kind in zip(spec.ch_names, spec.ch_types, strict=True)
        if kind.upper() == "EEG" and name not in (*config.eeg.exclude, config.eeg.counter)
    )
    for key, names in (("channels", asked), ("exclude", config.eeg.exclude)):
        missing = [name for name in names if name not in spec.ch_names]
        if missing:
            raise RecordingError(
                f"eeg.{key}: {', '.join(missing)} not in stream {spec.name!r}, which has "
                f"{', '.join(spec.ch_names)}"
            )
    chosen = tuple(name for name in asked if name not in config.eeg.exclude)
    if not chosen:
        raise RecordingError(
            f"stream {spec.name!r} has no channel of type EEG left; name some in eeg.channels"
        )
    try:
        return Preprocessing(
            ch_names=chosen,
            sfreq=spec.sfreq,
            unit=spec.unit,
            stream_reference=spec.reference,
            amplifier=spec.amplifier,
            reference=config.eeg.reference,
            filter=config.filter,
            epoch=config.epoch,
            window=config.window if config.paradigm == "motor_imagery" else None,
            interval=config.evidence,
            max_bridge=config.eeg.max_bridge,
            counter=config.eeg.counter,
            counter_modulus=config.eeg.counter_modulus,
            counter_step=config.eeg.counter_step,
            display_delay=config.markers.display_delay,
            amplifier_delay=config.markers.amplifier_delay,
        )
    except ValueError as error:
        raise RecordingError(f"stream {spec.name!r}: {error}") from None
