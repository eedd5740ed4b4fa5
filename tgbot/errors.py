"""What an operator is told when something is wrong: one clear sentence a problem, never a traceback."""


class BackcheckError(Exception):
    """Something that whoever runs the bot can put right. Carries every problem found, a sentence each."""

    def __init__(self, *sentences: str) -> None:
        self.sentences = sentences
        super().__init__("\n".join(sentences))


class DatabaseError(BackcheckError):
    """The database cannot be used as it is."""
