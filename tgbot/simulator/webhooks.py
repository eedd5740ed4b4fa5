"""The webhook the bot asked for."""

from dataclasses import dataclass


@dataclass
class Webhook:
    """Where updates are to be posted; without a url they are polled."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
