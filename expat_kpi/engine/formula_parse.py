"""Text to tree: tokens first, then a parser that descends. See ``formula`` for the grammar."""

from __future__ import annotations

import re
from typing import NamedTuple

from .formula_tree import (
    FUNCTIONS,
    KEYWORDS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_NODES,
    MAX_NUMBER,
    MIN_NUMBER,
    RESERVED,
    Binary,
    Call,
    Compare,
    Count,
    FormulaError,
    If,
    Literal,
    Name,
    Negate,
    Node,
)

# One character each to one character, so that columns stay those of the text as typed. Letters
# are mapped here and not with str.lower(), which turns some letters into two.
_TYPED = {0xFF01 + offset: 0x21 + offset for offset in range(94)}  # full-width ASCII
_TYPED |= {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_TYPED |= {0xFF21 + offset: 0x61 + offset for offset in range(26)}  # full-width capitals
_TYPED |= str.maketrans("×÷−–\u3000\u00a0", "*/--  ")
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "==": "=", "<>": "!="}
_COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
    | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]+)?)
    | (?P<word>[a-z_][a-z0-9_]*)
    | (?P<sign><=|>=|!=|==|<>|[-+*/()<>=,≤≥≠])""",
    re.VERBOSE,
)


class _Token(NamedTuple):
    kind: str  # "number", "word", "sign" or "end"
    text: str
    column: int


def parse(text: str) -> Node:
    """The tree of a formula.

    :param text: what the user typed; None, False and blanks are an empty formula
    :raises FormulaError: with the column of the first thing that does not fit
    """
    if not text:
        raise FormulaError("empty", 1)
    if len(text) > MAX_LENGTH:
        raise FormulaError("too_long", MAX_LENGTH + 1, length=len(text), limit=MAX_LENGTH)
    return _Parser(_tokens(text)).formula()


def _tokens(text: str) -> list[_Token]:
    typed = text.translate(_TYPED)
    tokens = []
    position = 0
    while position < len(typed):
        match = _TOKEN.match(typed, position)
        if not match:
            told = _printable(text[position])
            raise FormulaError("unknown_character", position + 1, character=told)
        if match.lastgroup != "blank":
            found = match.group()
            tokens.append(_Token(match.lastgroup, _SAME.get(found, found), position + 1))
        position = match.end()
    if not tokens:
        raise FormulaError("empty", 1)
    tokens.append(_Token("end", "", len(text.rstrip()) + 1))
    return tokens


def _printable(character: str) -> str:
    # A lone surrogate or a control character in a message would break the page or the log.
    return character if character.isprintable() else f"U+{ord(character):04X}"


class _Parser:
    """Descends through the grammar; ``self.token`` is the one that comes next.

    Depth and nodes are counted before descending and before building, so no text gets further
    than the limits: the interpreter's own stack is never what stops it.
    """

    def __init__(self, tokens: list[_Token]):
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.nodes = 0
        self.open = 0  # parentheses not yet closed

    # Reading tokens

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.token
        self.position += 1
        return token

    def next_is(self, *texts: str) -> bool:
        return self.token.text in texts

    def node(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            column = self.tokens[self.position - 1].column
            raise FormulaError("too_large", column, limit=MAX_NODES)
        return node

    def descend(self, token: _Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("too_deep", token.column, limit=MAX_DEPTH)

    def ascend(self) -> None:
        self.depth -= 1

    def unexpected(self) -> FormulaError:
        token = self.token
        if token.kind == "end":
            return FormulaError("unexpected_end", token.column)
        if token.text == ")" and not self.open:
            return FormulaError("stray_parenthesis", token.column)
        if token.text == "," and self.position:
            before, after = self.tokens[self.position - 1], self.tokens[self.position + 1]
            if before.kind == after.kind == "number":
                return FormulaError("decimal_comma", token.column)
        return FormulaError("unexpected", token.column, found=token.text[:30])

    # The grammar, from loose to tight

    def formula(self) -> Node:
        tree = self.expression()
        if self.token.kind != "end":
            raise self.unexpected()
        return tree

    def expression(self) -> Node:
        if not self.next_is("if"):
            return self.comparison()
        self.descend(self.take())
        condition = self.expression()
        self.word("then")
        then = self.expression()
        self.word("else")
        otherwise = self.expression()
        self.ascend()
        return self.node(If(condition, then, otherwise))

    def word(self, word: str) -> None:
        if not self.next_is(word):
            raise FormulaError("missing_word", self.token.column, word=word)
        self.take()

    def comparison(self) -> Node:
        left = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.signed))
        if not self.next_is(*_COMPARISONS):
            return left
        operator = self.take().text
        right = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.signed))
        if self.next_is(*_COMPARISONS):
            raise FormulaError("chained_comparison", self.token.column)
        return self.node(Compare(operator, left, right))

    def chain(self, operators: tuple[str, ...], operand) -> Node:
        left = operand()
        while self.next_is(*operators):
            operator = self.take().text
            left = self.node(Binary(operator, left, operand()))
        return left

    def signed(self) -> Node:
        if not self.next_is("-"):
            return self.atom()
        self.descend(self.take())
        operand = self.signed()
        self.ascend()
        return self.node(Negate(operand))

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.literal()
        if token.kind == "word" and token.text not in KEYWORDS:
            return self.name_or_call()
        if token.text != "(":
            raise self.unexpected()
        self.enter(self.take())
        inside = self.expression()
        self.close(token)
        return inside

    def literal(self) -> Node:
        token = self.take()
        number = float(token.text)
        mantissa = token.text.partition("e")[0]
        is_zero = not mantissa.strip("0.")
        if not is_zero and not MIN_NUMBER <= number <= MAX_NUMBER:
            raise FormulaError("number_out_of_range", token.column, number=token.text[:30])
        return self.node(Literal(number))

    def name_or_call(self) -> Node:
        token = self.take()
        name = token.text
        if not self.next_is("("):
            if name in RESERVED:
                raise FormulaError("reserved_word", token.column, name=name)
            return self.node(Name(name, token.column))
        if name not in FUNCTIONS:
            raise FormulaError("unknown_function", token.column, name=name[:30])
        return self.count(token) if name == "count" else self.call(token)

    # Parentheses and what stands in them

    def enter(self, token: _Token) -> None:
        self.descend(token)
        self.open += 1

    def close(self, opening: _Token) -> None:
        if self.token.kind == "end":
            raise FormulaError("missing_parenthesis", opening.column)
        if not self.next_is(")"):
            raise self.unexpected()
        self.take()
        self.open -= 1
        self.ascend()

    def call(self, name: _Token) -> Node:
        opening = self.take()
        self.enter(opening)
        arguments = [] if self.next_is(")") else [self.argument(name, 0)]
        while self.next_is(","):
            self.take()
            arguments.append(self.argument(name, len(arguments)))
        self.close(opening)
        self.check_number_of_arguments(name, len(arguments))
        return self.node(Call(name.text, tuple(arguments)))

    def argument(self, name: _Token, index: int) -> Node:
        column = self.token.column
        argument = self.expression()
        if name.text == "round" and index == 1:
            digits = argument.operand if isinstance(argument, Negate) else argument
            whole = isinstance(digits, Literal) and digits.value.is_integer()
            if not whole or digits.value > MAX_DIGITS:
                raise FormulaError("digits_not_whole", column, least=-MAX_DIGITS, most=MAX_DIGITS)
        return argument

    def check_number_of_arguments(self, name: _Token, found: int) -> None:
        least, most = FUNCTIONS[name.text]
        if found < least or (most is not None and found > most):
            raise FormulaError(
                "wrong_number_of_arguments",
                name.column,
                name=name.text,
                least=least,
                most=most,
                found=found,
            )

    def count(self, name: _Token) -> Node:
        opening = self.take()
        self.enter(opening)
        token = self.token
        if token.kind == "end":
            raise FormulaError("missing_parenthesis", opening.column)
        if token.text == ")":
            self.check_number_of_arguments(name, 0)
        if token.kind != "word" or token.text in RESERVED:
            raise FormulaError("count_needs_code", token.column)
        self.take()
        if self.token.kind != "end" and not self.next_is(")"):
            # count(a + b), count(a, b): what is meant is count(a) + count(b)
            raise FormulaError("count_needs_code", self.token.column)
        self.close(opening)
        return self.node(Count(token.text, token.column))
