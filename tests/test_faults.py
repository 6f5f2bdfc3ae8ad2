"""The harness of faults: what it counts as right, what it writes, and that it goes on."""

import argparse
import json
import random
import struct

import msgspec
import numpy as np
import pytest
import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.decoding.decoder_file import read_decoder
from benchmarks.faults import __main__ as command
from benchmarks.faults import mutations, stamp_faults
from benchmarks.faults.fault import (
    Fault,
    Group,
    Outcome,
    Trial,
    latest,
    tidy,
    try_fault,
)
from benchmarks.faults.page import page
from benchmarks.faults.stage import Skipped
from benchmarks.faults.stamps import Sender, errors_ms, sent, timed
from benchmarks.faults.table import GROUPS
from benchmarks.kept_rows import add_row, rows_of


def never(stage, number):
    raise AssertionError("it was tried")


GROUP = Group(
    "power", "Power", "A plug is pulled.", (Fault("plug", "the plug", never, 3),
                                            Fault("fuse", "the fuse", never)),
    columns={"noise, dB": "db"}, tried=("benchmarks.faults.stamps",),
)  # fmt: skip


def trial(number: int, fault: str = "power/plug", **outcome) -> Trial:
    return Trial(fault=fault, number=number, outcome=Outcome(**outcome), load=0.5, commit="abc",
                 code=GROUP.code)  # fmt: skip


def asked(results, **given) -> argparse.Namespace:
    return argparse.Namespace(
        **{"results": results, "folder": results.parent / "stage", "names": [], "times": None,
           "again": False, "old": False, "peer": None, "minutes": 1.0, "hours": 1.0,
           "real_minutes": 1.0} | given
    )  # fmt: skip


def test_a_cell_has_the_median_and_the_largest_and_what_was_not_right_is_named():
    trials = [
        trial(1, told_s=0.1, lost=0.0, facts={"db": 3.0}),
        trial(2, told_s=0.2, lost=0.0, facts={"db": 3.0}),
        trial(3, told_s=0.9, lost=4.0, facts={"db": 3.0}, wrong="the light stayed on"),
    ]

    written = page(trials, [GROUP])

    assert "| the plug | 3 | 0.20 (0.90) | 0 (4) | 3 | **2 of 3** |" in written
    assert "- plug: the light stayed on (1 time)" in written
    assert "| the fuse | 0 | | | |  not tried yet |" in written
    assert "3 trials of 1 fault; in 1 of them something was wrong" in written
    assert "System: not kept. Commits: abc." in written


def test_a_fault_that_cannot_be_injected_is_seen_on_the_page():
    def needs_root(stage, number):
        raise Skipped("only root may")

    tried = try_fault(GROUP, Fault("fuse", "the fuse", needs_root), None, 1)

    assert "| the fuse | 0 |  |  |  | skipped: only root may |" in page([tried], [GROUP])


def test_a_group_that_was_not_tried_says_so():
    assert "## Power\n\nA plug is pulled.\n\nNot tried yet." in page([], [GROUP])


def test_a_line_that_a_kill_cut_does_not_count_and_the_latest_trial_does(tmp_path):
    results = tmp_path / "results.jsonl"
    for told_s in (0.5, 0.25):
        add_row(results, trial(1, told_s=told_s))
    whole = results.read_bytes()
    results.write_bytes(whole + whole[:40])

    known = latest(rows_of(results, Trial))

    assert [one.outcome.told_s for one in known] == [0.25]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [({}, [1, 3]), ({"old": True}, [1, 2]), ({"again": True}, [1, 2, 3])],
)
def test_what_was_tried_is_not_tried_again_unless_asked(tmp_path, monkeypatch, flags, expected):
    tried = []

    def once(stage, number):
        tried.append(number)
        return Outcome()

    plug = Fault("plug", "", once, 3)
    monkeypatch.setattr(command, "chosen", lambda names: [(GROUP, plug)])
    results = tmp_path / "results.jsonl"
    add_row(results, msgspec.structs.replace(trial(2), code="another"))
    if "old" in flags:
        add_row(results, trial(3))

    command.try_all(asked(results, **flags))

    assert tried == expected
    assert {one.number for one in tidy(results)} == {1, 2, 3}


def test_a_trial_of_code_that_has_changed_is_named_as_old():
    changed = [msgspec.structs.replace(trial(n), code="another") for n in (1, 2)]

    assert "Old, as the code has changed since: 2 trials (plug)." in page(
        [*changed, trial(3)], [GROUP]
    )
    assert "Old, as" not in page([trial(3)], [GROUP])


