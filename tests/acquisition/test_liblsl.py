import os
import subprocess
import sys

import pytest
from lsl_amplifier import LslAmplifier

from bci_online.acquisition.lsl import CONFIG_VARIABLE, list_streams, local_clock, loopback_config

NAMES_SEEN = """
from bci_online.acquisition.lsl import list_streams
print([listing.name for listing in list_streams(2.0, 0.0)])
"""


def output_of(code: str, config: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, CONFIG_VARIABLE: config},
    )
    return done.returncode, done.stdout, done.stderr


def test_importing_the_room_does_not_load_liblsl():
    code = "import sys, bci_online.acquisition.lsl; sys.exit('pylsl' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.live
def test_a_process_of_the_same_session_sees_a_stream_and_one_of_another_session_does_not(tmp_path):
    amplifier = LslAmplifier()

    same = output_of(NAMES_SEEN, os.environ[CONFIG_VARIABLE])
    other = output_of(NAMES_SEEN, str(loopback_config(tmp_path / "made", "other")))
    amplifier.close()

    assert amplifier.name in same[1]
    assert other == (0, "[]\n", "")


AN_OUTLET = """
from bci_online.acquisition.lsl import TextOutlet
TextOutlet("a note", "Notes", "a note").close()
"""


@pytest.mark.parametrize(("own", "is_quiet"), [(None, True), ("[log]\nlevel = 0\n", False)])
def test_liblsls_log_is_not_shown_unless_the_users_own_configuration_asks_for_it(
    tmp_path, own, is_quiet
):
    if own is not None:
        (tmp_path / "lsl_api").mkdir()
        (tmp_path / "lsl_api" / "lsl_api.cfg").write_text(own)
    environment = {key: value for key, value in os.environ.items() if key != CONFIG_VARIABLE}
    environment["HOME"] = str(tmp_path)

    done = subprocess.run(
        [sys.executable, "-c", AN_OUTLET], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ("INFO" not in done.stderr) is is_quiet


@pytest.mark.live
def test_more_streams_are_found_than_liblsl_has_ports_of_its_own():
    amplifiers = [LslAmplifier() for _ in range(40)]

    names = {listing.name for listing in list_streams(2.0, 0.0)}
    for amplifier in amplifiers:
        amplifier.close()

    assert {amplifier.name for amplifier in amplifiers} <= names


@pytest.mark.parametrize("session_id", ["", "two words", "it's", "a\nb", "x" * 65])
def test_a_session_that_would_break_liblsls_queries_is_refused(tmp_path, session_id):
    with pytest.raises(ValueError, match="letters, digits"):
        loopback_config(tmp_path, session_id)


def test_the_clock_goes_forward():
    first = local_clock()

    assert local_clock() >= first > 0
