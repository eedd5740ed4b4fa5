"""What an operator must mend before a database can be used."""

from tgbot.errors import BackcheckError


class DatabaseError(BackcheckError):
    """The database cannot be used as it is."""
