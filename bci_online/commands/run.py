"""`bci-online run`: decode the streams of the network."""

from bci_online import console
from bci_online.commands.options import (
    DecoderFile,
    JsonLines,
    SessionName,
    Stopping,
    StoppingRule,
    StreamsConfig,
)

__all__ = ["run"]


def run(
    decoder: DecoderFile,
    config: StreamsConfig = None,
    stopping: StoppingRule = Stopping.rule,
    session: SessionName = "",
    json: JsonLines = "",
) -> None:
    """Decode the streams of the network live, until the session ends or Ctrl-C."""
    from bci_online.commands.run_output import RunOutput
    from bci_online.commands.run_request import RunRequest
    from bci_online.runtime.live import LiveRun, decode
    from bci_online.runtime.publisher import session_name

    request = RunRequest(
        decoder_path=decoder,
        config_path=config,
        dynamic=stopping is Stopping.rule,
        as_json=console.parse_json(json),
    )
    loaded, streams = request.load()
    live = LiveRun(
        config=streams,
        session=session_name(session),
        markers=request.markers(streams),
        dynamic=request.dynamic,
    )
    with RunOutput("live", request.as_json) as output:
        decode(loaded, live, output)
