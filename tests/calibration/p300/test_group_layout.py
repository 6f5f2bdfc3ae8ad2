"""Groups of symbols that are no rows and columns are labelled and spelled by a table of codes."""

import msgspec
import pytest
from foreign_session import N_FLASHES, N_TARGETS, amplifier, events, markers, written
from simulated_files import CONFIG

from bci_online.config import LayoutSpec, MarkerStream, config_of
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import ConfigError
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.replay import replay
from bci_online.runtime.sources import recording
from bci_online.runtime.tally import Tally
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

# The rows and columns of the session, as a program would number them that knows neither.
GROUPS = {100 + code: symbols for code, symbols in LayoutSpec().symbols_of_code.items()}


@pytest.fixture
def session(tmp_path):
    """A recording whose flashes have such codes, and no labels of their own."""
    said = []
    for at, text in events():
        kind, _, rest = text.partition("/")
        code = rest.partition("/")[0]
        said.append((at, f"flash/{100 + int(code)}/unknown" if kind == "flash" else text))
    return written(tmp_path, amplifier(), markers(said))


@pytest.mark.slow
def test_a_table_of_codes_labels_flashes_and_spells_letters(session, tmp_path):
    layout = LayoutSpec(codes=GROUPS)
    config = msgspec.structs.replace(CONFIG, layout=layout, markers=MarkerStream())
    asked = TrainingRequest(
        recordings=(session,), config=config, output=tmp_path / "x.decoder", method="lda",
        evaluation=False,
    )  # fmt: skip

    trained = train(asked)

    assert (trained.n_epochs, trained.n_targets) == (N_FLASHES, N_TARGETS)
    decoder = read_decoder(tmp_path / "x.decoder")
    assert decoder.header.layout.symbols_of_code == GROUPS
    source = recording(session)
    source.open()
    chain, _ = online_chain(decoder, source.spec)
    *_, summary = replay(source, chain, Tally(decoder.header, ()))
    assert (summary.presented, summary.unknown_codes) == (3, 0)


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        ({"1": ["A", "B"], "2": ["C"]}, "'A' and 'B' flash together"),
        ({"1": []}, "needs symbols"),
        ({"one": ["A"]}, "Expected `int`"),
    ],
)
def test_groups_that_tell_no_symbols_apart_are_refused(codes, why):
    with pytest.raises(ConfigError, match=why):
        config_of({"layout": {"codes": codes}}, "session.toml")
