"""What an operator may set, by environment. Every problem is reported at once; secrets never show.

Each setting is also read from the file that `NAME_FILE` names, as container secrets are given.
"""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
)

from tgbot.errors import BackcheckError

PREFIX = "BACKCHECK_"
TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]+")  # it stands in the path of every call, so nothing else
WEBHOOK_PORTS = (443, 80, 88, 8443)
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{43,256}")  # 43 of these hold 256 bits
_URL = TypeAdapter(AnyHttpUrl)


SHORTEST = 4  # characters of a secret that no log shows: hiding less would hide parts of every word


def secret_of(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


class SettingsError(BackcheckError):
    """Some settings are missing or make no sense."""


def _an_address(text: str) -> str:
    try:
        parts = _URL.validate_python(text)
    except ValidationError:
        parts = None
    if parts is None or parts.query is not None or parts.fragment is not None or re.search(r"\s", text):
        raise ValueError("must be an address like https://api.telegram.org or http://127.0.0.1:8081")
    return text.rstrip("/")


def _a_proxy(secret: SecretStr) -> SecretStr:
    try:
        _URL.validate_python(secret.get_secret_value())
    except ValidationError:  # its own sentence would quote the password
        raise ValueError("must be an address like http://10.0.0.1:3128") from None
    return secret


def _a_database(secret: SecretStr) -> SecretStr:
    try:
        urlsplit(secret.get_secret_value())
    except ValueError:  # its own sentence would quote the password
        raise ValueError("must be a file, or an address like postgresql://user@host/backcheck") from None
    return secret


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65_536):
        raise ValueError("must look like 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def _a_webhook(text: str) -> str:
    parts = urlsplit(_an_address(text))
    here = parts.hostname in ("127.0.0.1", "localhost")
    if not here and (parts.scheme != "https" or (parts.port or 443) not in WEBHOOK_PORTS):
        raise ValueError("must be an https:// address at port 443, 80, 88 or 8443, as Telegram wants")
    return text


def _a_listener(text: str) -> tuple[str, int] | Path:
    """A host and a port, or a Unix socket as `unix:/run/backcheck/webhook.sock`."""
    return Path(text.removeprefix("unix:")) if text.startswith("unix:/") else _host_and_port(text)


def _webhook_secrets(secret: SecretStr) -> SecretStr:
    secrets = secret.get_secret_value().split()
    if not 1 <= len(secrets) <= 2 or not all(WEBHOOK_SECRET.fullmatch(each) for each in secrets):
        raise ValueError(
            "must be one secret or two, with a space between, each of 43 to 256 letters, digits, _ and -"
        )
    return secret


def _keys(secret: SecretStr) -> SecretStr:
    """The keys of a key file, without its remarks."""
    lines = [line for line in map(str.strip, secret.get_secret_value().splitlines()) if line]
    keys = [line for line in lines if not line.startswith("#")]
    if not keys:
        raise ValueError("holds no key; `backcheck keys new FILE` makes one")
    return SecretStr("\n".join(keys))


def _a_token(secret: SecretStr) -> SecretStr:
    if not TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("does not look like a bot token (123456:ABC…); BotFather gives one")
    return secret


def _ids(text: object) -> object:
    """Ids with commas or spaces between."""
    return re.split(r"[\s,]+", text.strip(" ,")) if isinstance(text, str) else text


def _a_country(code: str) -> str:
    if not re.fullmatch("[A-Z]{2}", code):
        raise ValueError("must be a country's two letters, like GB")
    return code


def _a_font(path: Path) -> Path:
    if path.suffix.lower() not in (".ttf", ".otf") or not path.is_file():
        raise ValueError("must be a font file that is there, .ttf or .otf")
    return path.absolute()


def shipped_content() -> Path:
    """The pack that ships with the package: inside it when installed, beside it in a checkout."""
    inside = Path(__file__).parent / "_content"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "content"


class Settings(BaseModel):
    """Read once, at start. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, AfterValidator(_a_token)] | None = None
    api_url: Annotated[str, AfterValidator(_an_address)] = "https://api.telegram.org"
    proxy: Annotated[SecretStr, AfterValidator(_a_proxy)] | None = None  # it may hold a password
    database: Annotated[SecretStr, AfterValidator(_a_database)] = SecretStr(
        "backcheck.db"  # a file, or postgresql://…, which may hold a password
    )
    key: Annotated[SecretStr, AfterValidator(_keys)] | None = (
        None  # Fernet keys, one a line, the newest first; given as BACKCHECK_KEY_FILE
    )
    keep_days: Annotated[int, Field(ge=30, le=36_500)] = 400  # closed episodes, counted from their end
    content: Path = Field(default_factory=shipped_content)
    font: Annotated[Path, AfterValidator(_a_font)] | None = None
    country: Annotated[str, BeforeValidator(str.upper), AfterValidator(_a_country)] | None = None
    keep_unknown_words: bool = False
    log: Literal["console", "json"] = "console"
    health: Annotated[tuple[str, int], BeforeValidator(_host_and_port)] | None = None
    admins: Annotated[frozenset[Annotated[int, Field(gt=0)]], BeforeValidator(_ids)] = (
        frozenset()
    )  # Telegram ids of people
    metrics: Annotated[tuple[str, int], BeforeValidator(_host_and_port)] | None = None  # else beside health
    webhook: Annotated[str, AfterValidator(_a_webhook)] | None = None  # where Telegram posts; else we poll
    webhook_listen: Annotated[tuple[str, int] | Path, BeforeValidator(_a_listener)] = ("127.0.0.1", 8082)
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secrets)] | None = None  # two while changed
    webhook_connections: Annotated[int, Field(ge=1, le=100)] = 40
    messages_per_second: Annotated[float, Field(ge=1, le=100_000)] = (
        25  # over all chats; Telegram allows 30, paid broadcasts 1000; more is for a simulator
    )
    chat_seconds: Annotated[float, Field(ge=0, le=60)] = (
        1.05  # between messages to one chat; 0 for a simulator only
    )

    def secrets(self) -> list[str]:
        """What no log may show: a password as it is written in an address and as a server is told it."""
        addresses = [self.database, *([self.proxy] if self.proxy else [])]
        written = [urlsplit(address.get_secret_value()).password or "" for address in addresses]
        passwords = [*written, *(unquote(each) for each in written if unquote(each) != each)]
        keys = (secret_of(self.key) or "").splitlines()
        known = (secret_of(self.token) or "", *passwords, *keys, *self.webhook_secrets())
        return [secret for secret in known if len(secret) >= SHORTEST]

    def webhook_secrets(self) -> list[str]:
        """Those that were set: the first is told to Telegram, each is accepted."""
        return (secret_of(self.webhook_secret) or "").split()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings in `environ`. Raises SettingsError with a sentence for every problem."""
        values, problems = _gather(environ, set(cls.model_fields))
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            problems += [_sentence(problem["loc"], problem["msg"]) for problem in error.errors()]
        else:
            if not problems:
                return settings
        raise SettingsError(*problems)


def read_settings() -> Settings:
    """The settings of this environment. Raises SettingsError for what an operator must mend."""
    return Settings.read(os.environ)


def _gather(environ: Mapping[str, str], known: set[str]) -> tuple[dict[str, str], list[str]]:
    """Values by field, from the variables and the files they name; and what is wrong with them."""
    values: dict[str, str] = {}
    problems: list[str] = []
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX) or not value:
            continue
        name = variable.removeprefix(PREFIX).lower()
        field = name.removesuffix("_file")
        if field not in known:
            problems.append(_not_a_setting(variable, known))
        elif name == field:
            values[field] = value
        elif environ.get(f"{PREFIX}{field.upper()}"):
            problems.append(f"{PREFIX}{field.upper()} and {variable} are both set; keep one.")
        else:
            try:
                values[field] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{variable} names {value}, which cannot be read ({_reason(error)}).")
    return values, problems


def _not_a_setting(variable: str, known: set[str]) -> str:
    names = [f"{PREFIX}{field.upper()}" for field in known]
    near = get_close_matches(variable, names, n=1)
    return f"{variable} is not a setting" + (f"; did you mean {near[0]}?" if near else ".")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not text"


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = f"{PREFIX}{str(location[0]).upper()}"
    return f"{name} {message.removeprefix('Value error, ').replace('Input should be', 'must be')}."
