"""The tree of a formula: its nodes, its text, its limits and its errors. See ``formula``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

MAX_LENGTH = 500  # characters of the text
MAX_NODES = 200  # nodes of the tree
MAX_DEPTH = 20  # parentheses, functions, ifs and signs inside one another
MAX_NUMBER = 1e15  # beyond it a float no longer tells one whole number from the next
MIN_NUMBER = 1e-12
MAX_DIGITS = 9  # of round(), to either side of the decimal point

# Every error there is, with the parameters that its sentence may name.
ERRORS: dict[str, tuple[str, ...]] = {
    "empty": (),
    "too_long": ("length", "limit"),
    "too_deep": ("limit",),
    "too_large": ("limit",),
    "unknown_character": ("character",),
    "number_out_of_range": ("number",),
    "decimal_comma": (),  # 1,5 where 1.5 is meant
    "unexpected": ("found",),
    "unexpected_end": (),
    "missing_parenthesis": (),  # the column is that of the one left open
    "stray_parenthesis": (),
    "missing_word": ("word",),  # "then" or "else"
    "chained_comparison": (),  # a < b < c
    "reserved_word": ("name",),  # a word of the language, or kept for it, where a code stands
    "unknown_function": ("name",),
    "wrong_number_of_arguments": ("name", "least", "most", "found"),  # most: None is no limit
    "count_needs_code": (),
    "digits_not_whole": ("least", "most"),  # the second argument of round()
    "unknown_code": ("name",),
    "count_of_indicator": ("name",),
    "cycle": ("chain",),  # the codes from the first to where it comes round, a tuple
}

KEYWORDS = ("if", "then", "else")
# name: least and most number of arguments
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "min": (2, None),
    "max": (2, None),
    "abs": (1, 1),
    "round": (1, 2),
    "count": (1, 1),
}
# Words that are no codes: what the language may come to need, and what would read as a number.
RESERVED = frozenset(
    (*KEYWORDS, *FUNCTIONS, "and", "or", "not", "true", "false", "none", "nan", "inf", "infinity")
)
_CODE = re.compile(r"[a-z_][a-z0-9_]{0,63}")


class FormulaError(ValueError):
    """A formula that cannot be used.

    :param code: which rule is broken, a key of :data:`ERRORS`
    :param column: the character it is about, counted from 1 at the start of the text
    :param params: exactly those that :data:`ERRORS` names for the code
    """

    def __init__(self, code: str, column: int, **params):
        if sorted(params) != sorted(ERRORS[code]):
            raise TypeError(f"{code} takes {ERRORS[code]}, not {tuple(params)}")
        super().__init__(code, column, params)
        self.code = code
        self.column = column
        self.params = params

    def __reduce__(self):
        return _restore_error, (self.code, self.column, self.params)

    def __str__(self):
        told = "".join(f", {name}={told!r}" for name, told in self.params.items())
        return f"{self.code} at column {self.column}{told}"


def _restore_error(code, column, params):
    return FormulaError(code, column, **params)


class Node:
    """A piece of a formula. ``children``: the pieces right below, in the order of the text."""

    __slots__ = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    def with_children(self, *children: Node) -> Node:
        """The same piece over other pieces."""
        return self


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number as written; never negative, for the sign is a node of its own."""

    value: float


@dataclass(frozen=True, slots=True)
class Name(Node):
    """The amount of a measure, or the value of an indicator."""

    code: str
    # Where it stands, for errors found after parsing. The same formula with other blanks is equal.
    column: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Count(Node):
    """The number of records behind a measure."""

    code: str
    column: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """The number with the other sign."""

    operand: Node

    @property
    def children(self):
        return (self.operand,)

    def with_children(self, *children):
        return Negate(*children)


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``operator`` is one of ``+ - * /``."""

    operator: str
    left: Node
    right: Node

    @property
    def children(self):
        return (self.left, self.right)

    def with_children(self, *children):
        return Binary(self.operator, *children)


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """1 where it holds, 0 where not. ``operator`` is one of ``< <= > >= = !=``."""

    operator: str
    left: Node
    right: Node

    @property
    def children(self):
        return (self.left, self.right)

    def with_children(self, *children):
        return Compare(self.operator, *children)


@dataclass(frozen=True, slots=True)
class If(Node):
    """``then`` where the condition is not 0, else ``otherwise``."""

    condition: Node
    then: Node
    otherwise: Node

    @property
    def children(self):
        return (self.condition, self.then, self.otherwise)

    def with_children(self, *children):
        return If(*children)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function, a key of :data:`FUNCTIONS` except ``count``, and its arguments."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self):
        return self.arguments

    def with_children(self, *children):
        return Call(self.function, children)


def is_code(text: str) -> bool:
    """Whether a measure or an indicator may have this code: at most 64 characters, not reserved.

    >>> is_code("won_2"), is_code("2won"), is_code("Won"), is_code("min")
    (True, False, False, False)
    """
    return bool(_CODE.fullmatch(text)) and text not in RESERVED


def walk(tree: Node) -> Iterator[Node]:
    """Every node once, each before those below it, in the order of the text."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def size(tree: Node) -> int:
    """The number of nodes."""
    return sum(1 for _node in walk(tree))


