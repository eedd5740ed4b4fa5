"""What is shipped for Compose and Kubernetes: valid, and with settings and commands that exist."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tgbot.cli import main
from tgbot.settings import PREFIX, Settings, secret_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
KUSTOMIZATION = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())


def objects() -> Iterator[dict[str, Any]]:
    for file in KUSTOMIZATION["resources"]:
        yield from yaml.safe_load_all((KUBERNETES / file).read_text())


def containers() -> Iterator[dict[str, Any]]:
    for each in objects():
        yield from each.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])


@pytest.mark.parametrize("each", list(objects()), ids=lambda each: each["kind"])
def test_every_object_is_what_kubernetes_takes(each: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """By the schemas of its API, strictly: an unknown field is an error."""
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)  # a grammar for formats, which are not looked at
    import kubernetes_validate  # type: ignore[import-untyped]

    kubernetes_validate.validate(each, "1.31", strict=True)


def test_kustomize_names_every_file_and_only_those() -> None:
    there = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}

    assert set(KUSTOMIZATION["resources"]) == there
    assert {each["image"] for each in containers()} == {image["name"] for image in KUSTOMIZATION["images"]}


def probes() -> dict[str, dict[str, Any]]:
    (bot,) = [each for each in containers() if each.get("ports")]
    return {name: probe for name, probe in bot.items() if name.endswith("Probe")}


def test_no_probe_ends_or_hides_a_bot_for_what_it_waits_out() -> None:
    """/readyz also names a wrong clock and a database that is away: who tells of a warning sign is answered
    all the same."""
    assert {name: probe.get("httpGet", {}).get("path", "webhook") for name, probe in probes().items()} == {
        "startupProbe": "webhook",
        "livenessProbe": "/healthz",
        "readinessProbe": "webhook",
    }
    assert (
        probes()["startupProbe"]["tcpSocket"]
        == probes()["readinessProbe"]["tcpSocket"]
        == {"port": "webhook"}
    )


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.postgres.yaml").read_text()))


def settings() -> set[str]:
    in_compose = set(compose()["services"]["backcheck"]["environment"])
    return in_compose | {variable["name"] for each in containers() for variable in each["env"]}


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_exists(name: str) -> None:
    assert name.removeprefix(PREFIX).removesuffix("_FILE").lower() in Settings.model_fields


def environment_of_the_image() -> dict[str, str]:
    """What the last stage of the Dockerfile sets by ENV."""
    last = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").rpartition("\nFROM ")[2]
    words = " ".join(re.findall(r"^ENV (.+)$", last, re.MULTILINE)).split()
    return dict(word.split("=", 1) for word in words)


def environments() -> Iterator[Any]:
    """What each deployment sets for our image."""
    alone = yaml.safe_load((ROOT / "compose.yaml").read_text())
    yield pytest.param(alone["services"]["backcheck"]["environment"], id="compose.yaml")
    yield pytest.param(compose()["services"]["backcheck"]["environment"], id="compose.postgres.yaml")
    for each in containers():
        given = {variable["name"]: variable["value"] for variable in each["env"]}
        yield pytest.param(given, id=f"kubernetes-{each['name']}")


SECRETS = {"token": "123456:ABC", "database": "postgresql://backcheck:word@postgres/backcheck"}


@pytest.mark.parametrize("given", list(environments()))
def test_the_image_starts_with_what_each_deployment_sets(given: Mapping[str, str], tmp_path: Path) -> None:
    for name, content in SECRETS.items():
        (tmp_path / name).write_text(content)
    mounted = {
        variable: str(tmp_path / Path(value).name) if variable.endswith("_FILE") else value
        for variable, value in {**environment_of_the_image(), **given}.items()
    }

    settings = Settings.read(mounted)

    of_its_own = "BACKCHECK_DATABASE_FILE" in given
    assert secret_of(settings.database) == (SECRETS["database"] if of_its_own else "backcheck.db")


def test_every_command_and_secret_exists() -> None:
    (secret,) = [each for each in objects() if each["kind"] == "Secret"]
    files = {
        variable["value"].removeprefix("/secrets/")
        for each in containers()
        for variable in each["env"]
        if variable["name"].endswith("_FILE")
    }

    assert all(command in main.commands for each in containers() for command in each.get("args", []))
    assert files == set(secret["stringData"])
    services = compose()["services"]
    assert all(set(service.get("secrets", [])) <= set(compose()["secrets"]) for service in services.values())
