"""The configuration of a session's processes, made of the user's and the decoder's."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bci_online.config import LSL, Config, DecoderHeader, Security, given_back
from bci_online.config.kept import READING
from bci_online.session_names import session_source_id

__all__ = ["PARTS_S", "as_decoded", "overruled", "own_streams"]

PARTS_S = 30.0
"""Processes import their libraries, and a recorder may need a second attempt."""


def own_streams(config: Config, session: str, *, simulate: bool) -> Config:
    """Return the configuration of the processes: it names the session's own streams.

    Parameters
    ----------
    config : Config
        As the user gave it.
    session : str
        The session whose streams are meant.
    simulate : bool
        Whether amplifier and subject are simulated.

    Returns
    -------
    config : Config
        For processes that the conductor starts.

    See Also
    --------
    bci_online.session_names.session_source_id : Names of the streams.
    """
    markers = msgspec.structs.replace(
        config.markers, names=(session_source_id(session, "signed"),), translate=()
    )
    eeg = config.eeg
    if simulate or eeg.source != LSL:
        # The session's amplifier process sends it.
        name = session_source_id(session, "eeg")
        eeg = msgspec.structs.replace(eeg, source=LSL, name=name)
    screen = config.screen
    if simulate:
        # A simulated subject cannot be harmed, and cannot answer the warning.
        screen = msgspec.structs.replace(screen, warning=False, fullscreen=False)
    live = config.live
    # The screen's markers come when its process has begun; that takes longer on a busy computer.
    live = msgspec.structs.replace(live, resolve_timeout=max(PARTS_S, live.resolve_timeout))
    own = {"eeg": eeg, "markers": markers, "screen": screen, "live": live}
    return msgspec.structs.replace(config, **own, security=Security())


def as_decoded(config: Config, header: DecoderHeader) -> Config:
    """Return `config` with the decoder's layout, stopping rule and epochs or windows.

    Parameters
    ----------
    config : Config
        As the user gave it.
    header : DecoderHeader
        Of the decoder.

    Returns
    -------
    config : Config
        Streams, markers and presentation are still those of the user.

    See Also
    --------
    overruled : What has no effect.
    """
    return given_back(
        config, header, eeg=config.eeg, markers=config.markers, presentation=config.presentation
    )


def overruled(given: Mapping[str, Any], config: Config, header: DecoderHeader) -> list[str]:
    """Return which values of a configuration have no effect, because the decoder's are used.

    Parameters
    ----------
    given : mapping
        The tables of its file: a default contradicts nothing.
    config : Config
        The configuration that the file gives.
    header : DecoderHeader
        Of the decoder.

    Returns
    -------
    lines : list of str
        One for each value.

    See Also
    --------
    as_decoded : The configuration that holds.
    """
    own = given_back(config, header, except_for=("presentation", *READING))
    lines: list[str] = []
    for table, keys in given.items():
        for key in keys if isinstance(keys, dict) else ():
            asked = getattr(getattr(config, table), key)
            has = getattr(getattr(own, table), key)
            if asked != has:
                lines.append(
                    f"{table}.{key} is the decoder's, {_shown(has)}; the configuration's "
                    f"{_shown(asked)} holds once a decoder is trained with it"
                )
    return lines


def _shown(value: object) -> str:
    return msgspec.json.encode(value).decode()
