"""A formula over indicators brought down to one over measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .formula_tree import (
    MAX_DEPTH,
    MAX_NODES,
    Count,
    FormulaError,
    Name,
    Node,
    nesting,
    size,
    walk,
)


def expand(tree: Node, lookup: Callable[[str], Node | None], *, code: str | None = None) -> Node:
    """The tree with the tree of each indicator in the place of its code, down to measures.

    :param lookup: answers for a code the tree of that indicator, None for a measure, and raises
        LookupError (KeyError) for a code that there is not
    :param code: the indicator's own code, so that a formula that uses itself is found even before
        it is saved
    :raises FormulaError: unknown_code, cycle (with the chain of codes), count_of_indicator, and
        too_large or too_deep, for the limits hold for the result. The column is always one of
        ``tree``: that of the code through which the fault comes in.

    >>> from .formula_parse import parse
    >>> library = {"a": parse("b + 1"), "b": parse("2 * a")}
    >>> from .formula_tree import to_text
    >>> to_text(expand(parse("a - c"), {**library, "a": parse("c * 2"), "c": None}.__getitem__))
    'c * 2 - c'
    >>> try:
    ...     expand(library["a"], library.__getitem__, code="a")
    ... except FormulaError as error:
    ...     print(error)
    cycle at column 1, chain=('a', 'b', 'a')
    """
    return _Expansion(lookup).expanded(tree, (code,) if code else (), None)


class _Expansion:
    """Each indicator is expanded once, however often it is used: work stays within the limits."""

    def __init__(self, lookup):
        self.lookup = lookup
        self.done: dict[str, Node | None] = {}

    def expanded(self, tree: Node, chain: tuple[str, ...], column: int | None) -> Node:
        found: dict[str, Node | None] = {}
        total, at = 0, column or 1
        for node in walk(tree):
            total += 1
            if isinstance(node, (Name, Count)):
                at = column or node.column
                found[node.code] = inner = self.indicator(node.code, chain, at)
                if inner is not None:
                    if isinstance(node, Count):
                        raise FormulaError("count_of_indicator", at, name=node.code)
                    total += size(inner) - 1
            if total > MAX_NODES:
                # Counted before it is built: three indicators may stand for a billion nodes.
                raise FormulaError("too_large", at, limit=MAX_NODES)
        result = _replaced(tree, found)
        if nesting(result) > MAX_DEPTH:
            at = column or _deepest(tree, found)
            raise FormulaError("too_deep", at, limit=MAX_DEPTH)
        return result

    def indicator(self, code: str, chain: tuple[str, ...], column: int) -> Node | None:
        if code in chain:
            raise FormulaError("cycle", column, chain=(*chain[chain.index(code) :], code))
        if code not in self.done:
            try:
                tree = self.lookup(code)
            except LookupError:
                raise FormulaError("unknown_code", column, name=code) from None
            if tree is not None:
                if len(chain) >= MAX_DEPTH:
                    # Indicators that only pass on another one grow neither wide nor deep.
                    raise FormulaError("too_deep", column, limit=MAX_DEPTH)
                tree = self.expanded(tree, (*chain, code), column)
            self.done[code] = tree
        return self.done[code]


def _replaced(node: Node, trees: Mapping[str, Node | None]) -> Node:
    if isinstance(node, Name):
        tree = trees[node.code]
        return node if tree is None else tree
    if not node.children:
        return node
    return node.with_children(*(_replaced(child, trees) for child in node.children))


def _deepest(tree: Node, trees: Mapping[str, Node | None]) -> int:
    """The column of the code that brings the most levels with it."""
    names = [node for node in walk(tree) if isinstance(node, Name) and trees[node.code] is not None]
    deepest = max(names, key=lambda name: nesting(trees[name.code]), default=None)
    return deepest.column if deepest else 1
