"""The line below all stamps."""

from bci_online.preprocessing.stamp_envelope import StampEnvelope


def test_a_line_that_the_newest_stamps_have_left_is_given_up_within_a_minute():
    envelope, lines = StampEnvelope(), []
    for n in range(430):
        # From block 300 on some samples are missing, and nobody noticed.
        envelope.add(50.0 * n, 0.5 * n + 0.02 * (n >= 300) + 0.03 * (n % 3 > 0))
        lines.append(envelope.line(scatter_s=0.05))

    assert abs(lines[299].at(50.0 * 299) - 0.5 * 299) < 1e-9
    assert lines[425] is None
