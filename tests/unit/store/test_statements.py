"""The SQL of both engines has the same names: what one words differently must be what the other words too."""

import pytest

from tgbot.store.sql import load_statements, parse_statements


def test_no_engine_words_a_statement_that_the_other_does_not_have() -> None:
    """A slip in an override's name would leave the common words in use, in silence."""
    of_sqlite = load_statements("common.sql", "sqlite/engine.sql")
    of_postgres = load_statements("common.sql", "postgres/postgres.sql")

    assert of_sqlite.keys() == of_postgres.keys()


def test_a_statement_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'purge' is there twice"):
        parse_statements("-- purge --\nDELETE FROM a\n-- purge --\nDELETE FROM b\n")