def test_a_row_of_an_earlier_page_stands_until_its_fault_is_tried(tmp_path):
    results, row = tmp_path / "results.jsonl", Trial(
        fault="power/plug", number=0, commit="abc", day="2026-11-29",
        cells=("3", "0.20 (0.90)", "0", "3", "3 of 3"),
    )  # fmt: skip
    add_row(results, row)
    before = page(tidy(results), [GROUP])

    add_row(results, trial(1, told_s=0.5))
    after = page(tidy(results), [GROUP])

    assert "0 trials of 0 faults; in 0 of them something was wrong. 1 row is" in before
    assert "| the plug | 3 | 0.20 (0.90) | 0 | 3 | 3 of 3 † |" in before
    assert "† From the page of 2026-11-29 (commits abc); the trials are lost." in before
    assert "| the plug | 1 | 0.50 | — | — | 1 of 1 |" in after
    assert "†" not in after.partition("## Power")[2]


def test_every_kept_line_is_a_trial_of_a_fault_that_there_is():
    faults = {f"{group.name}/{fault.name}" for group, fault in command.chosen([])}

    kept = rows_of(command.RESULTS, Trial)

    assert len(kept) == len(command.RESULTS.read_bytes().splitlines())
    assert {trial.fault for trial in kept} <= faults


def test_each_fault_has_a_name_of_its_own():
    names = [f"{group.name}/{fault.name}" for group in GROUPS for fault in group.faults]

    assert len(set(names)) == len(names)
    assert [(g.name, fault.name) for g, fault in command.chosen(["kills/spell"])] == [
        ("kills", "spell")
    ]
    with pytest.raises(SystemExit, match="there is no fault kills/nobody"):
        command.chosen(["kills/nobody"])


@pytest.mark.parametrize("sender", [Sender(lost=10), Sender(lost=10, jitter_s=0.005)])
def test_a_loss_is_reported_with_its_count_and_the_clock_is_right_after_it(sender):
    of = sent(sender, seed=3)

    clock = timed(of)

    assert [loss.n_lost for loss in clock.losses] == [10]
    assert np.flatnonzero(np.diff(of.truth) > 1.5 / 256).size == 1
    assert max(errors_ms(of, clock.times, ~clock.doubted, 0.0)) < 1.0


def test_a_clock_that_ignores_a_loss_is_found_out():
    of = sent(Sender(lost=256), seed=3)
    ignorant = 1000 + np.arange(of.truth.size) / 256

    soon, later = errors_ms(of, ignorant, np.ones(of.truth.size, dtype=bool), 0.0)

    assert (round(soon), round(later)) == (1000, 1000)


def test_a_step_that_nobody_can_know_of_is_wrong():
    assert stamp_faults._wrong(Sender(step_s=1.0), "step", 0, 0.0, None) == "it was not reported"
    assert stamp_faults._wrong(Sender(step_s=1.0), "step", 256, 0.0, 0.1) == ""


@pytest.mark.slow
def test_a_header_that_is_signed_again_is_read(tmp_path):
    content = simulated_files.decoder().read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    outer = json.loads(content[8 : 8 + length])
    path = tmp_path / "signed.decoder"

    path.write_bytes(mutations._signed(outer, content[8 + length :]))

    assert read_decoder(path).header == read_decoder(simulated_files.decoder()).header


def test_chunks_that_are_written_again_are_read_alike(tmp_path):
    content = simulated_files.recording().read_bytes()
    path = tmp_path / "again.xdf"

    pieces = list(mutations._chunks(content))
    path.write_bytes(content[:4] + b"".join(mutations._chunk(*piece) for piece in pieces))

    sources = XdfSource(simulated_files.recording()), XdfSource(path)
    for source in sources:
        source.open()
    assert sources[0].n_samples == sources[1].n_samples
    for source in sources:
        source.close()


@pytest.mark.parametrize("mutate", [mutations.xdf, mutations.any_bytes, mutations.any_text])
def test_mutations_depend_on_the_seed_alone(mutate):
    content = simulated_files.recording().read_bytes()[:20_000]

    made = [mutate(content, [content], random.Random(seed)) for seed in (1, 1, 2)]

    assert made[0] == made[1]
    assert made[0] != made[2]
