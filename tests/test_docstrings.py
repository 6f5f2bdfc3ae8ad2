"""What modules export says what it takes, gives and raises, what is like it, and shows its use."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import Validator

import bci_online
import calibration
from bci_online.errors import BciError

PACKAGES = (bci_online, calibration)

# Rooms whose doors open a window, a stream of the network or a process, or are typed commands.
ROOMS_WITHOUT_EXAMPLES = (
    "bci_online.acquisition.lsl",
    "bci_online.acquisition.mne_realtime",
    "bci_online.commands",
    "bci_online.gui",
    "bci_online.session",
    "calibration.commands",
    # The threads of a live run.
    "bci_online.runtime.engine",
    "bci_online.runtime.live",
    # Public recordings, which are downloaded, and the processes that work on cells.
    "calibration.experiments.moabb_sets",
    "calibration.experiments.network_sets",
    "calibration.experiments.workers",
)
# A typed command's docstring is its help, in a terminal: numpydoc's sections would be noise there.
COMMANDS = re.compile(r"(bci_online|calibration)\.commands\.\w+|calibration\.experiments\.evaluate")


def modules() -> list[str]:
    names = []
    for package in PACKAGES:
        folder = Path(package.__file__).parent
        paths = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py"))
        names += [".".join((package.__name__, *path.parts)) for path in paths]
    return sorted(name.removesuffix(".__init__") for name in names if "__main__" not in name)


def doors(module: str) -> Iterator[tuple[str, Any]]:
    """Yield the classes and functions that a module defines and exports."""
    loaded = importlib.import_module(module)
    for name in getattr(loaded, "__all__", ()):
        door = getattr(loaded, name)
        is_door = inspect.isclass(door) or inspect.isfunction(inspect.unwrap(door))
        if is_door and door.__module__ == module:
            yield name, door


@cache
def nodes_of(module: str) -> dict[str, ast.AST]:
    text = inspect.getsource(importlib.import_module(module))
    return {node.name: node for node in ast.parse(text).body if hasattr(node, "name")}


def tree_of(door: Any) -> ast.AST:
    return nodes_of(door.__module__)[door.__name__]


def is_protocol(door: Any) -> bool:
    return getattr(door, "_is_protocol", False)


def is_exception(door: Any) -> bool:
    return inspect.isclass(door) and issubclass(door, BaseException)


def is_record(door: Any) -> bool:
    """Tell whether a class only names its fields, so that an example could only repeat them."""
    holds_fields = hasattr(door, "__struct_fields__") or hasattr(door, "__dataclass_fields__")
    if not inspect.isclass(door) or not (holds_fields or issubclass(door, tuple)):
        return False
    return not any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree_of(door)))


def is_drawing(door: Any) -> bool:
    """Tell whether it paints: its result is looked at."""
    if re.match(r"(draw|paint)_", door.__name__):
        return True
    nodes = ast.walk(tree_of(door)) if inspect.isfunction(door) else ()
    annotations = (node.annotation for node in nodes if isinstance(node, ast.arg))
    return any(re.search(r"\b(Axes|Figure)\b", ast.unparse(of)) for of in annotations if of)


def is_of_a_whole_run(door: Any) -> bool:
    """Tell whether it takes what only a training, or a run over recordings, can make."""
    nodes = ast.walk(tree_of(door)) if inspect.isfunction(door) else ()
    taken = [
        ast.unparse(one.annotation) for one in nodes if isinstance(one, ast.arg) and one.annotation
    ]
    return any(
        re.search(r"\b(Trained|Material|ReportFiles|Pool|RunOptions|Summary|RunThrough|Look)\b", of)
        for of in taken
    )


def is_without_example(module: str, door: Any) -> bool:
    """Tell whether a door is of a kind of which an example would show nothing."""
    kinds = (is_protocol, is_exception, is_record, is_drawing, is_of_a_whole_run)
    return module.startswith(ROOMS_WITHOUT_EXAMPLES) or any(kind(door) for kind in kinds)


def raises_ours(door: Any) -> bool:
    """Tell whether a function raises an error for users itself."""
    raised = (node.exc for node in ast.walk(tree_of(door)) if isinstance(node, ast.Raise))
    names = (ast.unparse(error.func) for error in raised if isinstance(error, ast.Call))
    return any(
        is_exception(kind := door.__globals__.get(name)) and issubclass(kind, BciError)
        for name in names
    )


class Page(Validator):
    """A docstring as numpydoc reads it."""

    def __init__(self, door: Any) -> None:
        super().__init__(get_doc_object(door))

    @property
    def signature_parameters(self) -> tuple[str, ...]:
        if is_protocol(self.obj) or is_exception(self.obj):
            return ()
        # The annotation of a field may be a class that is imported for types alone.
        return getattr(self.obj, "__struct_fields__", None) or super().signature_parameters


def lacking(module: str, door: Any) -> list[str]:
    """Return what a door's docstring lacks."""
    page = Page(door)
    if not page.summary:
        return ["a summary"]
    if COMMANDS.fullmatch(module):
        return []
    # Fields that belong together may be described together, in another order.
    found = [text for code, text in page.parameter_mismatches if code != "PR03"]
    for name, (kind, text) in page.doc_all_parameters.items():
        found += [] if kind and text else [f"type and meaning of {name}"]
    if inspect.isfunction(door):
        found += lacking_of_function(door, page)
    found += [] if page.see_also else ["See Also"]
    found += [] if page.examples or is_without_example(module, door) else ["Examples"]
    return found


def lacking_of_function(function: Any, page: Page) -> list[str]:
    found = []
    if tree_of(function).returns is None:
        found.append("an annotation of what it returns")
    elif not (
        page.returns
        or page.yields
        or ast.unparse(tree_of(function).returns) in {"None", "NoReturn"}
    ):
        found.append("Returns")
    found += [f"meaning of {one.name or one.type}" for one in page.returns if not one.desc]
    if raises_ours(function) and not page.doc["Raises"]:
        found.append("Raises")
    return found


def bare(number: int) -> int:
    """Return it."""
    if number < 0:
        raise BciError("too few")
    return number


def test_a_door_that_says_nothing_lacks_everything() -> None:
    found = lacking(__name__, bare)

    parameters = "Parameters {'number'} not documented"
    assert found == [parameters, "Returns", "Raises", "See Also", "Examples"]


def leads_nowhere(module: str, other: str) -> bool:
    """Tell whether a name under See Also is neither beside the door nor a full name."""
    beside: Any = importlib.import_module(module)
    for part in other.split("."):
        beside = getattr(beside, part, None)
    owner, _, name = other.rpartition(".")
    if beside is None and find_spec(owner or other):
        beside = getattr(importlib.import_module(owner), name, None) or find_spec(other)
    return beside is None


@pytest.mark.parametrize("module", modules())
def test_every_door_says_what_a_caller_needs(module) -> None:
    found = {name: lacking(module, door) for name, door in doors(module)}

    assert {name: lacks for name, lacks in found.items() if lacks} == {}


@pytest.mark.parametrize("module", modules())
def test_see_also_leads_to_what_is_there(module) -> None:
    named = {name: list(Page(door).see_also) for name, door in doors(module)}

    lost = {name: [o for o in others if leads_nowhere(module, o)] for name, others in named.items()}
    assert {name: others for name, others in lost.items() if others} == {}
