"""`bci-online run`: decode the streams of the network."""

from bci_online.commands.options import (
    DecoderFile,
    JsonLines,
    SessionName,
    Stopping,
    StoppingRule,
    StreamsConfig,
)
from bci_online.option_values import parse_json, session_name

__all__ = ["run"]


def run(
    decoder: DecoderFile,
    config: StreamsConfig = None,
    stopping: StoppingRule = Stopping.rule,
    session: SessionName = "",
    json: JsonLines = "",
) -> None:
    """Decode the streams of the network live, until the session ends or Ctrl-C."""
    from bci_online.commands.bodies.amplifier import in_lsl
    from bci_online.commands.run_request import RunRequest
    from bci_online.runtime.live import LiveRun, decode
    from bci_online.session_keys import new_key
    from bci_online.terminal.run_output import RunOutput

    request = RunRequest(
        decoder_path=decoder,
        config_path=config,
        dynamic=stopping is Stopping.rule,
        as_json=parse_json(json),
    )
    loaded, given = request.load()
    name = session_name(session)
    if not session:
        new_key(name)
    with in_lsl(given, name) as (streams, check), RunOutput("live", request.as_json) as output:
        live = LiveRun(
            config=streams,
            session=name,
            markers=request.markers(streams),
            dynamic=request.dynamic,
        )
        decode(loaded, live, output, check)
