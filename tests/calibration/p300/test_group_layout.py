"""Groups of symbols that are no rows and columns are labelled and spelled by a table of codes."""

import msgspec
import pytest
from foreign_session import N_FLASHES, N_TARGETS, amplifier, events, markers, written
from simulated_files import CONFIG

from bci_online.config import LayoutSpec, MarkerStream, config_of
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import ConfigError
from bci_online.look import look_at
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.replay import replay
from bci_online.runtime.sources import recording
from bci_online.runtime.tally import Tally
from calibration.p300.recorded_epochs import epochs_of
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


def named_objects() -> list[tuple[float, str]]:
    """Return the same flashes as a program says them that names objects, counted from 0."""
    layout = LayoutSpec().symbols_of_code
    objects = sorted({symbol for line in layout.values() for symbol in line})
    said, target = [], -1
    for at, text in events():
        kind, _, rest = text.partition("/")
        if kind == "trial":
            what, _, detail = rest.partition("/")
            target = objects.index(detail[-1]) if what == "start" else target
            said.append((at, "Trial Started" if what == "start" else "Trial Ends"))
        else:
            lit = sorted(objects.index(one) for one in layout[int(rest.partition("/")[0])])
            said.append((at, f"p300,m,36,{target},{','.join(map(str, lit))}"))
    return said


@pytest.mark.slow
def test_groups_that_markers_name_are_a_table_from_a_look_and_spell_letters(tmp_path):
    session = written(tmp_path, amplifier(), markers(named_objects()))
    tables = msgspec.toml.decode(look_at(session).toml)
    config = config_of(tables | {"presentation": {"repetitions": 6}}, "look.toml")

    epochs = epochs_of([session], config).all()
    trained = train(
        TrainingRequest(
            recordings=(session,), config=config, output=tmp_path / "x.decoder", method="lda",
            evaluation=False,
        )
    )  # fmt: skip

    objects = sorted({symbol for line in GROUPS.values() for symbol in line})
    assert tables["markers"]["preset"] == "bci-essentials"
    assert len(config.layout.codes) == 12
    assert [objects[int(letter.truth)] for letter in epochs.letters] == [*"ABC"]
    assert (trained.n_epochs, trained.n_targets) == (N_FLASHES, N_TARGETS)
    assert len(trained.fitted.letters) == 3


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        ({"1": ["A", "B"], "2": ["C"]}, "'A' and 'B' flash together"),
        ({"1": []}, "needs symbols"),
        ({"one": ["A"]}, "must be a whole number"),
    ],
)
def test_groups_that_tell_no_symbols_apart_are_refused(codes, why):
    with pytest.raises(ConfigError, match=why):
        config_of({"layout": {"codes": codes}}, "session.toml")
