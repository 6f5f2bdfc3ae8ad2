"""Live, replayed and offline processing give a network the same windows, and the same decisions."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from recorded_signal import Ran, RecordedSignal, ran

from bci_online.config import Config, EegStream, EvidenceSpec, FilterSpec, WindowSpec
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.messages import Journal, Rejected, Score, Status
from calibration.motor_imagery.networks import network_method
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.windows import windows_of
from calibration.networks.network_training import NetworkTraining

# A network is trained for them.
pytestmark = pytest.mark.slow

CONFIG = Config(
    paradigm="motor_imagery",
    eeg=EegStream(channels=("C3", "Cz", "C4", "CPz")),
    filter=FilterSpec(l_freq=8.0, h_freq=30.0),
    window=WindowSpec(length=1.0, step=0.25),
    evidence=EvidenceSpec(tmin=0.5, tmax=4.0),
)
TRAINED, PLAYED = (f"mi_hands_feet/sub-01_ses-01_run-{run}.xdf" for run in ("06", "10"))
N_WINDOWS = 11


@pytest.fixture(scope="module")
def signal(data_dir: Path) -> RecordedSignal:
    return RecordedSignal.of(data_dir / PLAYED)


@pytest.fixture(scope="module", params=["min2net", "fbmsnet"])
def network(request, data_dir: Path) -> tuple[Decoder, Config]:
    method = network_method(NetworkTraining(network=request.param, max_epochs=1))
    config, _ = method.configured(CONFIG)
    windows = windows_of([data_dir / TRAINED], config)
    return method.fit(windows, np.arange(len(windows)), config, stopping=False), config


@pytest.fixture(scope="module")
def whole(network, signal) -> Ran:
    return ran(network[0], signal, dynamic=False)


def values(found: Ran) -> list[tuple]:
    return [(s.marker.time, s.onset, tuple(s.values)) for s in found.of(Score)]


def same(found: Ran, expected: Ran) -> None:
    """Compare bit by bit."""
    assert values(found) == values(expected)
    assert found.decisions == expected.decisions


@pytest.mark.parametrize("chunk_n", [5, 64, 1000])
def test_decisions_do_not_depend_on_how_the_recording_is_cut(
    network, signal, whole, chunk_n
) -> None:
    same(ran(network[0], signal, chunk_n, dynamic=False), whole)

    assert len(whole.decisions) == 15
    assert len(values(whole)) == 15 * N_WINDOWS


def test_markers_that_arrive_late_change_no_score_and_no_decision(network, signal, whole) -> None:
    delays = np.random.default_rng(0).uniform(0, 0.5, len(signal.markers))

    same(ran(network[0], replace(signal, delays=delays), 32, dynamic=False), whole)


def test_offline_decisions_are_the_online_ones(network, data_dir, whole) -> None:
    decoder, config = network
    offline = windows_of([data_dir / PLAYED], config)

    found = [d for d in decisions(decoder, offline, dynamic=False) if d.truth in offline.classes]

    assert [(d.value, d.truth, d.confidence) for d in found] == [
        (d.value, d.truth, d.confidence) for d in whole.decisions
    ]


def test_the_decoder_of_the_file_decides_as_the_one_in_memory(
    network, signal, whole, tmp_path
) -> None:
    decoder, _ = network
    write_decoder(tmp_path / "d", decoder.header, dict(decoder.arrays))

    same(ran(read_decoder(tmp_path / "d"), signal, dynamic=False), whole)


def test_recentred_windows_do_not_depend_on_cuts_either(network, signal) -> None:
    decoder, _ = network
    own = decoder.header.preprocessing
    window = msgspec.structs.replace(own.window, recentre=True)
    header = msgspec.structs.replace(
        decoder.header, preprocessing=msgspec.structs.replace(own, window=window)
    )
    recentred = type(decoder)(header, decoder.arrays)

    found = ran(recentred, signal, 16, dynamic=False)

    same(found, ran(recentred, signal, dynamic=False))
    assert len(found.decisions) == 15


@pytest.mark.parametrize("fault", [np.nan, np.inf, 0.0])
def test_windows_over_a_bad_channel_are_rejected_by_a_network_and_it_says_so(
    network, signal, whole, fault
) -> None:
    place = signal.spec.ch_names.index("C3")
    fails, back = (round(share * len(signal.stamps)) for share in (0.4, 0.6))
    data = signal.data.astype(float)
    data[fails:back, place] = fault

    found = ran(network[0], replace(signal, data=data), 32, dynamic=False)

    rejected = found.of(Rejected)
    assert {(one.reason, one.channels) for one in rejected} == {("channel", ("C3",))}
    assert len(found.of(Score)) + len(rejected) == 15 * N_WINDOWS
    # Before the fault nothing changes.
    n_before = sum(marker_time < signal.stamps[fails] - 5 for marker_time, *_ in values(whole))
    assert values(found)[:n_before] == values(whole)[:n_before] != []
    assert [one.text for one in found.of(Journal) if one.kind == "swap"] == ["C3", ""]
    name = network[0].header.method
    (alarm,) = [one for one in found.of(Status) if "nothing is decoded without" in one.text]
    assert alarm.text == (
        f"nothing is decoded without C3: {name} needs all of its sensors; mend these electrodes"
    )
    assert alarm.level == "alarm"
