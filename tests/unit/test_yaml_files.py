"""YAML as plain data with lines: what is odd, huge or dangerous is refused."""

import os
from pathlib import Path

import pytest

from tgbot.packs.yaml_files import DEEPEST, LARGEST, PackErrors, parse, read


def test_every_value_and_text_knows_its_line() -> None:
    document = parse("a: 1\nb:\n  - x: y\n  - |\n    long\n    text\nc: z\n", "f.yaml")
    assert document.data == {"a": 1, "b": [{"x": "y"}, "long\ntext\n"], "c": "z"}
    assert document.line(("b", 0, "x")) == 3
    assert document.line(("b", 1)) == 4
    assert document.texts["b", 1] == 5
    assert document.line(("c", "not", "there")) == 7
    assert document.line(()) == 1


def test_bare_words_are_words() -> None:
    assert parse("NO: on\nyes: off\n0123: 000\nday: 2026-11-23\ntrue: true\nnone: null", "f").data == {
        "NO": "on",
        "yes": "off",
        "0123": "000",
        "day": "2026-11-23",
        "true": True,
        "none": None,
    }
    assert parse("a: " + "9" * 5000, "f").data == {"a": "9" * 5000}  # too long for a number: a word


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "f:2: `a` is here twice, first on line 1"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", "f:4: `b` is here twice, first on line 2"),
        ("a: &x 1\nb: *x\n", "f:1: anchors and aliases (& and *) are not used in a pack"),
        ("a:\n- [\n", "f:3: is not valid YAML"),
        ("\ta: b", "f:1: is not valid YAML"),
        ("a: 1\nb: \x00", "f:2: is not valid YAML"),
        ("a: !!python/object/apply:os.system [x]", "f:1: the tag"),
        ("a: !!binary x", "f:1: the tag"),
        ("a: !!int x", "f:1: the tag"),
        ("a: 1\n---\nb: 2\n", "f:2: is not valid YAML: there is another document"),
        ("? [a]\n: b\n", "f:1: a key must be a single word"),
        ("[" * (DEEPEST + 1), f"f:1: is nested more than {DEEPEST} levels deep"),
        ("[" * 100_000, f"f:1: is nested more than {DEEPEST} levels deep"),
    ],
)
def test_tricks_and_slips_are_refused_with_their_line(text: str, said: str) -> None:
    with pytest.raises(PackErrors) as errors:
        parse(text, "f")
    assert str(errors.value).startswith(said)


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    lines = ["a0: &a0 ha"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(PackErrors, match="f:1: anchors and aliases"):
        parse("\n".join(lines), "f")


def test_a_file_that_is_too_large_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(PackErrors, match=r"x\.yaml:1: this file is missing"):
        read(path, "x.yaml")
    path.write_bytes(b"a: " + b"x" * LARGEST)
    with pytest.raises(PackErrors, match="is larger than 1024 KiB"):
        read(path, "x.yaml")
    path.write_bytes(b"a: \xff\xfe")
    with pytest.raises(PackErrors, match="is not text in UTF-8"):
        read(path, "x.yaml")


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    """A pipe that nobody writes to would be waited for, and a device never ends."""
    pipe, device, folder, linked = (tmp_path / name for name in ("pipe", "device", "folder", "linked"))
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    folder.mkdir()
    (tmp_path / "file").write_text("a: 1\r\nb: 2\r\n")
    linked.symlink_to(tmp_path / "file")  # as Kubernetes mounts a pack
    for path in (pipe, device, folder):
        with pytest.raises(PackErrors, match=r"x:1: is not a regular file"):
            read(path, "x")
    assert read(linked, "x").data == {"a": 1, "b": 2}
