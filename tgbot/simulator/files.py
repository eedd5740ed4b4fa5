"""Uploaded files: what Telegram would refuse, and what can be fetched again."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.picture_sizes import size_of
from tgbot.simulator.refusals import Refusal, bad_request

MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20

FileKind = Literal["photo", "document", "voice", "sticker"]


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
    kind: FileKind
    name: str
    mime_type: str
    content: bytes
    path: str

    def media(self) -> JsonObject:
        """`photo` or `document` as a message carries it."""
        ids: JsonObject = {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }
        if self.kind == "photo":
            width, height = size_of(self.content) or (1, 1)
            return {"photo": [{**ids, "width": width, "height": height}]}
        return {"document": {**ids, "file_name": self.name, "mime_type": self.mime_type}}


@dataclass
class UploadedFiles:
    """Every file by its id and by its path."""

    by_id: dict[str, StoredFile] = field(default_factory=dict)
    by_path: dict[str, StoredFile] = field(default_factory=dict)

    def keep(self, kind: FileKind, upload: Upload) -> StoredFile:
        """Store it. Raises `Refusal` when Telegram would not take it."""
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > MAX_UPLOAD:
            raise Refusal(413, "Request Entity Too Large")
        if kind == "photo":
            _check_photo(upload.content)
        unique = hashlib.sha256(kind.encode() + upload.content).hexdigest()[:15]
        number = len(self.by_id) + 1
        suffix = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        path = f"{kind}s/file_{number}.{suffix}"
        file_id = f"{kind[:2].upper()}AAA{unique}{number:06d}"
        name, mime_type, content = upload.name, upload.mime_type, upload.content
        file = StoredFile(file_id, f"AQ{unique}", kind, name, mime_type, content, path)
        self.by_id[file.id] = self.by_path[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile:
        """The file. Raises `Refusal` when there is none of that id."""
        file = self.by_id.get(file_id)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return file

    def take(self, kind: FileKind, reference: str, uploads: Uploads) -> StoredFile:
        """What a parameter stands for: attach://part, a file_id, or a URL. Raises `Refusal`."""
        if reference.startswith("attach://"):
            upload = uploads.get(reference.removeprefix("attach://"))
            if upload is None:
                raise bad_request(f'there is no part "{reference.removeprefix("attach://")}" in the request')
            return self.keep(kind, upload)
        if reference.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")  # the simulator has no network
        file = self.get(reference)
        if file.kind != kind:
            raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file


def _check_photo(content: bytes) -> None:
    if len(content) > MAX_PHOTO:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes"
        )
    size = size_of(content)
    if size is None or 0 in size:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > MAX_PHOTO_SIDES or max(size) > MAX_PHOTO_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
