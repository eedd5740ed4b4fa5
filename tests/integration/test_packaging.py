"""What is shipped: the wheel holds the pack and the page; the locks hold hashes and no host."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

from tgbot.cli.running import extra
from tgbot.errors import BackcheckError

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of the files in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-c", "import sys, hatchling.build; hatchling.build.build_wheel(sys.argv[1])"]
    subprocess.run([*build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


def test_the_wheel_holds_the_whole_pack(shipped: frozenset[str]) -> None:
    pack = {
        f"tgbot/_content/{path.relative_to(ROOT / 'content')}" for path in (ROOT / "content").rglob("*.yaml")
    }

    assert pack
    assert pack <= shipped
    assert "tgbot/_content/clinical-safety.md" in shipped  # the review book shows parts of it


def test_the_wheel_holds_what_the_code_reads_beside_itself(shipped: frozenset[str]) -> None:
    beside = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tgbot").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }

    assert {"tgbot/py.typed", "tgbot/simulator/page/index.html"} <= beside <= shipped


def test_the_wheel_holds_what_was_learned_so_that_no_start_learns(shipped: frozenset[str]) -> None:
    nets = {name.partition("_learned/")[2].partition("-")[0] for name in shipped if "/_learned/" in name}
    assert nets == {"alarms", "answers", "complaints"}


def test_the_build_is_given_whatever_learning_imports() -> None:
    script = """
import importlib, sys
begun_with = set(sys.modules)  # what a folder of packages loads into every Python, such as setuptools' hook
for name in ("hatchling.build", "tgbot.cli.words", "tgbot.packs.finder_index", "tgbot.packs.loader"):
    importlib.import_module(name)
print(*{name.partition(".")[0] for name in sys.modules.keys() - begun_with})
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    owners = packages_distributions()
    imported = {canonical(owner) for name in run.stdout.split() for owner in owners.get(name, ())}
    given = [
        named(line)
        for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    ]
    needed = set(given)
    while given:
        further = {named(line) for line in requires(given.pop()) or () if "extra ==" not in line} - needed
        needed |= further
        given += [name for name in further if name in imported]

    assert imported - {"backcheck"} <= needed


def named(requirement: str) -> str:
    """The name that a requirement begins with."""
    return canonical(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_wheel_holds_no_tests(shipped: frozenset[str]) -> None:
    assert not [name for name in shipped if name.startswith(("tests/", "benchmarks/"))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_locked_requirement_has_hashes_and_no_lock_names_a_host(lock: Path) -> None:
    text = lock.read_text()
    pinned = re.findall(
        r"^[a-z0-9][^\n]*==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", text, re.M
    )

    assert len(pinned) == len(re.findall(r"^[a-z0-9][^\n ]*==", text, re.M))
    assert "://" not in text
    assert "index-url" not in text


def test_the_same_version_of_everything_is_locked_for_running_and_for_testing() -> None:
    versions = [dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.M)) for lock in LOCKS]
    dev = next(found for found, lock in zip(versions, LOCKS, strict=True) if lock.stem == "dev")

    newest = [found for found, lock in zip(versions, LOCKS, strict=True) if lock.stem != "oldest"]
    assert all(found.items() <= dev.items() for found in newest)


def test_every_dependency_says_why_it_is_there_or_is_fixed_by_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    listed = text.partition("[project]\n")[2].splitlines()
    fixed = {"aiosqlite", "python-telegram-bot", "pyyaml"}
    project = tomllib.loads(text)["project"]

    for requirement in project["dependencies"]:
        name = re.split(r"[<>=\[;]", requirement)[0]
        (line,) = [line for line in listed if line.strip().startswith(f'"{requirement}"')]
        assert name in fixed or "#" in line, f"{name} does not say why"


def test_a_missing_extra_is_a_sentence() -> None:
    with (
        pytest.raises(BackcheckError, match=r"starlette.*pip install 'backcheck\[simulator\]'"),
        extra("simulator"),
    ):
        raise ModuleNotFoundError(name="starlette")
