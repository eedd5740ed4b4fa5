"""Which answers are read without aiohttp's parser: those that end where their length says."""

import pytest

from tgbot.chat.telegram_connection import plain_answer

BODY = b'{"ok":true,"result":true}'
TELEGRAMS = [
    b"HTTP/1.1 200 OK",
    b"Server: nginx/1.18.0",
    b"Date: Fri, 27 Nov 2026 15:50:00 GMT",
    b"Content-Type: application/json",
    b"Content-Length: 25",
    b"Connection: keep-alive",
    b"Strict-Transport-Security: max-age=31536000; includeSubDomains; preload",
    b"Access-Control-Allow-Origin: *",
    b"Access-Control-Expose-Headers: Content-Length,Content-Type,Date,Server,Connection",
]


def head(*lines: bytes) -> bytes:
    return b"\r\n".join([*lines, b"", b""])


def test_telegrams_usual_answer_is_plain() -> None:
    assert plain_answer(head(*TELEGRAMS) + BODY) == (200, BODY, "Fri, 27 Nov 2026 15:50:00 GMT")


def test_an_answer_need_not_say_when_it_was_made() -> None:
    assert plain_answer(head(b"HTTP/1.1 200 OK", b"Content-Length: 25") + BODY) == (200, BODY, "")


def test_a_date_is_looked_for_in_the_head_alone() -> None:
    body = b"\r\nDate: tomorrow\r\n\r\n....."
    assert plain_answer(head(b"HTTP/1.1 200 OK", b"Content-Length: 25") + body) == (200, body, "")


@pytest.mark.parametrize(
    "line",
    [
        b"Transfer-Encoding: chunked",
        b"transfer-encoding : chunked",
        b"Content-Encoding: gzip",
        b"Content-Length: 25",
        b"Content-Length: 24",
        b"content-length: 24",
        b"Connection: close",
        b"Connection: keep-alive, close",
        b"connection: close",
        b"Trailer: X",
        b" folded: into what is before it",
        b"X: a bare\nTransfer-Encoding: chunked",
        b"X: a bare\rTransfer-Encoding: chunked",
        b"",
    ],
)
@pytest.mark.parametrize("before", [1, 5, 9])
def test_whatever_else_may_say_where_an_answer_ends_is_not_judged_here(line: bytes, before: int) -> None:
    assert plain_answer(head(*TELEGRAMS[:before], line, *TELEGRAMS[before:]) + BODY) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        head(*TELEGRAMS),
        head(*TELEGRAMS)[:-2],
        head(*TELEGRAMS) + BODY[:-1],
        head(*TELEGRAMS) + BODY + b"H",
        head(b"HTTP/1.1 200 OK") + BODY,
        head(b"HTTP/1.1 200 OK", b"Content-Length: +25") + BODY,
        head(b"HTTP/1.1 200 OK", b"Content-Length: 2 5") + BODY,
        head(b"HTTP/1.0 200 OK", *TELEGRAMS[1:]) + BODY,
        head(b"HTTP/1.1 400 Bad Request", *TELEGRAMS[1:]) + BODY,
        head(b"HTTP/1.1 102 Processing") + head(*TELEGRAMS) + BODY,
    ],
)
def test_what_is_not_whole_or_no_good_answer_is_not_plain(answer: bytes) -> None:
    assert plain_answer(answer) is None
