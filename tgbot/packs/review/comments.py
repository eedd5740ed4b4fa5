"""What a reviewer ticked and wrote in the book, as the JSON file that it saves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from tgbot.errors import BackcheckError
from tgbot.packs.review_items import Item
from tgbot.packs.yaml_files import shape

LARGEST = 4 * 1024 * 1024  # bytes; a note on every item is a tenth of it


class CommentsError(BackcheckError):
    """The file is not what the review book saves."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who reviewed, as they wrote it; nothing here is checked before it is signed with."""

    name: str = ""
    role: str = ""
    body: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """One item's tick and note. `digest` is that of the item in the book that was read."""

    item: str
    digest: str
    verdict: Literal["agree", "change", "reject", ""]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comments:
    """A whole file."""

    pack: str
    locale: str
    made: str
    reviewer: Reviewer
    comments: tuple[Comment, ...]

    def agreed(self, items: Mapping[str, Item]) -> list[Item]:
        """What may be signed: agreed to, without a change in the words since."""
        agreed = [comment for comment in self.comments if comment.verdict == "agree"]
        return [items[c.item] for c in agreed if c.item in items and items[c.item].digest == c.digest]

    def outdated(self, items: Mapping[str, Item]) -> list[str]:
        """What was agreed to in other words than are there now, or is there no more."""
        agreed = [comment for comment in self.comments if comment.verdict == "agree"]
        return [c.item for c in agreed if c.item not in items or items[c.item].digest != c.digest]


_SHAPE = shape(Comments)


def read_comments(path: Path) -> Comments:
    """The comments in the file at `path`. Raises CommentsError."""
    try:
        if path.stat().st_size > LARGEST:
            raise CommentsError(f"{path} is larger than the book ever saves.")
        return _SHAPE.validate_python((json.loads(path.read_bytes()),))[0]
    except OSError as error:
        raise CommentsError(f"{path} cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"][1:])) or "the file"
        said = f"{path} is not what the review book saves ({where}: {first['msg']})."
        raise CommentsError(said) from None
    except (ValueError, RecursionError) as error:
        raise CommentsError(f"{path} is not what the review book saves ({error}).") from None


def todo(comments: Comments, items: Mapping[str, Item]) -> list[tuple[Comment, Item | None]]:
    """What asks for a change, in the order of the book; None is an item that is not there any more."""
    order = {key: place for place, key in enumerate(items)}
    asked = [c for c in comments.comments if c.verdict in ("change", "reject") or (c.note and not c.verdict)]
    asked += [c for c in comments.comments if c.verdict == "agree" and c.note]
    asked.sort(key=lambda comment: order.get(comment.item, len(order)))
    return [(comment, items.get(comment.item)) for comment in asked]
