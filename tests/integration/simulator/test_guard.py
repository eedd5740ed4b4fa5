"""What another web page, another name and a malformed body get: a refusal in words, and nothing changes."""

from typing import Any

import pytest

from tests.integration.simulator.scene import Scene

ELSEWHERE = {"Origin": "http://elsewhere.example"}
CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}


@pytest.mark.parametrize(
    "heads", [ELSEWHERE, {"Origin": "null"}, CROSS_SITE, {"Sec-Fetch-Site": "same-site"}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/bot{token}/setWebhook?url=http://127.0.0.1:9/"),
        ("POST", "/bot{token}/deleteWebhook"),
        ("GET", "/control/state"),
        ("GET", "/control/messages"),
        ("DELETE", "/control/calls"),
        ("POST", "/control/people/1001/delete-account"),
    ],
)
async def test_another_page_is_refused(
    telegram: Scene, method: str, path: str, heads: dict[str, str]
) -> None:
    calls = len(telegram.sim.tg.journal.calls)
    url = telegram.sim.url + path.format(token=telegram.sim.token)
    answer = await telegram.api.http.request(method, url, headers=heads)
    assert (answer.status_code, answer.json()) == (403, {"error": "another page has no business here"})
    assert len(telegram.sim.tg.journal.calls) == calls


async def test_a_name_that_is_not_the_simulators_is_refused(telegram: Scene) -> None:
    for host in ("attacker.example", "attacker.example:80", "127.0.0.1.attacker.example", ""):
        answer = await telegram.api.http.get(telegram.sim.url + "/control/state", headers={"Host": host})
        assert answer.status_code == 403, host


async def test_a_link_from_elsewhere_opens_the_page_and_nothing_else(telegram: Scene) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    page = await telegram.api.http.get(telegram.sim.url + "/page/", headers=link)
    assert page.status_code == 200
    assert page.headers["x-frame-options"] == "DENY"
    state = await telegram.api.http.get(telegram.sim.url + "/control/state", headers=link)
    assert state.status_code == 403


async def test_a_body_that_does_not_say_it_is_json_is_refused(telegram: Scene) -> None:
    """A form or a text can be sent by any page without a browser asking first."""
    url = telegram.sim.url + "/control/clock"
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = await telegram.api.http.post(
            url, content=b'{"push_seconds": 60}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 415


ADA = "/control/people/{ada}"
MALFORMED: list[tuple[str, str, Any]] = [
    ("POST", "/control/clock", b"{"),
    ("POST", "/control/clock", b"[]"),
    ("POST", "/control/clock", b'{"push_seconds": "soon"}'),
    ("POST", "/control/clock", b'{"push_seconds": 1e300}'),
    ("POST", "/control/clock", b'{"push_seconds": NaN}'),
    ("PUT", "/control/next-due", b"{}"),
    ("PUT", "/control/next-due", b'{"at": "tomorrow"}'),
    ("PUT", "/control/next-due", b'{"at": "2026-11-26T09:10:00"}'),
    ("POST", "/control/faults", b'{"kind": "earthquake"}'),
    ("POST", "/control/faults", b'{"kind": "status", "times": "often"}'),
    ("DELETE", "/control/faults?number=first", b""),
    ("PUT", "/control/limits", b'{"per_chat": "few"}'),
    ("PUT", "/control/limits", b'{"unheard_of": 3}'),
    ("POST", "/control/people", b"{}"),
    ("POST", "/control/people", b'{"name": 3}'),
    ("POST", ADA + "/send", b'{"text": 5}'),
    ("POST", ADA + "/send", b'{"chat_id": "there", "text": "hi"}'),
    ("POST", ADA + "/send", b'{"text": "hi", "wait": "long"}'),
    ("POST", ADA + "/edit", b'{"message_id": 1}'),
    ("POST", ADA + "/tap", b'{"data": "m"}'),
    ("POST", ADA + "/tap", b'{"message_id": "first", "data": "m"}'),
    ("POST", ADA + "/tap", b'{"message_id": 1, "data": null}'),
    ("POST", ADA + "/inline", b"{}"),
    ("POST", ADA + "/choose", b"{}"),
    ("POST", ADA + "/groups", b'{"title": ""}'),
    ("POST", ADA + "/leave", b"{}"),
    ("POST", ADA + "/bot", b'{"chat_id": 1, "status": "king"}'),
    ("POST", ADA + "/migrate", b'{"chat_id": []}'),
    ("GET", ADA + "/view?after=yesterday", b""),
    ("GET", ADA + "/view?chat_id=there", b""),
    ("GET", "/control/messages?from_bot=perhaps", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), MALFORMED)
async def test_what_cannot_be_read_is_said_in_words(
    telegram: Scene, method: str, path: str, body: bytes
) -> None:
    url = telegram.sim.url + path.format(ada=telegram.ada.id)
    heads = {"Content-Type": "application/json"} if body else {}
    answer = await telegram.api.http.request(method, url, content=body, headers=heads)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ADA + "/tap", {"message_id": 10**9, "data": "m"}),
        (ADA + "/send", {"kind": "hologram"}),
        (ADA + "/send", {"kind": "text"}),
        (ADA + "/send", {"kind": "photo", "content": "no base64"}),
        (ADA + "/leave", {"chat_id": 10**9}),
        ("/control/people/999999/send", {"text": "hi"}),
    ],
)
async def test_what_cannot_be_done_is_a_conflict(telegram: Scene, path: str, body: dict[str, Any]) -> None:
    answer = await telegram.api.http.post(telegram.sim.url + path.format(ada=telegram.ada.id), json=body)
    assert answer.status_code == 409
    assert answer.json()["error"]


async def test_an_uploaded_page_is_a_download(telegram: Scene) -> None:
    """Shown as HTML it would run in the chat page's own name."""
    posted = await telegram.api.http.post(
        f"{telegram.sim.url}/control/people/{telegram.ada.id}/send",
        json={"kind": "document", "name": "a.html", "mime_type": "text/html", "content": "PGI+aGk8L2I+"},
    )
    file_id = posted.json()["message"]["document"]["file_id"]
    shown = await telegram.api.http.get(f"{telegram.sim.url}/control/files/{file_id}")
    path = (await telegram.api.getFile(file_id=file_id))["result"]["file_path"]
    fetched = await telegram.api.http.get(f"{telegram.sim.url}/file/bot{telegram.sim.token}/{path}")
    for answer in (shown, fetched):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == "attachment"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_each_simulator_has_a_token_of_its_own(telegram: Scene) -> None:
    from tests.integration.simulator.scene import scene

    async with scene() as another:
        assert another.sim.token != telegram.sim.token
