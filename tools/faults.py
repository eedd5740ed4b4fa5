"""Single faults for `make mutate`: every place in a text where one small change makes it wrong.

A fault is the changed span of the text and what stands there instead. Not planted, as they are no behaviour:
log lines, type annotations, docstrings, words (strings, but for SQL), how dataclasses are made.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

_SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], str]] = {
    ast.Lt: (ast.LtE, "<="),
    ast.LtE: (ast.Lt, "<"),
    ast.Gt: (ast.GtE, ">="),
    ast.GtE: (ast.Gt, ">"),
    ast.Eq: (ast.NotEq, "!="),
    ast.NotEq: (ast.Eq, "=="),
    ast.Is: (ast.IsNot, "is not"),
    ast.IsNot: (ast.Is, "is"),
    ast.In: (ast.NotIn, "not in"),
    ast.NotIn: (ast.In, "in"),
    ast.And: (ast.Or, "or"),
    ast.Or: (ast.And, "and"),
    ast.Add: (ast.Sub, "-"),
    ast.Sub: (ast.Add, "+"),
    ast.Mult: (ast.Div, "/"),
    ast.Div: (ast.Mult, "*"),
}
_NO_BEHAVIOUR = ("annotation", "returns", "decorator_list", "bases", "type_params")
_OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any"}
_STATEMENT = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b")


@dataclass(frozen=True, slots=True)
class Fault:
    """In `path`, the text from `start` to `end` (offsets in characters) becomes `new`."""

    path: str
    line: int
    stands: str  # the whole line in which it begins
    start: int
    end: int
    old: str
    new: str
    place: int = 1  # among those of its file that say the same

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.change}"

    @property
    def change(self) -> str:
        """The line, and what in it becomes what."""
        old, new = (" ".join(text.split()) or "nothing" for text in (self.old, self.new))
        return f"{self.stands}  [{old} → {new}]" + (f" ({self.place})" if self.place > 1 else "")

    @property
    def name(self) -> str:
        """The same wherever the line moves to."""
        return f"{self.path}  {self.change}"

    def plant(self, text: str) -> str:
        assert text[self.start : self.end] == self.old, "the file is another one by now"
        return text[: self.start] + self.new + text[self.end :]

    def matters(self, text: str) -> bool:
        """Whether Python still reads the file, and reads something else in it."""
        if self.path.endswith(".sql"):
            return True
        try:
            return ast.dump(ast.parse(self.plant(text))) != ast.dump(ast.parse(text))
        except SyntaxError:
            return False


def _fault(path: str, text: str, start: int, end: int, new: str) -> Fault:
    line = text.count("\n", 0, start)
    return Fault(path, line + 1, text.splitlines()[line].strip(), start, end, text[start:end], new)


def faults_in(path: str, text: str) -> list[Fault]:
    """Every fault that can be planted in a file, in the order of the text."""
    found = _in_sql(path, text, 0) if path.endswith(".sql") else _Python(path, text).faults()
    said: Counter[str] = Counter()
    numbered = []
    for fault in sorted(set(found), key=lambda fault: (fault.start, fault.end, fault.new)):
        said[fault.change] += 1
        numbered.append(replace(fault, place=said[fault.change]))
    return numbered


class _Python:
    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def faults(self) -> Iterator[Fault]:
        yield from self._within(ast.parse(self._text))

    def _within(self, node: ast.AST) -> Iterator[Fault]:
        if isinstance(node, ast.JoinedStr):  # where its parts stand is told wrongly before Python 3.12
            return
        if isinstance(node, ast.Expr) and (_is_log(node.value) or isinstance(node.value, ast.Constant)):
            return
        yield from self._at(node)
        for name, value in ast.iter_fields(node):
            if name in _NO_BEHAVIOUR or (name == "slice" and isinstance(value, ast.Tuple)):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._within(child)

    def _at(self, node: ast.AST) -> Iterator[Fault]:
        match node:
            case ast.Compare(left, ops, comparators):
                for before, op, after in zip([left, *comparators], ops, comparators, strict=False):
                    yield self._between(before, after, op)
            case ast.BoolOp(op, values):
                yield self._changed(node, _written(ast.BoolOp(_other(op), values)))
            case ast.BinOp(left, op, right) if type(op) in _SWAPPED and not isinstance(left, ast.Constant):
                yield self._between(left, right, op)
            case ast.UnaryOp(ast.Not(), operand):
                yield self._changed(node, f"({_written(operand)})")
            case ast.Constant(bool() as value):
                yield self._changed(node, str(not value))
            case ast.Constant(int() | float() as value):
                yield self._changed(node, repr(value + 1))
                yield self._changed(node, repr(value - 1))
            case ast.Constant(str() as value) if _STATEMENT.match(value):
                source = self._source(node)
                yield from _in_sql(self._path, source, self._offset(node), self._text)
            case ast.Return(ast.expr() as value) if not _is_none(value):
                yield self._changed(value, "None")
            case ast.IfExp(_, body, orelse):
                yield self._changed(node, f"({_written(body)})")
                yield self._changed(node, f"({_written(orelse)})")
            case ast.Name(name) if name in _OTHER_NAME:
                yield self._changed(node, _OTHER_NAME[name])
            case ast.Call(func, args, keywords):
                for keyword in (one for one in keywords if one.arg):
                    fewer = [one for one in keywords if one is not keyword]
                    yield self._changed(node, _written(ast.Call(func, args, fewer)))
            case ast.Tuple(elements, ast.Load()) if len(elements) > 1:
                for left_out in elements:
                    fewer_of = ast.Tuple([one for one in elements if one is not left_out], ast.Load())
                    yield self._changed(node, _written(fewer_of))
            case ast.Expr() | ast.AugAssign() | ast.Delete() | ast.Raise() | ast.Continue() | ast.Break():
                yield self._changed(node, "pass")
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                yield self._changed(node, "pass")

    def _between(self, left: ast.expr, right: ast.expr, op: ast.AST) -> Fault:
        """The operator alone, so that the rest of the line stays as it is."""
        start, end = self._offset(left, end=True), self._offset(right)
        old = self._text[start:end]
        new = re.sub(r"(?:not\s+in|is\s+not|[<>=!]=|in|is|[<>+\-*/])", _SWAPPED[type(op)][1], old, count=1)
        return self._fault(start, end, new)

    def _changed(self, node: ast.AST, new: str) -> Fault:
        return self._fault(self._offset(node), self._offset(node, end=True), new)

    def _fault(self, start: int, end: int, new: str) -> Fault:
        return _fault(self._path, self._text, start, end, new)

    def _source(self, node: ast.AST) -> str:
        return self._text[self._offset(node) : self._offset(node, end=True)]

    def _offset(self, node: ast.AST, *, end: bool = False) -> int:
        """Python counts columns in bytes of UTF-8."""
        number: int = getattr(node, "end_lineno" if end else "lineno")
        column: int = getattr(node, "end_col_offset" if end else "col_offset")
        begins = self._lines[number - 1]
        line = self._text[begins : self._lines[number]]
        return begins + len(line.encode()[:column].decode())


def _other(op: ast.AST) -> ast.boolop:
    return ast.Or() if isinstance(op, ast.And) else ast.And()


def _written(node: ast.expr) -> str:
    """As one line, in brackets where it might stand among others."""
    text = ast.unparse(node)
    return text if isinstance(node, ast.Call | ast.Tuple) else f"({text})"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_log(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")


_ENDS = r"AND|OR|ORDER|LIMIT|RETURNING|GROUP|FOR|THEN|ELSE|END|ON|UNION|WHERE|FROM|AS|HAVING"
_WORD = re.compile(rf"\b(?:{_ENDS})\b")
_SMALL = (  # in a condition or a sum, what is written and what instead
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<![<>=-])>(?![=<])", ">="),
    (r"<(?![=>])", "<="),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bOR\b(?! REPLACE)", "AND"),
    (r"(?<=[\w)]) DESC\b", ""),
    (r"\+ 1\b", "+ 2"),
    (r"= 0\b", "= 1"),
    (r"= 1\b", "= 0"),
    (r"\bmin(?=\()", "max"),
    (r" LIMIT (?:\d \* )?(?::\w+|CAST\(:\w+ AS bigint\))", ""),
    (r" DISTINCT\b", ""),
    (r",\s+\w+ = (?:\w+\.\w+|:\w+|NULL)(?=[,\n])", ""),
)


def _in_sql(path: str, sql: str, offset: int, whole: str | None = None) -> Iterator[Fault]:
    """Faults of SQL that begins at `offset` of the whole text. Comments and names are skipped."""
    text = whole if whole is not None else sql
    shown = re.sub(r"--[^\n]*", lambda found: " " * len(found[0]), sql)
    shown = re.sub(r"'([^'\n]*)'", lambda found: "_" * len(found[0]), shown)  # words are words

    def fault(start: int, end: int, new: str) -> Fault:
        return _fault(path, text, offset + start, offset + end, new)

    for pattern, new in _SMALL:
        for found in re.finditer(pattern, shown):
            yield fault(found.start(), found.end(), new)
    for found in re.finditer(r"\bORDER BY ((?:[\w.()]+(?: DESC)?(?:, )?)+)", shown):
        if not found[1].split(",")[0].endswith("DESC"):
            first = found.start(1) + len(found[1].split(",")[0].rstrip())
            yield fault(first, first, " DESC")
    for found in re.finditer(r"\b(AND|WHERE)\s+", shown):
        end = _end_of_condition(shown, found.end())
        if found[1] == "AND":
            yield fault(found.start(), end, "")
        else:
            yield fault(found.end(), end, "1 = 1")


def _end_of_condition(sql: str, start: int) -> int:
    """Where the condition that begins here is over: at the next word of its own depth that ends one."""
    depth, at = 0, start
    while at < len(sql):
        if sql[at] == "(":
            depth += 1
        elif sql[at] == ")":
            depth -= 1
            if depth < 0:
                break
        elif (
            sql[at] in ';"'
            or sql.startswith("\n\n", at)
            or (depth == 0 < at - start and _WORD.match(sql, at))
        ):
            break
        at += 1
    return start + len(sql[start:at].rstrip())
