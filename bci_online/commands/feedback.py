"""`bci-online feedback`: a live session of motor imagery with a decoder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import EarlierRuns, earlier_recordings, session_command
from bci_online.counted import counted
from bci_online.errors import ConfigError

if TYPE_CHECKING:
    from bci_online.commands.session_request import SessionRequest
    from bci_online.config import Config, DecoderHeader
    from bci_online.summaries import Summary

__all__ = ["as_cued", "feedback"]


@session_command
def feedback(
    request: "SessionRequest",
    decoder: Annotated[Path, typer.Option("--decoder", help="of motor imagery")],
    after: EarlierRuns = None,
) -> None:
    """Cue motor imagery, decode it live and show the subject how it goes; all is recorded."""
    from bci_online.config import check_paradigm, read_config, read_tables
    from bci_online.decoding.decoder_file import read_decoder
    from bci_online.session.conductor import conduct
    from bci_online.session.config import overruled

    loaded = read_decoder(decoder)
    header = loaded.header
    given = read_config(request.config_path)
    check_paradigm(header, given if request.config_path else None)
    config = as_cued(given, header, has_config=request.config_path is not None)
    tables = {} if request.config_path is None else read_tables(request.config_path)
    earlier = earlier_recordings(after)
    if earlier:
        from bci_online.runtime.earlier_runs import check_goes_on

        check_goes_on(header)
    plan = request.plan(config, "feedback", "feedback", decoder=decoder, after=earlier)
    show = request.session_output()
    for line in [*overruled(tables, given, header), *_expected(header)]:
        show.note(line)
    with show.session("motor imagery with feedback", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(summary.row(), *_outcome(summary.engine), f"recorded in {plan.folder.recording}")


def as_cued(config: "Config", header: "DecoderHeader", *, has_config: bool) -> "Config":
    """Return the configuration of a session that this decoder can judge.

    Parameters
    ----------
    config : Config
        The configuration that was given, or the defaults.
    header : DecoderHeader
        Header of the decoder.
    has_config : bool
        Whether `config` was given; otherwise cues ask for the decoder's classes.

    Raises
    ------
    ConfigError
        If the decoder is not for imagery, or a cue names a class that it does not know.
    """
    import msgspec

    from bci_online.config import REST
    from bci_online.session.config import as_decoded

    if header.paradigm != "motor_imagery":
        raise ConfigError(
            f"the decoder is for {header.paradigm!r}; feedback needs one for 'motor_imagery' "
            "(bci-calibrate train --method csp-lda)"
        )
    config = as_decoded(config, header)
    if not has_config:
        shown = msgspec.structs.replace(header.presentation, classes=header.classes)
        config = msgspec.structs.replace(config, presentation=shown)
    unknown = [name for name in config.presentation.classes if name not in (*header.classes, REST)]
    if unknown:
        raise ConfigError(
            f"presentation.classes: the decoder cannot decide {', '.join(unknown)}; "
            f"it knows {', '.join(header.classes)}"
        )
    placed = config.imagery.directions_of(config.presentation.classes)
    nowhere = [name for name in config.presentation.classes if name not in (*placed, REST)]
    if nowhere:
        raise ConfigError(
            f"presentation.classes: feedback has only four directions, none for "
            f"{', '.join(nowhere)}; choose fewer classes"
        )
    return config


def _expected(header: "DecoderHeader") -> list[str]:
    """Return what to expect, by the decoder's held-out trials."""
    from bci_online.config import DecoderMetrics

    found = DecoderMetrics.of(header.metrics)
    if not found.trials:
        return []
    low, high = found.right_low or 0.0, found.right_high or 0.0
    stated = f"{100 * header.evidence.error_rate:g} % errors of the decided stated"
    promise = "" if header.evidence.promised else " (too few trials to promise that)"
    return [
        f"held-out trials: {found.right} of {found.trials} right "
        f"({100 * low:.0f}-{100 * high:.0f} %), {found.decided} decided; {stated}{promise}",
        *_expected_at_rest(header),
    ]


def _expected_at_rest(header: "DecoderHeader") -> list[str]:
    if header.evidence.expected_false is None:
        return []
    low, often, high = header.evidence.expected_false
    stated = header.stopping.false_activations_per_minute
    return [
        f"at rest {often:.2g} false activations per minute expected ({low:.1f}-{high:.1f}); "
        f"{stated:g} stated"
    ]


def _outcome(engine: "Summary | None") -> list[str]:
    """Return the result of the session, in lines for a person."""
    if engine is None:
        return []
    right = f"{engine.correct} of {engine.known} right"
    if engine.accuracy_ci is not None:
        low, high = (100 * share for share in engine.accuracy_ci)
        right += f" (95 % interval {low:.0f}-{high:.0f} %)"
    lines = [
        f"{right}, {counted(engine.no_decision, 'timeout')} counted as wrong, "
        f"{engine.itr_bits_per_min:.1f} bit/min with all pauses"
    ]
    often = engine.false_activations_per_min
    if often is not None:
        interval = ""
        if engine.false_activations_ci is not None:
            low, high = engine.false_activations_ci
            interval = f" (95 % interval {low:.1f}-{high:.1f})"
        rest = counted(engine.false_activations or 0, "false activation")
        lines.append(f"at rest {rest}, {often:.1f} per minute{interval}")
    return lines
