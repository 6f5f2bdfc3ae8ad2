"""Spelling without calibration, over whole recordings."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simulated_files
from looking import look_at
from recorded_signal import RecordedSignal, ran

from bci_online.config import (
    Config,
    EegStream,
    Evidence,
    LayoutSpec,
    Presentation,
    Stopping,
    read_config,
)
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.errors import ConfigError, DecoderMismatchError
from bci_online.markers import Flash, TrialEnd, TrialStart, parse_marker
from bci_online.messages import Decision, Epoch, Marker, Message, Rejected, Retracted, Score, Status
from bci_online.notes import Undo
from bci_online.paradigms.p300.earlier_response import EarlierResponse
from bci_online.paradigms.p300.uncalibrated import ONE_ORDER, UncalibratedSpeller
from bci_online.paradigms.p300.uncalibrated_evidence import UncalibratedEvidence
from bci_online.runtime.no_calibration import uncalibrated_decoder
from bci_online.runtime.simulated_recording import write_recording

CONFIG = msgspec.structs.replace(simulated_files.CONFIG, presentation=Presentation(repetitions=12))
CONFIGS = Path(__file__).resolve().parents[3] / "configs"


def decoder_for(signal: RecordedSignal, config: Config = CONFIG):
    return uncalibrated_decoder(config, signal.spec)


@pytest.fixture(scope="module")
def signal(tmp_path_factory) -> RecordedSignal:
    path = tmp_path_factory.mktemp("uncalibrated") / "fox.xdf"
    write_recording(CONFIG, "FOX", path, 2)
    return RecordedSignal.of(path)


@pytest.fixture(scope="module")
def whole(signal):
    return ran(decoder_for(signal), signal)


def test_letters_are_right_from_the_first_one_on(whole) -> None:
    assert whole.letters == "FOX"
    assert whole.of(Score) == []
    assert len(whole.of(Epoch)) == 3 * 144


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [7, 1000])
def test_decisions_do_not_depend_on_the_cut_and_on_labels(signal, whole, chunk_n) -> None:
    hidden = []
    for marker in signal.markers:
        event = parse_marker(marker.text)
        if isinstance(event, Flash):
            marker = msgspec.structs.replace(marker, text=Flash(event.code, None).text())
        elif isinstance(event, TrialStart):
            marker = msgspec.structs.replace(marker, text=f"trial/start/{event.number}/?")
        hidden.append(marker)

    found = ran(decoder_for(signal), signal.with_markers(hidden), chunk_n)

    truths = [replace_truth(one, "") for one in whole.decisions]
    assert [replace_truth(one, "") for one in found.decisions] == truths


@pytest.mark.slow
def test_nothing_depends_on_who_looks_at_what(signal) -> None:
    lossy = signal
    for first in range(1500, len(signal.stamps), 700):
        lossy = lossy.without(first, 8)

    expected = ran(decoder_for(signal), lossy, dynamic=False)
    found = ran(decoder_for(signal), lossy, 50, dynamic=False, look=look_at)

    assert len(expected.of(Rejected)) > 20
    assert found.decisions == expected.decisions


@pytest.mark.slow
@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_dead_electrode_costs_no_flash(signal, value) -> None:
    half = len(signal.data) // 2
    data = signal.data.copy()
    data[:, 1] = value
    data[half:, 2] = value
    dead = replace(signal, data=data)

    found = ran(decoder_for(signal), dead)

    assert found.letters == "FOX"
    assert len(found.of(Epoch)) == 3 * 144
    assert ran(decoder_for(signal), dead, 1000).decisions == found.decisions


@pytest.mark.slow
@pytest.mark.parametrize(("reference", "n_dead"), [("recorded", 3), ("average", 1)])
def test_too_few_electrodes_decide_nothing(signal, reference, n_dead) -> None:
    data = signal.data.copy()
    data[:, :n_dead] = 0.0
    eeg = msgspec.structs.replace(CONFIG.eeg, reference=reference)
    config = msgspec.structs.replace(CONFIG, eeg=eeg)

    found = ran(decoder_for(signal, config), replace(signal, data=data))

    assert found.letters == "..."
    assert {rejected.reason for rejected in found.of(Rejected)} == {"channel"}


def replace_truth(decision, truth: str):
    return msgspec.structs.replace(decision, truth=truth)


@pytest.mark.slow
def test_nothing_is_typed_when_nobody_looks(tmp_path) -> None:
    subject = msgspec.structs.replace(CONFIG.simulation, p300_uv=0.0, vep_uv=0.0)
    config = msgspec.structs.replace(CONFIG, simulation=subject)
    path = tmp_path / "nobody.xdf"
    write_recording(config, "ABCD", path, 3)
    signal = RecordedSignal.of(path)

    found = ran(decoder_for(signal, config), signal)

    assert found.letters == "." * 4
    assert min(decision.nobody for decision in found.decisions) > 0.05


def test_a_letter_that_is_taken_back_still_shows_the_response(signal, whole) -> None:
    starts = [m.time for m in signal.markers if m.text.startswith("trial/start")]
    undo = Marker(Undo(1).text(), starts[1] - 1e-3)
    undone = sorted([*signal.markers, undo, undo], key=lambda marker: marker.time)

    assert ran(decoder_for(signal), signal.with_markers(undone)).decisions == whole.decisions


LAYOUT = {
    **{row + 1: tuple("ABCDEFGHI"[3 * row : 3 * row + 3]) for row in range(3)},
    **{column + 4: tuple("ABCDEFGHI"[column::3]) for column in range(3)},
}


def cut(data, code: int, time: float) -> Epoch:
    return Epoch(data, Marker(f"flash/{code}", time), 0, time, np.ptp(data, axis=1))


def evidence_of(earlier, number: int, response=None) -> UncalibratedEvidence:
    known = EarlierResponse(response, n_times=4, step_s=0.05)
    return UncalibratedEvidence(
        LAYOUT, earlier, saturation=0.1, nobody=0.5, number=number, response=known
    )


def flashed(symbol: str, number: int, earlier=(), response: float = 1.0) -> UncalibratedEvidence:
    """Return a letter of ten repetitions whose lit epochs have a response."""
    rng = np.random.default_rng(number)
    letter = evidence_of(earlier, number)
    for code in np.concatenate([rng.permutation(6) + 1 for _ in range(10)]).tolist():
        epoch = rng.normal(size=(2, 4))
        epoch[0, 1:3] += response * (symbol in LAYOUT[code])
        letter.add_outcome(code, cut(epoch, code, float(letter.n_flashes)))
    return letter


def test_a_letter_that_was_typed_wrongly_is_named_once_all_letters_say_so() -> None:
    right, wrong = flashed("A", 1).as_earlier("A"), flashed("E", 2).as_earlier("F")

    letter = flashed("I", 3, (right, wrong))

    assert letter.symbols[int(letter.posterior().argmax())] == "I"
    assert letter.read_differently() == ((2, "E"),)


def test_epochs_that_are_taken_back_count_as_rejected() -> None:
    letter = flashed("A", 1)
    before = letter.posterior()

    for time in range(24):
        for code in LAYOUT:
            letter.remove(Marker(f"flash/{code}", float(time)))

    assert (letter.n_rejected, len(letter.as_earlier().epochs)) == (24, 36)
    assert not np.allclose(letter.posterior(), before)


def test_a_letter_that_is_over_loses_an_epoch_as_an_open_one_does() -> None:
    letter = flashed("A", 1)
    epochs = letter.as_earlier().flashes
    lost = epochs[17][1].marker

    after = letter.as_earlier().without(lost)
    letter.remove(lost)
    before = letter.as_earlier()

    assert after.flashes == before.flashes
    assert len(after.flashes) == len(epochs) - 1
    np.testing.assert_array_equal(after.lit, before.lit)
    np.testing.assert_array_equal(after.epochs, before.epochs)


def begun(repetitions: int = 15, **how) -> UncalibratedSpeller:
    stopping = Stopping(max_repetitions=repetitions)
    return UncalibratedSpeller(LAYOUT, Evidence(nobody=0.1), stopping, window_s=0.2, **how)


def flash_all(speller, number: int, before=lambda flash: None, repetitions=2, lost=()):
    """Flash a letter, doing something `before` each flash; return its markers and messages."""
    messages, markers = speller.push(TrialStart(number), 100.0 * number, None), []
    flashes = flashed("A", number).as_earlier().flashes[: 6 * repetitions]
    for flash, (code, epoch) in enumerate(flashes):
        before(flash)
        time = 100.0 * number + flash
        marker = Marker(f"flash/{code}", time)
        outcome = msgspec.structs.replace(epoch, marker=marker, time=time)
        if flash in lost:
            outcome = Rejected(marker, "artefact", time)
        messages += speller.push(Flash(code), time, outcome)
        markers.append(marker)
    return markers, messages


def test_one_order_in_each_repetition_is_named_once() -> None:
    said = []
    for shuffles in (True, False):
        speller = begun(4, dynamic=False)
        for number in (1, 2):
            speller.push(TrialStart(number), 100.0 * number, None)
            flashes = flashed("A", number).as_earlier().flashes
            if not shuffles:
                of_code = {
                    code: [flash for flash in flashes if flash[0] == code] for code in LAYOUT
                }
                flashes = [of_code[code][n] for n in range(4) for code in LAYOUT]
            for code, epoch in flashes[:24]:
                said += speller.push(Flash(code), 100.0 * number + epoch.time, epoch)
            said += speller.push(TrialEnd(number), 100.0 * number + 90, None)
            said += speller.push(TrialStart(number + 1), 100.0 * number + 99, None)

    assert [one.text for one in said if isinstance(one, Status)] == [ONE_ORDER]


def shares(speller) -> dict[str, float]:
    """Return the posterior of each symbol of the open letter, among the symbols."""
    evidence = speller.trial_evidence().posterior
    total = sum(evidence.values())
    return {symbol: share / total for symbol, share in evidence.items()}


def test_a_letter_whose_epochs_are_all_taken_back_late_does_not_help() -> None:
    alone, kept, retracted = begun(), begun(), begun()
    flash_all(alone, 2)
    flash_all(kept, 1)
    for onset, marker in enumerate(flash_all(retracted, 1)[0]):
        retracted.retract(Retracted(marker, onset))

    for speller in (kept, retracted):
        flash_all(speller, 2)

    assert shares(retracted) == pytest.approx(shares(alone), abs=1e-3)
    assert shares(kept) != pytest.approx(shares(alone), abs=1e-2)


def test_the_open_letter_forgets_an_epoch_that_is_taken_back_from_the_one_before() -> None:
    before, letter = flashed("A", 1).as_earlier("A"), flashed("E", 2)
    lost = [epoch.marker for _, epoch in before.flashes[:20]]
    less = before
    for marker in lost:
        less = less.without(marker)
    alone = flashed("E", 2, (less,))

    letter.know((before,))
    knowing = letter.posterior()
    letter.know((less,))

    assert not np.allclose(knowing, alone.posterior())
    np.testing.assert_array_equal(letter.posterior(), alone.posterior())


def test_an_earlier_letter_is_taken_back_while_the_next_is_flashed_as_before_it_began() -> None:
    def second(*retract_at: int) -> dict[str, float]:
        speller = begun()
        first, _ = flash_all(speller, 1)

        def take_back(flash: int) -> None:
            if flash in retract_at:
                for onset, marker in enumerate(first[:6]):
                    speller.retract(Retracted(marker, onset))

        flash_all(speller, 2, take_back)
        return shares(speller)

    assert second(0) == second(7) != second()


@pytest.mark.parametrize("dynamic", [True, False])
def test_what_is_decided_does_not_depend_on_who_looks_and_when(dynamic) -> None:
    """Flashes are rejected, so a repetition may end within the next one."""
    response = np.zeros((2, 6))
    response[0, 2:4] = 0.5

    def decided(looks: float) -> list[Message]:
        rng, messages = np.random.default_rng(3), []
        known = EarlierResponse(response, n_times=4, step_s=0.05)
        speller = begun(4, dynamic=dynamic, response=known)

        def look(flash: int) -> None:
            if rng.random() < looks:
                speller.trial_evidence()

        def take_back(flash: int) -> None:
            if flash == 15:
                speller.retract(Retracted(Marker("flash/4", 200.0), 0))
                speller.push(Undo(1), 215.0, None)
            look(flash)

        for number, before in enumerate((look, take_back, look, look), start=1):
            messages += flash_all(speller, number, before, 3, lost=(13,))[1]
            look(0)
            messages += speller.push(TrialEnd(number), 100.0 * number + 60, None)
        return messages

    assert sum(isinstance(one, Decision) for one in decided(0.0)) == 4
    assert decided(0.0) == decided(0.2) == decided(1.0)


def test_a_signal_that_never_moves_favours_no_symbol() -> None:
    letter = evidence_of((), 1)
    for code in list(LAYOUT) * 6:
        letter.add_outcome(code, cut(np.full((2, 4), 7.0), code, 0.0))

    assert letter.is_silent
    np.testing.assert_allclose(letter.posterior(), 0.5 / 9)


def test_the_usual_sensors_are_used_and_the_configuration_wins(signal) -> None:
    spec = msgspec.structs.replace(
        signal.spec, ch_names=("Fz", "Cz", "Pz", "Oz", "T7"), ch_types=("EEG",) * 5, scaling=()
    )
    few = msgspec.structs.replace(spec, ch_names=("Fp1", "Fp2", "Pz", "T8", "T7"))
    named = msgspec.structs.replace(CONFIG, eeg=EegStream(channels=("T7", "Cz")))

    def sensors(config, spec):
        return uncalibrated_decoder(config, spec).header.preprocessing.ch_names

    assert sensors(CONFIG, spec) == ("Fz", "Cz", "Pz", "Oz")
    assert sensors(CONFIG, few) == few.ch_names
    assert sensors(named, spec) == ("T7", "Cz")


def test_the_file_says_how_and_scores_no_flash(signal, tmp_path) -> None:
    made, path = decoder_for(signal), tmp_path / "session.decoder"
    write_decoder(path, made.header, {})

    read = read_decoder(path)

    assert read.header == made.header
    assert (read.header.method, read.header.stopping.min_repetitions) == ("none", 5)
    with pytest.raises(DecoderMismatchError, match="scores no single flash"):
        read.score(np.zeros((4, 11)))


def test_imagery_needs_a_calibration(signal) -> None:
    with pytest.raises(ConfigError, match="--no-calibration is for spellers"):
        uncalibrated_decoder(Config(paradigm="motor_imagery"), signal.spec)


def test_symbols_that_divide_the_flashes_alike_need_a_calibration(signal) -> None:
    halves = dict.fromkeys(range(1, 4), ("A",)) | dict.fromkeys(range(4, 7), ("B",))
    config = msgspec.structs.replace(CONFIG, layout=LayoutSpec(codes=halves))

    with pytest.raises(ConfigError, match="'B' flashes whenever 'A' does not"):
        uncalibrated_decoder(config, signal.spec)


def test_three_real_letters_of_a_stranger(data_dir) -> None:
    """64 channels at 240 Hz; trained on another session of the same subject, LDA reads DIA."""
    config = read_config(CONFIGS / "p300_wadsworth.toml")
    signal = RecordedSignal.of(data_dir / "p300_wadsworth/sub-01_ses-10_run-02.xdf")

    found = ran(decoder_for(signal, config), signal)

    assert found.letters == "DOG"
    assert max(decision.repetitions for decision in found.decisions) <= 10
