"""A computer has room for all that a session searches and sends."""

import time
import uuid

import pytest

from bci_online.acquisition.lsl import session_outlet, session_source_id
from bci_online.acquisition.lsl.network import FORGET_AFTER, Resolver

pytestmark = pytest.mark.live

SEARCHES = 12
KINDS = ("markers", "decisions", "journal", "control")


def test_streams_that_come_late_are_found_while_a_whole_session_searches():
    session = uuid.uuid4().hex[:8]
    resolvers = [Resolver() for _ in range(SEARCHES)]
    # By now each has taken as many ports as it ever will.
    time.sleep(FORGET_AFTER)

    outlets = [session_outlet(session, kind) for kind in KINDS]
    wanted = {session_source_id(session, kind) for kind in KINDS}
    until = time.monotonic() + 20.0
    left = list(resolvers)
    while left and time.monotonic() < until:
        left = [r for r in left if not wanted <= {s.header.source_id for s in r.streams()}]
        time.sleep(0.05)
    for part in (*resolvers, *outlets):
        part.close()

    assert not left
