"""Uploaded files: what Telegram would refuse, and what can be fetched again."""

import hashlib
from dataclasses import dataclass, field

from tgbot.simulator.refusals import bad_request

MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file as it came with a call."""

    name: str
    mime_type: str
    content: bytes


Uploads = dict[str, Upload]
"""By the name of the form's part."""


@dataclass(frozen=True)
class StoredFile:
    """A file that somebody sent."""

    id: str
    unique_id: str
    name: str
    mime_type: str
    content: bytes
    path: str


@dataclass
class Files:
    """Every file by its id and by its path."""

    by_id: dict[str, StoredFile] = field(default_factory=dict)
    by_path: dict[str, StoredFile] = field(default_factory=dict)

    def keep(self, kind: str, name: str, mime_type: str, content: bytes) -> StoredFile:
        """Store it. Raises `Refusal` when it is empty or larger than a bot may send."""
        if not content:
            raise bad_request("file must be non-empty")
        if len(content) > MAX_UPLOAD:
            raise bad_request("file is too big")
        unique = hashlib.sha256(kind.encode() + content).hexdigest()[:15]
        number = len(self.by_id) + 1
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        file = StoredFile(
            f"{kind[:2].upper()}AAA{unique}{number:06d}",
            f"AQ{unique}",
            name,
            mime_type,
            content,
            f"{kind}s/file_{number}.{suffix}",
        )
        self.by_id[file.id] = file
        self.by_path[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile:
        """The file. Raises `Refusal` when there is none of that id."""
        file = self.by_id.get(file_id)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return file
