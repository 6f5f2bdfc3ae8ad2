"""A part that hangs is said once, and so is that it works again."""

from bci_online.session.hung_parts import HungParts


def texts(hung: HungParts, **silent: float) -> list[str]:
    return [f"{status.level}: {status.text}" for status in hung.check(silent)]


def test_a_hang_and_its_end_are_said_once_each():
    hung = HungParts()

    assert texts(hung, screen=0.2, engine=0.7) == []
    assert texts(hung, screen=0.2, engine=0.9) == [
        "alarm: the engine has not answered for 0.9 s: nothing is decided; "
        "wait, or abort the session"
    ]
    assert texts(hung, screen=0.2, engine=5.0) == []
    assert texts(hung, screen=0.2, engine=0.1) == ["info: the engine answers again, after 5.0 s"]
    assert texts(hung, screen=0.2, engine=0.1) == []


def test_a_part_that_ends_while_it_hangs_is_said_elsewhere():
    hung = HungParts()
    texts(hung, screen=2.0)

    assert texts(hung) == []
    assert texts(hung, screen=0.0) == []
