"""A database that cannot be reached is said to be so."""

from pathlib import Path

import pytest

from tgbot.errors import DatabaseError
from tgbot.store.sqlite.connection import free_share, read_only


def test_the_disk_of_a_folder_that_is_gone_is_full(tmp_path: Path) -> None:
    assert free_share(tmp_path / "backcheck.db") > 0
    assert free_share(tmp_path / "gone" / "backcheck.db") == 0


@pytest.mark.parametrize("name", ["missing.db", "x" * 5_000])
def test_a_database_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"^(There is no database at|The database) "),
        read_only(tmp_path / name),
    ):
        pass
