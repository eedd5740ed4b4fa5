"""What is in deploy/ is taken by those whom it is for."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as check_jsonschema  # type: ignore[import-untyped]
from click.testing import CliRunner

from tgbot.settings import Settings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("backcheck*.*"))


@pytest.mark.skipif(
    not shutil.which("systemd-analyze") and "CI" not in os.environ, reason="systemd is not installed"
)
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With a command that is there in the place of the installed one."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/backcheck/bin/backcheck", sys.executable)
        (tmp_path / unit.name).write_text(text)
    names = [str(tmp_path / unit.name) for unit in UNITS]

    told = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False)

    assert [line for line in told.stderr.splitlines() if str(tmp_path) in line or "backcheck" in line] == []
    assert told.returncode == 0


def test_the_image_is_given_every_file_that_the_wheel_holds() -> None:
    """Whatever the build takes from beside the package is copied in, and is not kept out of the context."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    taken = [*build["targets"]["wheel"]["force-include"], "hatch_build.py", "README.md", "LICENSE"]
    copied = re.findall(r"^COPY ([^-].*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    given = {name for line in copied for name in line.split()}
    kept_out = (ROOT / ".dockerignore").read_text().splitlines()

    assert set(taken) <= given
    for name in taken:
        assert name.split("/")[0] not in kept_out, "a folder that is kept out whole"
        assert f"{Path(name).parent}/*" not in kept_out or f"!{name}" in kept_out


COMPOSE = ["compose.yaml", "deploy/compose.postgres.yaml"]


@pytest.mark.parametrize("file", COMPOSE)
def test_compose_takes_its_files(file: str) -> None:
    """By the schema of the Compose specification, which refuses what it does not know."""
    assert compose_says(ROOT / file) == ""


@pytest.mark.parametrize("file", COMPOSE)
def test_what_a_read_only_container_is_told_comes_from_a_file(file: str) -> None:
    """Compose mounts a file, and copies any other kind of secret into the container, which fails there."""
    told = yaml.safe_load((ROOT / file).read_text())
    wanted = {
        name
        for service in told["services"].values()
        if service.get("read_only")
        for name in service.get("secrets", [])
    }

    assert wanted
    assert {tuple(told["secrets"][name]) for name in wanted} == {("file",)}
    assert all(told["secrets"][name]["file"].startswith("./secrets/") for name in wanted)
    assert {"secrets", "secrets/"} & set((ROOT / ".dockerignore").read_text().splitlines())


def test_a_mistake_in_a_compose_file_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text().replace("healthcheck:", "health_check:"))

    assert "health_check" in compose_says(wrong)


def compose_says(file: Path) -> str:
    """What is wrong with a Compose file; empty when nothing is."""
    told = CliRunner().invoke(check_jsonschema, ["--builtin-schema", "vendor.compose-spec", str(file)])
    return told.output if told.exit_code else ""


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda u: u.name)
def test_a_unit_names_settings_that_exist(unit: Path) -> None:
    names = re.findall(r"^Environment=BACKCHECK_(\w+)=", unit.read_text(), re.MULTILINE)

    assert names
    assert {name.removesuffix("_FILE").lower() for name in names} <= set(Settings.model_fields)
