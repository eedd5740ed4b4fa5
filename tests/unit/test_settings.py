from pathlib import Path

import pytest

from tgbot.settings import Settings, SettingsError
from tgbot.store.sealing import new_key

TOKEN = "123456:canary-token"


def test_with_nothing_set_everything_has_a_default() -> None:
    settings = Settings.read({})

    assert settings.token is None
    assert settings.database.get_secret_value() == "backcheck.db"
    assert settings.api_url == "https://api.telegram.org"
    assert (settings.content / "pack.yaml").is_file()


def test_a_secret_may_come_from_the_file_that_its_variable_names(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")

    settings = Settings.read({"BACKCHECK_TOKEN_FILE": str(tmp_path / "token")})

    assert settings.token is not None
    assert settings.token.get_secret_value() == TOKEN


def test_a_remark_in_the_key_file_is_no_secret(tmp_path: Path) -> None:
    """It hid each of its words in every line of the log."""
    (tmp_path / "key").write_text(f"# made in 2026 by ops\n\n{new_key()}\n  {new_key()}\n# that is all\n")

    settings = Settings.read({"BACKCHECK_KEY_FILE": str(tmp_path / "key")})

    assert settings.key is not None
    keys = settings.key.get_secret_value().splitlines()
    assert [len(key) for key in keys] == [44, 44]
    assert settings.secrets() == keys


@pytest.mark.parametrize("content", ["", "\n", "# the key comes later\n"])
def test_a_key_file_without_a_key_is_a_sentence_and_not_a_database_without_one(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "key").write_text(content)

    with pytest.raises(SettingsError, match="BACKCHECK_KEY holds no key"):
        Settings.read({"BACKCHECK_KEY_FILE": str(tmp_path / "key")})


def test_a_password_is_hidden_as_it_is_written_and_as_the_server_knows_it() -> None:
    settings = Settings.read(
        {"BACKCHECK_DATABASE": "postgresql://backcheck:p%40ss%2Fword@localhost/backcheck"}
    )

    assert settings.secrets() == ["p%40ss%2Fword", "p@ss/word"]


def test_what_is_shorter_than_a_word_is_no_secret() -> None:
    """Hiding it would hide a letter in every line."""
    assert Settings.read({"BACKCHECK_DATABASE": "postgresql://backcheck:x@localhost/b"}).secrets() == []


def test_the_token_shows_in_no_representation() -> None:
    settings = Settings.read({"BACKCHECK_TOKEN": TOKEN})

    assert "canary" not in repr(settings) + str(settings)


def test_all_problems_come_at_once_and_none_shows_the_secret() -> None:
    environ = {
        "BACKCHECK_TOKEN": "canary-without-a-number",
        "BACKCHECK_API_URL": "telegram",
        "BACKCHECK_DATABSE": "x.db",
        "BACKCHECK_LOG_FILE": "/nowhere/at/all",
    }

    with pytest.raises(SettingsError) as caught:
        Settings.read(environ)

    assert len(caught.value.sentences) == 4
    assert any("did you mean BACKCHECK_DATABASE?" in sentence for sentence in caught.value.sentences)
    assert any(
        "/nowhere/at/all, which cannot be read (No such file" in text for text in caught.value.sentences
    )
    assert "canary" not in str(caught.value)


def test_a_proxy_is_an_address_and_its_password_a_secret() -> None:
    settings = Settings.read({"BACKCHECK_TOKEN": TOKEN, "BACKCHECK_PROXY": "http://me:canary@10.0.0.1:3128"})

    assert settings.secrets() == [TOKEN, "canary"]
    assert "canary" not in repr(settings)
    with pytest.raises(SettingsError, match="must be an address like") as caught:
        Settings.read({"BACKCHECK_PROXY": "socks5://me:canary@10.0.0.1"})
    assert "canary" not in str(caught.value)


def test_a_variable_and_its_file_together_are_a_contradiction(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)

    with pytest.raises(SettingsError, match="both set"):
        Settings.read({"BACKCHECK_TOKEN": TOKEN, "BACKCHECK_TOKEN_FILE": str(tmp_path / "token")})


def test_an_empty_variable_beside_its_file_is_no_contradiction(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    settings = Settings.read({"BACKCHECK_TOKEN": "", "BACKCHECK_TOKEN_FILE": str(tmp_path / "token")})

    assert settings.token is not None


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.read({"BACKCHECK_TOKEN": "", "BACKCHECK_LOG": ""}).token is None


@pytest.mark.parametrize(
    "url",
    [
        "telegram",
        "ftp://127.0.0.1",
        "http://",
        "http://[bad",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8081/?a=b",
        "http://127.0.0.1:8081/a b",
    ],
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"BACKCHECK_API_URL": url})

    assert caught.value.sentences == (
        "BACKCHECK_API_URL must be an address like https://api.telegram.org or http://127.0.0.1:8081.",
    )


def test_an_address_is_kept_without_its_last_slash() -> None:
    assert Settings.read({"BACKCHECK_API_URL": "http://[::1]:8081/"}).api_url == "http://[::1]:8081"
    assert Settings.read({"BACKCHECK_API_URL": "http://bot-api/base"}).api_url == "http://bot-api/base"


@pytest.mark.parametrize("token", ["²:abc", "٣:abc", "123:a b/c?d#e", "123:", ":abc", "123:é", "123:abc\n"])
def test_what_cannot_be_a_token_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="does not look like a bot token"):
        Settings.read({"BACKCHECK_TOKEN": token})


@pytest.mark.parametrize("seconds", ["inf", "nan", "-1", "1e300", "soon"])
def test_a_pause_without_an_end_is_refused(seconds: str) -> None:
    with pytest.raises(SettingsError, match=r"^BACKCHECK_CHAT_SECONDS must be"):
        Settings.read({"BACKCHECK_CHAT_SECONDS": seconds})


@pytest.mark.parametrize(
    "where", ["8080", "127.0.0.1:", "127.0.0.1:٨٠", "127.0.0.1:65536", "a:" + "9" * 5000]
)
def test_a_health_address_needs_a_host_and_a_port(where: str) -> None:
    with pytest.raises(SettingsError, match="must look like"):
        Settings.read({"BACKCHECK_HEALTH": where})
