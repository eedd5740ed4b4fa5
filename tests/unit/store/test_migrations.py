"""Migrations: whole versions only, a backup first, never a file from the future."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from tests.conformance.people import ANNA, NOW, planned
from tgbot.cli import main
from tgbot.errors import DatabaseError
from tgbot.store.opening import open_store
from tgbot.store.sqlite.migrate import Migration, migrate, shipped, statements_of, version_of
from tgbot.store.sqlite.store import SqliteStore

NEXT = Migration(
    shipped()[-1].number + 1, "next", "CREATE TABLE next (id INTEGER) STRICT;\nINSERT INTO next VALUES (1);"
)


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_master"))


def test_versions_have_no_gaps() -> None:
    assert [step.number for step in shipped()] == list(range(1, len(shipped()) + 1))


def test_a_fresh_file_gets_the_newest_version_and_needs_no_backup(tmp_path: Path) -> None:
    done = migrate(tmp_path / "a.db", NOW)

    assert (done.before, done.after, done.backup) == (0, shipped()[-1].number, None)
    assert migrate(tmp_path / "a.db", NOW).before == done.after


@pytest.mark.parametrize("stop", range(len(shipped())))
def test_a_file_of_any_age_ends_with_the_schema_of_a_fresh_one(tmp_path: Path, stop: int) -> None:
    migrate(tmp_path / "fresh.db", NOW)
    if stop:
        migrate(tmp_path / "old.db", NOW, shipped()[:stop])
    migrate(tmp_path / "old.db", NOW)

    assert schema(tmp_path / "old.db") == schema(tmp_path / "fresh.db")


async def test_an_upgrade_keeps_every_row_and_copies_the_file_first(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await planned(store)
    done = migrate(path, NOW, (*shipped(), NEXT))

    assert done.backup is not None
    assert ("next",) not in {row[:1] for row in schema(done.backup)}
    async with await SqliteStore.open(path) as store:
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA
        assert len(await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))) == 1


async def test_a_start_says_where_the_copy_from_before_an_upgrade_is(tmp_path: Path) -> None:
    migrate(tmp_path / "a.db", NOW, shipped()[:1])

    with capture_logs() as logs:
        async with open_store(str(tmp_path / "a.db"), NOW):
            pass

    (copy,) = [line["path"] for line in logs if line["event"] == "copy_from_before_the_migration"]
    assert schema(copy) != schema(tmp_path / "a.db")


def rebuilding(path: Path, but: str = "") -> Migration:
    """The table of episodes built anew, as SQLite does for another CHECK, with the rows that `but` leaves."""
    with closing(sqlite3.connect(path)) as connection:
        (create,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'episode'").fetchone()
        made = [
            sql
            for (sql,) in connection.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = 'episode' AND type = 'index'"
            )
            if sql
        ]
    wider = create.replace("CREATE TABLE episode", "CREATE TABLE wider", 1).replace(
        "'worse',", "'worse', 'mixed',"
    )
    steps = [
        wider,
        f"INSERT INTO wider SELECT * FROM episode {but}",
        "DROP TABLE episode",
        "ALTER TABLE wider RENAME TO episode",
        *made,
    ]
    return Migration(NEXT.number, "wider", "".join(f"{step};\n" for step in steps))


async def test_a_table_that_is_built_anew_keeps_what_hangs_on_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await planned(store)
    migrate(path, NOW, (*shipped(), rebuilding(path)))

    assert "'mixed'" in dict(schema(path))["episode"]
    async with await SqliteStore.open(path) as store:
        assert len(await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))) == 1


async def test_a_migration_that_leaves_rows_without_their_owner_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await planned(store)
    before = schema(path)

    with pytest.raises(DatabaseError, match="without their episode"):
        migrate(path, NOW, (*shipped(), rebuilding(path, but="WHERE id = ''")))
    assert schema(path) == before


def test_without_a_whole_copy_nothing_is_migrated_and_no_broken_one_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path, NOW)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute("INSERT INTO tally (day, kind, subject, times) VALUES ('today', 'shown', 'a', -1)")

    with pytest.raises(DatabaseError, match="is damaged"):
        migrate(path, NOW, (*shipped(), NEXT))
    with closing(sqlite3.connect(path)) as connection:
        assert version_of(connection) == shipped()[-1].number
    assert not list(tmp_path.glob("*.bak*"))


@pytest.mark.parametrize("good", range(3))
def test_a_migration_that_fails_at_any_statement_leaves_the_version_before(tmp_path: Path, good: int) -> None:
    path = tmp_path / "a.db"
    migrate(path, NOW)
    before = schema(path)
    sql = "\n".join([*list(statements_of(NEXT.sql))[:good], "INSERT INTO nowhere VALUES (1);"])

    with pytest.raises(DatabaseError, match="could not be migrated"):
        migrate(path, NOW, (*shipped(), Migration(NEXT.number, "broken", sql)))
    assert schema(path) == before
    assert migrate(path, NOW).before == shipped()[-1].number


def test_a_database_that_was_not_there_is_made_and_the_operator_is_told_where(tmp_path: Path) -> None:
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(tmp_path / "mistyped.db")})
    first, second = runner.invoke(main, ["migrate"]), runner.invoke(main, ["migrate"])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"There was no database at {tmp_path / 'mistyped.db'}: a new, empty one" in first.output
    assert "There was no database" not in second.output


def test_a_folder_in_the_databases_place_is_one_sentence(tmp_path: Path) -> None:
    told = CliRunner(env={"BACKCHECK_DATABASE": str(tmp_path)}).invoke(main, ["migrate"])

    assert told.exit_code == 1
    assert told.output == f"backcheck: The database {tmp_path} is no file.\n"


def test_a_file_from_the_future_is_refused(tmp_path: Path) -> None:
    migrate(tmp_path / "a.db", NOW, (*shipped(), NEXT))

    with pytest.raises(DatabaseError, match="Run the newer version"):
        migrate(tmp_path / "a.db", NOW)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE theirs (id)")

    with pytest.raises(DatabaseError, match="not one of Backcheck's"):
        migrate(tmp_path / "a.db", NOW)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be opened"):
        migrate(tmp_path / "nowhere" / "a.db", NOW)
    (tmp_path / "text.db").write_text("This is not a database, but long enough to be looked at as one." * 20)
    with pytest.raises(DatabaseError, match="cannot be written to"):
        migrate(tmp_path / "text.db", NOW)
