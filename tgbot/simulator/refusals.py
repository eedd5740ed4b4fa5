"""What Telegram says no with: an HTTP status, its words, and sometimes parameters."""

from tgbot.simulator.clock_port import JsonObject

_NAMES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Refusal(Exception):  # noqa: N818 – an answer of the API's, and no error of ours
    """A call is answered `ok: false`. The words are Telegram's, except where they end in "(simulator)"."""

    def __init__(self, status: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> JsonObject:
        """The answer's JSON."""
        body: JsonObject = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(words: str) -> Refusal:
    """400: the caller's fault."""
    return Refusal(400, f"{_NAMES[400]}: {words}")


def forbidden(words: str) -> Refusal:
    """403: the person or the chat does not want the bot."""
    return Refusal(403, f"{_NAMES[403]}: {words}")


def conflict(words: str) -> Refusal:
    """409: somebody else is fetching the updates."""
    return Refusal(409, f"{_NAMES[409]}: {words}")


def invalid_token() -> Refusal:
    """401: not a bot of ours."""
    return Refusal(401, f"{_NAMES[401]}: invalid token specified")


def no_such_method() -> Refusal:
    """404: unknown to Telegram, or to us only (docs/simulator.md lists what we serve)."""
    return Refusal(404, f"{_NAMES[404]}: method not found")


def too_many_requests(seconds: int) -> Refusal:
    """429: come back in so many seconds; the header `Retry-After` says the same."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def migrated(to_chat_id: int) -> Refusal:
    """400: the group lives on under another id."""
    refusal = bad_request("group chat was upgraded to a supergroup chat")
    refusal.parameters = {"migrate_to_chat_id": to_chat_id}
    return refusal
