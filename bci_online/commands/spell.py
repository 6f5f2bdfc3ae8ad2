"""`bci-online spell`: a live spelling session with a decoder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import (
    ErrorPotentials,
    NoCalibration,
    OptionalDecoder,
    check_decoder,
    session_command,
)
from bci_online.console import plain
from bci_online.counted import counted
from bci_online.errors import BciError

if TYPE_CHECKING:
    from bci_online.commands.session_request import SessionRequest
    from bci_online.config import Config, DecoderHeader, Presentation
    from bci_online.session.summary import SessionSummary

__all__ = ["spell"]

UNCALIBRATED = (
    "without calibration the first letters take some ten repetitions; they make a decoder for the "
    "later ones"
)
FIRST_LETTERS = 10


@session_command
def spell(
    request: "SessionRequest",
    decoder: OptionalDecoder = None,
    copy: Annotated[str, typer.Option(help="what to copy; if left out, as the subject likes")] = "",
    wish: Annotated[
        str, typer.Option(help="what the simulated subject writes, with suggestions and mistakes")
    ] = "",
    no_prior: Annotated[
        bool, typer.Option("--no-prior", help="every letter alike: no language")
    ] = False,
    no_calibration: NoCalibration = False,
    errp: ErrorPotentials = None,
    library: Annotated[
        Path | None,
        typer.Option(help="with --no-calibration: a folder of earlier sessions to start from"),
    ] = None,
) -> None:
    """Spell live with a decoder, or without any calibration; everything is recorded."""
    import msgspec

    from bci_online.config import check_paradigm, read_config, read_tables
    from bci_online.decoding.decoder_file import read_decoder
    from bci_online.runtime.no_calibration import check_uncalibrated
    from bci_online.session.conductor import conduct
    from bci_online.session.config import overruled
    from bci_online.session.library_start import start_from
    from bci_online.session.plan import SessionMode

    check_decoder(decoder, no_calibration=no_calibration)
    if library is not None and decoder is not None:
        raise BciError(
            "--library: is for --no-calibration; a decoder learns from it with bci-calibrate train"
        )
    header = None if decoder is None else read_decoder(decoder).header
    given = read_config(request.config_path)
    if header is not None:
        check_paradigm(header, given if request.config_path else None)
    else:
        check_uncalibrated(given)
    _check(copy, wish, simulate=request.simulate)
    _check_errp(errp, header)
    tables = {} if request.config_path is None else read_tables(request.config_path)
    config = _as_spelled(given, header, request.config_path, prior=not no_prior)
    mode: SessionMode = "copy" if copy else "free"
    words = config.layout.words(copy)
    plan = request.plan(config, "p300", mode, words=words, wish=wish, decoder=decoder)
    plan = msgspec.structs.replace(plan, no_calibration=no_calibration, errp=errp)
    show = request.session_output()
    if header is None:
        show.note(_uncalibrated(config))
    else:
        for line in (*overruled(tables, given, header), *_expected(config, header)):
            show.note(line)
    with start_from(library, request.subject, show.note) as start:
        plan = msgspec.structs.replace(plan, start=start)
        with show.session(f"copying {copy}" if copy else "spelling", plan) as observe:
            summary = conduct(plan, observe, show.accept)
    show.summary(summary.row(), _outcome(summary), f"recorded in {plan.folder.recording}")


def _uncalibrated(config: "Config") -> str:
    """Return what a person should know who spells without calibration."""
    most, text = config.stopping.max_repetitions, UNCALIBRATED
    if config.adaptation.on:
        text += ", so adaptation.on has no part in it"
    if most < FIRST_LETTERS:
        text += f"; stopping.max_repetitions = {most} ends them before: 15 is usual"
    return text


def _check(copy: str, wish: str, *, simulate: bool) -> None:
    if simulate and not copy and not wish:
        raise BciError(
            "--simulate needs --copy WORD, or --wish WORD for a subject who spells freely"
        )
    if wish and (copy or not simulate):
        raise BciError("--wish is for a simulated subject who spells freely: without --copy")


def _check_errp(errp: Path | None, letters: "DecoderHeader | None") -> None:
    """Refuse decoders in each other's place before any process starts."""
    from bci_online.decoding.decoder_file import read_decoder

    if letters is not None and letters.preprocessing.epoch.after == "feedback":
        raise BciError("--decoder: that decoder reads error potentials; give it with --errp")
    if errp is None:
        return
    if read_decoder(errp).header.preprocessing.epoch.after != "feedback":
        raise BciError(
            f"--errp {errp}: that decoder does not read error potentials; make one with "
            "bci-calibrate train --paradigm errp"
        )


def _as_spelled(
    given: "Config", header: "DecoderHeader | None", config_path: Path | None, *, prior: bool
) -> "Config":
    """Return the session's configuration: streams, timing and screen as given, else the decoder's.

    Without a configuration the timing is the decoder's too. Without a `prior` all symbols are
    equally likely, whatever language the configuration names.
    """
    import msgspec

    from bci_online.config import LanguageSpec
    from bci_online.session.config import as_decoded

    config = given if header is None else as_decoded(given, header)
    if not prior:
        config = msgspec.structs.replace(config, language=LanguageSpec())
    if header is not None and config_path is None:
        config = msgspec.structs.replace(config, presentation=header.presentation)
    return config


def _expected(config: "Config", header: "DecoderHeader") -> list[str]:
    """Return what a person may expect of this session, line by line."""
    from bci_online.terminal.expected_letters import expected_lines

    own, trained = _pace(config.presentation), _pace(header.presentation)
    lines = expected_lines(header)
    if own == trained:
        return lines
    other = (
        f"the decoder was trained at {trained}, this session flashes {own}: expect other error "
        "rates"
    )
    return [other, *lines]


def _outcome(summary: "SessionSummary") -> str:
    screen, engine = summary.screen, summary.engine
    if screen is None or engine is None:
        return "a part of the session left no figures"
    if not engine.known:
        # Free text is shown on the subject's own screen only.
        return f"{counted(engine.decisions, 'symbol')} chosen in {counted(screen.trials, 'trial')}"
    return (
        f"spelled {plain(screen.spelled)}: {engine.correct} of {engine.known} "
        f"right, {engine.itr_bits_per_min:.1f} bit/min with all pauses"
    )


def _pace(presentation: "Presentation") -> str:
    flash, gap = (1000 * n / presentation.refresh_hz for n in presentation.frames())
    return f"{flash:.0f} ms on, {gap:.0f} ms off"
