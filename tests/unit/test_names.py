"""No name means two things: whoever looks for a type or a file finds one."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "tgbot"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("__"))


def types(source: Path) -> list[str]:
    """The classes of a module, and its names for types (`Json = dict[str, Any]`)."""
    tree = ast.parse(source.read_text("utf-8"))
    classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assigned = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    aliases = [name.id for name in assigned if isinstance(name, ast.Name)]
    return classes + [name for name in aliases if name[0].isupper() and not name.isupper()]


def test_no_two_files_share_a_name() -> None:
    places = defaultdict(list)
    for source in SOURCES:
        places[source.name].append(str(source.relative_to(PACKAGE)))

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_two_types_share_a_name() -> None:
    places = defaultdict(list)
    for source in SOURCES:
        for name in types(source):
            places[name].append(str(source.relative_to(PACKAGE)))

    assert {name: where for name, where in places.items() if len(where) > 1} == {}
