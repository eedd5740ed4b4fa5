"""What every command needs: the settings from the environment, and the log."""

import os

from tgbot.settings import Settings


def read_settings() -> Settings:
    """The settings of this environment. Raises BackcheckError for what an operator must mend."""
    return Settings.read(os.environ)


def start_log(settings: Settings, level: str = "INFO") -> None:
    """Log as the settings say, secrets hidden."""
    from tgbot.logs import configure

    configure(settings.log, settings.secrets(), level)
