import pytest

from bci_online.messages import Gap
from bci_online.terminal.run_output import RunOutput


@pytest.mark.parametrize(
    ("gap", "what"),
    [
        (Gap(8, 505, 1.0, False), "505 samples lost"),
        (Gap(8, -505, 1.0, False, True, "stall"), "505 samples were late, not lost"),
        (
            Gap(8, -50_000_000, 1.0, False, True, "clock", -2e5),
            "stamps stepped by -200000 s, no clock offset explains it; "
            "50000000 samples that counted as lost are not missing",
        ),
    ],
)
def test_a_line_says_what_became_of_samples_that_counted_as_lost(gap, what, capsys):
    with RunOutput("replay", as_json=False) as output:
        output.message(gap)

    assert f"gap at 1.000 s: {what}, filter restarted" in capsys.readouterr().err
