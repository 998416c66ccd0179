"""Tree to number: closures over bare values. See ``formula`` for the meaning of each node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import fsum, isfinite

from . import values
from .formula_tree import Binary, Call, Compare, Count, If, Literal, Name, Negate, Node
from .values import NEVER_COMPUTED, OVERFLOW, Bare, Number, Value, bare, equal, value

# What a measure came to: its amount and the number of records behind it, each a plain number
# (int, float, Decimal) or a value.
Term = tuple[object, object]
Terms = Mapping[str, Term]
_Run = Callable[[Terms], Bare]

_ARITHMETIC = {"+": values.plus, "-": values.minus, "*": values.times, "/": values.over}
_HOLDS = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": lambda left, right: left < right and not equal(left, right),
    "<=": lambda left, right: left < right or equal(left, right),
    ">": lambda left, right: left > right and not equal(left, right),
    ">=": lambda left, right: left > right or equal(left, right),
}


def compile_formula(tree: Node) -> Callable[[Terms], Value]:
    """A function from the terms of the measures to the value of the formula.

    It takes a mapping of code to (amount, count); for a team or a longer span, pass the sums. A
    code that is not in the mapping was not computed and is no data, **never zero**: a measure that
    found nothing has the term ``(0, 0)``. Compile once, call for each employee: a call costs a
    few microseconds.

    :raises TypeError: from the function, for a term that is neither a number nor a value
    """
    run = _compiled(tree)

    def formula(terms: Terms) -> Value:
        result = run(terms)
        return Number(result) if type(result) is float else result

    return formula


def evaluate(tree: Node, terms: Terms) -> Value:
    """The value of a formula for one set of terms, see :func:`compile_formula`."""
    return compile_formula(tree)(terms)


def aggregate_terms(many: Iterable[Terms]) -> dict[str, tuple[Value, Value]]:
    """The terms of a team, or of spans side by side: per code the sum of amounts and of counts.

    A formula over the result is a ratio of sums. Failure and no data win as in any sum, and a
    code missing in one of the mappings is no data; leave out who is not to count. The order does
    not matter: floats are added exactly and rounded once.

    >>> aggregate_terms([{"won": (3, 3)}, {"won": (4, 4)}])
    {'won': (Number(value=7.0), Number(value=7.0))}
    """
    many = list(many)
    missing = (NEVER_COMPUTED, NEVER_COMPUTED)
    result = {}
    for code in dict.fromkeys(code for terms in many for code in terms):
        terms_of_code = [terms.get(code, missing) for terms in many]
        amounts, counts = zip(*terms_of_code, strict=True)
        result[code] = (value(_total(amounts)), value(_total(counts)))
    return result


def _total(amounts: Iterable[object]) -> Bare:
    bares = [bare(amount) for amount in amounts]
    others = [other for other in bares if type(other) is not float]
    if others:
        total = others[0]
        for other in others[1:]:
            total = values.worse(total, other)
        return total
    try:
        return fsum(bares)
    except OverflowError:
        return OVERFLOW


# One small function per kind of node; each gives back a closure.


def _compiled(node: Node) -> _Run:
    return _COMPILERS[type(node)](node)


def _literal(node: Literal) -> _Run:
    number = node.value
    return lambda terms: number


def _term(node: Name | Count) -> _Run:
    code = node.code
    which = 1 if isinstance(node, Count) else 0

    def read(terms):
        term = terms.get(code)
        if term is None:
            return NEVER_COMPUTED
        amount = term[which]
        if type(amount) is float and isfinite(amount):
            return amount
        return bare(amount)

    return read


def _negate(node: Negate) -> _Run:
    operand = _compiled(node.operand)

    def negated(terms):
        number = operand(terms)
        return -number if type(number) is float else number

    return negated


def _binary(node: Binary) -> _Run:
    operation = _ARITHMETIC[node.operator]
    left, right = _compiled(node.left), _compiled(node.right)
    return lambda terms: operation(left(terms), right(terms))


def _compare(node: Compare) -> _Run:
    holds = _HOLDS[node.operator]
    left, right = _compiled(node.left), _compiled(node.right)

    def compared(terms):
        one, other = left(terms), right(terms)
        if type(one) is float and type(other) is float:
            return 1.0 if holds(one, other) else 0.0
        return values.worse(one, other)

    return compared


def _if(node: If) -> _Run:
    condition, then, otherwise = (_compiled(child) for child in node.children)

    def chosen(terms):
        truth = condition(terms)
        if type(truth) is float:
            return then(terms) if truth != 0.0 else otherwise(terms)
        return truth

    return chosen


def _call(node: Call) -> _Run:
    if node.function in ("min", "max"):
        return _extreme(node)
    return _round(node) if node.function == "round" else _abs(node)


def _extreme(node: Call) -> _Run:
    pick = values.lesser if node.function == "min" else values.greater
    first, *others = (_compiled(argument) for argument in node.arguments)

    def picked(terms):
        result = first(terms)
        for other in others:
            result = pick(result, other(terms))
        return result

    return picked


def _abs(node: Call) -> _Run:
    operand = _compiled(node.arguments[0])

    def absolute(terms):
        number = operand(terms)
        return abs(number) if type(number) is float else number

    return absolute


def _round(node: Call) -> _Run:
    operand = _compiled(node.arguments[0])
    # The parser lets only whole literals through as digits.
    digits = int(evaluate(node.arguments[1], {}).value) if len(node.arguments) > 1 else 0

    def rounded(terms):
        number = operand(terms)
        if type(number) is not float:
            return number
        result = values.rounded(number, digits)
        return result if isfinite(result) else OVERFLOW

    return rounded


_COMPILERS: dict[type, Callable[[Node], _Run]] = {
    Literal: _literal,
    Name: _term,
    Count: _term,
    Negate: _negate,
    Binary: _binary,
    Compare: _compare,
    If: _if,
    Call: _call,
}