def codes(tree: Node) -> tuple[str, ...]:
    """The codes a formula needs, each once, in the order of the text; those counted as well."""
    return tuple(dict.fromkeys(node.code for node in walk(tree) if isinstance(node, (Name, Count))))


def counted(tree: Node) -> tuple[str, ...]:
    """The codes inside ``count()``, each once, in the order of the text."""
    return tuple(dict.fromkeys(node.code for node in walk(tree) if isinstance(node, Count)))


# How tightly a node holds together; one that holds less tightly than its place asks for needs
# parentheses.
_LOOSE, _COMPARED, _ADDED, _MULTIPLIED, _SIGNED, _ATOM = range(6)
_OPERATORS = {"+": _ADDED, "-": _ADDED, "*": _MULTIPLIED, "/": _MULTIPLIED}


def _tightness(node: Node) -> int:
    if isinstance(node, Binary):
        return _OPERATORS[node.operator]
    if isinstance(node, Compare):
        return _COMPARED
    if isinstance(node, Negate):
        return _SIGNED
    return _LOOSE if isinstance(node, If) else _ATOM


def _least(node: Node) -> tuple[int, ...]:
    """How tightly each child must hold so that it needs no parentheses."""
    if isinstance(node, Binary):
        # a - b - c is (a - b) - c, so the right one must hold tighter than the operator.
        tightness = _OPERATORS[node.operator]
        return (tightness, tightness + 1)
    if isinstance(node, Compare):
        return (_ADDED, _ADDED)
    if isinstance(node, Negate):
        return (_SIGNED,)
    return (_LOOSE,) * len(node.children)


def nesting(tree: Node) -> int:
    """How many levels the parser descends into the text of this tree; a long sum is one level."""
    deepest = 0
    waiting = [(tree, _LOOSE, 0)]
    while waiting:
        node, least, level = waiting.pop()
        if _tightness(node) < least:
            level += 1
        if isinstance(node, (Negate, If, Call, Count)):
            level += 1
        deepest = max(deepest, level)
        waiting += [
            (child, bound, level) for child, bound in zip(node.children, _least(node), strict=True)
        ]
    return deepest


def to_text(tree: Node) -> str:
    """The one text of a tree: single blanks, no parentheses but those needed, no exponents.

    Parsing it gives the tree again. Only its length may stand in the way: blanks, decimals and
    expanded indicators can take it beyond :data:`MAX_LENGTH`, so keep what was typed.
    """
    return _text(tree, _LOOSE)


def _text(node: Node, least: int) -> str:
    parts = [_text(child, bound) for child, bound in zip(node.children, _least(node), strict=True)]
    if isinstance(node, (Binary, Compare)):
        text = f"{parts[0]} {node.operator} {parts[1]}"
    elif isinstance(node, Negate):
        text = f"-{parts[0]}"
    elif isinstance(node, If):
        text = f"if {parts[0]} then {parts[1]} else {parts[2]}"
    elif isinstance(node, Call):
        text = f"{node.function}({', '.join(parts)})"
    elif isinstance(node, Literal):
        text = _number_text(node.value)
    else:
        text = f"count({node.code})" if isinstance(node, Count) else node.code
    return f"({text})" if _tightness(node) < least else text


def _number_text(number: float) -> str:
    text = format(Decimal(repr(number)), "f")
    return text[:-2] if text.endswith(".0") else text
