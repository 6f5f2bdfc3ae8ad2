"""`bci-online verify`: the files of a session, and its decisions once more."""

import sys
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import msgspec

from bci_online.commands.bodies.recorded_session import RecordedSession
from bci_online.console import fail, json_line, note, plain
from bci_online.counted import counted
from bci_online.errors import BciError
from bci_online.messages import Decision, DecisionLine, Journal, Reconsidered
from bci_online.progress import progress_bar
from bci_online.session.checksums import changed_files
from bci_online.session.folder import SessionFolder, recordings_in

__all__ = ["Verification", "verify_session"]

# What the filter kept of the seconds before the recording began changes scores by some 1e-6.
CLOSE = 1e-5
NO_SUMS = (
    "no checksums: an older version recorded it, or its conductor was killed; "
    "a file that was changed without breaking it is not found"
)


class Verification(msgspec.Struct, kw_only=True, tag="verify"):
    """What was found.

    Parameters
    ----------
    folder : str
        Of the session.
    is_right : bool
        Whether there is no problem.
    decisions : int
        How many were derived again and are the same.
    problems, notes : list of str
        What is wrong, and what could not be checked.

    See Also
    --------
    verify_session : Shows it.
    """

    folder: str
    is_right: bool = False
    decisions: int = 0
    problems: list[str] = []
    notes: list[str] = []


def verify_session(folder: Path, *, as_json: bool) -> bool:
    """Check a session and show what was found; return whether all is right.

    Parameters
    ----------
    folder : Path
        Of the session.
    as_json : bool
        A line of JSON for a program.

    Returns
    -------
    is_right : bool
        False: what is wrong was shown, line by line.

    Raises
    ------
    BciError
        If there is no session in the folder.

    See Also
    --------
    bci_online.session.checksums.changed_files : Checks the files.
    """
    recordings = recordings_in(folder)
    if not recordings:
        raise BciError(f"{folder}: holds no recording (*.xdf); is it a session's folder?")
    found = Verification(folder=str(folder))
    n_bytes = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    with progress_bar(hidden=as_json) as bar:
        files = bar.add_task("files", total=n_bytes)
        changed = changed_files(folder, lambda n: bar.advance(files, n))
        bar.update(files, completed=n_bytes)
        found.problems += changed or []
        found.notes += [NO_SUMS] if changed is None else []
        for path in recordings:
            bar.add_task(f"decisions of {path.name}", total=None)
            _verify_run(path, found)
    found.is_right = not found.problems
    _show(found, as_json=as_json)
    return found.is_right


def _show(found: Verification, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json_line(found))
        return
    for text in found.notes:
        note(text)
    for text in found.problems:
        fail(text)
    if found.is_right:
        again = counted(found.decisions, "decision is", "decisions are")
        text = f"{found.folder}: is as it was; {again} derived again"
        sys.stdout.write(f"{plain(text)}\n")


def _verify_run(path: Path, found: Verification) -> None:
    """Derive the decisions of one run again."""
    try:
        session = RecordedSession(path)
        if not SessionFolder.of(path).decoder.exists():
            found.notes.append(f"{path.name}: no decoder, so nothing was decided")
            return
        again = list(session.replayed())
    except BciError as error:
        # It names the file already.
        found.problems.append(str(error))
        return
    derived = [one for one in again if isinstance(one, Decision)]
    recorded = session.of(DecisionLine)
    # The last decision may have come too late for a recorder that was killed, even if it is alone.
    is_cut = not any(line.kind == "end" for line in session.of(Journal)) and bool(derived)
    if is_cut:
        found.notes.append(
            f"{path.name}: where its live run ended is not recorded, so the last decision is not "
            "compared"
        )
        recorded = recorded[:-1]
        derived = derived[: len(recorded)]
    differing = list(_differences(recorded, derived))
    fates = _differing_fates(_fates(session.of(object)), _fates(again), is_cut=is_cut)
    found.problems += [f"{path.name}: {text}" for text in (*differing, *fates)]
    found.decisions += min(len(recorded), len(derived)) - len(differing)
    if len(recorded) != len(derived):
        text = f"{counted(len(recorded), 'decision')} recorded, {len(derived)} derived"
        found.problems.append(f"{path.name}: {text}")


def _differences(recorded: list[DecisionLine], derived: list[Decision]) -> Iterator[str]:
    for number, (was, again) in enumerate(zip(recorded, derived, strict=False), start=1):
        if _facts(was) != _facts(again) or abs(was.confidence - again.confidence) > CLOSE:
            yield f"decision {number}: recorded {_words(was)}, derived {_words(again)}"


def _differing_fates(
    recorded: dict[str, list[str]], derived: dict[str, list[str]], *, is_cut: bool
) -> Iterator[str]:
    """Yield what became of decisions by the recording, and by its replay, where that differs."""
    for kind, before in recorded.items():
        after = derived[kind][: len(before)] if is_cut else derived[kind]
        for was, again in zip_longest(before, after, fillvalue="nothing"):
            if was != again:
                yield f"{kind}: recorded {was}, derived {again}"


def _fates(messages: Iterable[object]) -> dict[str, list[str]]:
    """Return which answers were kept or taken back, and for which trials a letter was offered."""
    answers, offers = [], []
    for one in messages:
        match one:
            case Reconsidered():
                done = "taken back" if one.value is None else "kept"
                answers.append(f"{one.shown!r} of trial {one.trial} is {done}")
            case Journal("reread", _, _, symbol, trial):
                offers.append(f"{symbol!r} for trial {trial:g}")
    return {"error potentials": answers, "letters read again": offers}


def _facts(one: DecisionLine | Decision) -> tuple[object, ...]:
    return one.value, one.trial, one.truth or None, one.repetitions, one.flashes


def _words(one: DecisionLine | Decision) -> str:
    value = "nothing" if one.value is None else repr(one.value)
    return (
        f"{value} for trial {one.trial} after {counted(one.flashes, 'flash', 'flashes')} "
        f"with confidence {one.confidence:.6f}"
    )
