"""What is shipped for Compose and Kubernetes: valid, and with settings and commands that exist."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tgbot.cli import main
from tgbot.settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
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


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.postgres.yaml").read_text()))


def settings() -> set[str]:
    in_compose = set(compose()["services"]["backcheck"]["environment"])
    return in_compose | {variable["name"] for each in containers() for variable in each["env"]}


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_exists(name: str) -> None:
    assert name.removeprefix(PREFIX).removesuffix("_FILE").lower() in Settings.model_fields


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
