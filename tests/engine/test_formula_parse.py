"""Text to tree and back: tables first, then properties over generated trees."""

import contextlib
import copy
import pickle

import pytest
from engine import formula
from engine.formula import (
    ERRORS,
    Binary,
    Call,
    Compare,
    Count,
    FormulaError,
    If,
    Literal,
    Name,
    Negate,
    codes,
    counted,
    nesting,
    parse,
    size,
    to_text,
)
from formula_strategies import any_tree, trees
from hypothesis import assume, given
from hypothesis import strategies as st

A, B, C, D = Name("a"), Name("b"), Name("c"), Name("d")

TREES = [
    ("1", Literal(1.0)),
    ("1.50", Literal(1.5)),
    (".5", Literal(0.5)),
    ("2.5e3", Literal(2500.0)),
    ("2E-3", Literal(0.002)),
    ("0e999", Literal(0.0)),
    ("a", A),
    ("-a", Negate(A)),
    ("-1", Negate(Literal(1.0))),
    ("--a", Negate(Negate(A))),
    ("a - -b", Binary("-", A, Negate(B))),
    ("a - b - c", Binary("-", Binary("-", A, B), C)),
    ("a - (b - c)", Binary("-", A, Binary("-", B, C))),
    ("a + b * c", Binary("+", A, Binary("*", B, C))),
    ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
    ("a / b / c", Binary("/", Binary("/", A, B), C)),
    ("-a * b", Binary("*", Negate(A), B)),
    ("-(a * b)", Negate(Binary("*", A, B))),
    ("a < b + c", Compare("<", A, Binary("+", B, C))),
    ("(a < b) * c", Binary("*", Compare("<", A, B), C)),
    ("(a < b) = (c < d)", Compare("=", Compare("<", A, B), Compare("<", C, D))),
    ("count(a)", Count("a")),
    ("a / count(a)", Binary("/", A, Count("a"))),
    ("min(a, b)", Call("min", (A, B))),
    ("max(a, b, c)", Call("max", (A, B, C))),
    ("abs(-a)", Call("abs", (Negate(A),))),
    ("round(a)", Call("round", (A,))),
    ("round(a, 2)", Call("round", (A, Literal(2.0)))),
    ("round(a, -2)", Call("round", (A, Negate(Literal(2.0))))),
    ("if a then b else c", If(A, B, C)),
    ("if a then b else c + d", If(A, B, Binary("+", C, D))),
    ("(if a then b else c) + d", Binary("+", If(A, B, C), D)),
    ("if a then b else if c then d else a", If(A, B, If(C, D, A))),
    ("if a then if b then c else d else a", If(A, If(B, C, D), A)),
    ("if if a then b else c then d else a", If(If(A, B, C), D, A)),
    ("iffy", Name("iffy")),
    ("counts", Name("counts")),
    ("e3", Name("e3")),
    ("_", Name("_")),
]

# what is typed, what it is
SPELLINGS = [
    ("100×won÷closed", "100 * won / closed"),
    ("a − b", "a - b"),
    ("a – b", "a - b"),
    ("（a＋b）＊c", "(a + b) * c"),
    ("min（a，b）", "min(a, b)"),
    ("１００ ＊ Ｗｏｎ", "100 * won"),
    ("１．５", "1.5"),
    ("a　+　b", "a + b"),
    ("a\u00a0+\u00a0b", "a + b"),
    (" a\t+\n b\r\n", "a + b"),
    ("a ≤ b", "a <= b"),
    ("a ≥ b", "a >= b"),
    ("a ≠ b", "a != b"),
    ("a ＜＝ b", "a <= b"),
    ("a == b", "a = b"),
    ("a <> b", "a != b"),
    ("IF Won THEN 1 ELSE 0", "if won then 1 else 0"),
    ("((((a))))", "a"),
    ("(a * b) + (c)", "a * b + c"),
    ("100.0", "100"),
    ("1e15", "1000000000000000"),
    ("1e-12", "0.000000000001"),
    ("0.10", "0.1"),
]

# what is typed, error, column, parameters
FAULTS = [
    (None, "empty", 1, {}),
    (False, "empty", 1, {}),
    ("", "empty", 1, {}),
    (" \n　", "empty", 1, {}),
    ("a" * 501, "too_long", 501, {"length": 501, "limit": 500}),
    ("(" * 21 + "a" + ")" * 21, "too_deep", 21, {"limit": 20}),
    ("-" * 21 + "a", "too_deep", 21, {"limit": 20}),
    ("+".join("a" * 101), "too_large", 201, {"limit": 200}),
    ("a + $", "unknown_character", 5, {"character": "$"}),
    ("a.b", "unknown_character", 2, {"character": "."}),
    ("a % b", "unknown_character", 3, {"character": "%"}),
    ("赢单", "unknown_character", 1, {"character": "赢"}),
    ("größe", "unknown_character", 3, {"character": "ö"}),
    ("a\x00", "unknown_character", 2, {"character": "U+0000"}),
    ("a\ud800", "unknown_character", 2, {"character": "U+D800"}),
    ("a\u200b", "unknown_character", 2, {"character": "U+200B"}),
    ("a + Ｋ + \u212a", "unknown_character", 9, {"character": "\u212a"}),
    ("a + 1e400", "number_out_of_range", 5, {"number": "1e400"}),
    ("1e16", "number_out_of_range", 1, {"number": "1e16"}),
    ("1000000000000001", "number_out_of_range", 1, {"number": "1000000000000001"}),
    ("1e-13", "number_out_of_range", 1, {"number": "1e-13"}),
    ("1e-400", "number_out_of_range", 1, {"number": "1e-400"}),
    ("9" * 400, "number_out_of_range", 1, {"number": "9" * 30}),
    ("1,5 * a", "decimal_comma", 2, {}),
    ("a * (1，5)", "decimal_comma", 7, {}),
    ("a, b", "unexpected", 2, {"found": ","}),
    ("(a, 5)", "unexpected", 3, {"found": ","}),
    ("(5, a)", "unexpected", 3, {"found": ","}),
    ("1 (2)", "unexpected", 3, {"found": "("}),
    (",5", "unexpected", 1, {"found": ","}),
    ("a b", "unexpected", 3, {"found": "b"}),
    ("2won", "unexpected", 2, {"found": "won"}),
    ("1.2.3", "unexpected", 4, {"found": ".3"}),
    ("a ** b", "unexpected", 4, {"found": "*"}),
    ("= a", "unexpected", 1, {"found": "="}),
    ("+a", "unexpected", 1, {"found": "+"}),
    ("()", "unexpected", 2, {"found": ")"}),
    ("min(a,)", "unexpected", 7, {"found": ")"}),
    ("a + if b then c else d", "unexpected", 5, {"found": "if"}),
    ("then", "unexpected", 1, {"found": "then"}),
    ("a (b)", "unknown_function", 1, {"name": "a"}),
    ("a then b", "unexpected", 3, {"found": "then"}),
    ("a +", "unexpected_end", 4, {}),
    ("a +   ", "unexpected_end", 4, {}),
    ("if", "unexpected_end", 3, {}),
    ("min(a,", "unexpected_end", 7, {}),
    ("(a + (b)", "missing_parenthesis", 1, {}),
    ("a * (b + c", "missing_parenthesis", 5, {}),
    ("min(a, b", "missing_parenthesis", 4, {}),
    ("count(", "missing_parenthesis", 6, {}),
    ("count(a", "missing_parenthesis", 6, {}),
    ("a)", "stray_parenthesis", 2, {}),
    ("(a) + b)", "stray_parenthesis", 8, {}),
    ("if a b", "missing_word", 6, {"word": "then"}),
    ("if a then b", "missing_word", 12, {"word": "else"}),
    ("a < b < c", "chained_comparison", 7, {}),
    ("a = b != c", "chained_comparison", 7, {}),
    ("a + min", "reserved_word", 5, {"name": "min"}),
    ("NaN", "reserved_word", 1, {"name": "nan"}),
    ("-inf", "reserved_word", 2, {"name": "inf"}),
    ("a and b", "unexpected", 3, {"found": "and"}),
    ("not + a", "reserved_word", 1, {"name": "not"}),
    ("a + sqrt(b)", "unknown_function", 5, {"name": "sqrt"}),
    ("nan(a)", "unknown_function", 1, {"name": "nan"}),
    (
        "1 + min(a)",
        "wrong_number_of_arguments",
        5,
        {"name": "min", "least": 2, "most": None, "found": 1},
    ),
    (
        "abs(a, b)",
        "wrong_number_of_arguments",
        1,
        {"name": "abs", "least": 1, "most": 1, "found": 2},
    ),
    (
        "round()",
        "wrong_number_of_arguments",
        1,
        {"name": "round", "least": 1, "most": 2, "found": 0},
    ),
    (
        "round(a, 1, 2)",
        "wrong_number_of_arguments",
        1,
        {"name": "round", "least": 1, "most": 2, "found": 3},
    ),
    (
        "count()",
        "wrong_number_of_arguments",
        1,
        {"name": "count", "least": 1, "most": 1, "found": 0},
    ),
    ("count(2)", "count_needs_code", 7, {}),
    ("count(a + b)", "count_needs_code", 9, {}),
    ("count(a, b)", "count_needs_code", 8, {}),
    ("count((a))", "count_needs_code", 7, {}),
    ("count(min)", "count_needs_code", 7, {}),
    ("round(a, b)", "digits_not_whole", 10, {"least": -9, "most": 9}),
    ("round(a, 1.5)", "digits_not_whole", 10, {"least": -9, "most": 9}),
    ("round(a, 10)", "digits_not_whole", 10, {"least": -9, "most": 9}),
    ("round(a, -10)", "digits_not_whole", 10, {"least": -9, "most": 9}),
    ("round(a, --2)", "digits_not_whole", 10, {"least": -9, "most": 9}),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_tree_of_text(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize("text", [text for text, _tree in TREES if text[-1:].isalpha()])
def test_canonical_text_stays(text):
    assert to_text(parse(text)) == text


@pytest.mark.parametrize(("typed", "text"), SPELLINGS)
def test_spellings(typed, text):
    assert to_text(parse(typed)) == text


@pytest.mark.parametrize(("typed", "code", "column", "params"), FAULTS)
def test_fault_is_told_with_its_column(typed, code, column, params):
    with pytest.raises(FormulaError) as caught:
        parse(typed)
    error = caught.value
    assert (error.code, error.column, error.params) == (code, column, params)


def test_every_error_of_the_parser_is_shown_above():
    found_when_expanding = {"unknown_code", "count_of_indicator", "cycle"}
    assert {fault[1] for fault in FAULTS} == set(ERRORS) - found_when_expanding


def test_the_limits_are_reached_and_not_passed():
    parse("(" * 20 + "a" + ")" * 20)
    parse("+".join("a" * 100))
    parse("a" + " " * 499)
    # What stands side by side does not add up, and does not make room either.
    siblings = "(a)+min(a,a)+count(a)+-a+(if a then a else a)+"
    parse(siblings * 5 + "(" * 20 + "a" + ")" * 20)
    for sibling in siblings.split("+")[:-1]:
        with pytest.raises(FormulaError, match="too_deep"):
            parse(f"{sibling}+" * 4 + "(" * 21 + "a" + ")" * 21)
    assert (nesting(A), nesting(parse("a + b * c"))) == (0, 0)


def test_errors_can_be_kept_and_read():
    error = FormulaError("unknown_code", 3, name="x")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (twin.code, twin.column, twin.params) == ("unknown_code", 3, {"name": "x"})
    assert str(error) == "unknown_code at column 3, name='x'"


def test_an_error_carries_exactly_its_parameters():
    with pytest.raises(TypeError):
        FormulaError("unknown_code", 3)
    with pytest.raises(TypeError):
        FormulaError("empty", 1, name="x")
    with pytest.raises(KeyError):
        FormulaError("no_such_error", 1)


def test_codes_are_unique_and_in_order():
    tree = parse("b / count(d) + (if a > b then count(b) else min(c, a))")
    assert codes(tree) == ("b", "d", "a", "c")
    assert counted(tree) == ("d", "b")
    assert codes(parse("1 + 2")) == counted(parse("a")) == ()


def test_names_know_their_column():
    columns = [
        (node.code, node.column)
        for node in formula.walk(parse("won / count(closed)"))
        if isinstance(node, (Name, Count))
    ]
    assert columns == [("won", 1), ("closed", 13)]


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("won", True),
        ("_won_2", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("", False),
        ("2won", False),
        ("Won", False),
        ("won ", False),
        ("won\n", False),
        ("größe", False),
        ("赢单", False),
        ("if", False),
        ("count", False),
        ("nan", False),
        ("infinity", False),
    ],
)
def test_is_code(code, fits):
    assert formula.is_code(code) is fits


@given(trees())
def test_parse_of_print_is_the_same_tree(tree):
    text = to_text(tree)
    assert parse(text) == tree
    assert to_text(parse(text)) == text


@given(any_tree)
def test_the_parser_takes_a_tree_exactly_within_the_limits(tree):
    text = to_text(tree)
    assume(len(text) <= formula.MAX_LENGTH)
    within = nesting(tree) <= formula.MAX_DEPTH and size(tree) <= formula.MAX_NODES
    try:
        assert parse(text) == tree
    except FormulaError as error:
        assert error.code in ("too_deep", "too_large")
        assert not within
    else:
        assert within


@given(st.integers(15, 25), st.sampled_from(["abs({})", "-{}", "(1 - {})", "if {} then a else b"]))
def test_nesting_is_what_the_parser_counts(levels, shape):
    tree = A
    for _level in range(levels):
        inner = {
            "abs({})": lambda tree: Call("abs", (tree,)),
            "-{}": Negate,
            "(1 - {})": lambda tree: Binary("-", Literal(1.0), tree),
            "if {} then a else b": lambda tree: If(tree, A, B),
        }
        tree = inner[shape](tree)
    depth = levels - 1 if shape.startswith("(") else levels  # the outermost needs no parentheses
    assert nesting(tree) == depth
    if depth <= formula.MAX_DEPTH:
        assert parse(to_text(tree)) == tree
    elif len(to_text(tree)) <= formula.MAX_LENGTH:
        with pytest.raises(FormulaError, match="too_deep"):
            parse(to_text(tree))


@given(trees())
def test_no_parentheses_but_those_needed(tree):
    text = to_text(tree)
    opened = []
    for position, character in enumerate(text):
        if character == "(":
            opened.append(position)
        elif character == ")":
            start = opened.pop()
            if start and (text[start - 1].isalnum() or text[start - 1] == "_"):
                continue  # of a function
            without = text[:start] + " " + text[start + 1 : position] + text[position + 1 :]
            with contextlib.suppress(FormulaError):
                assert parse(without) != tree


@given(trees(), st.randoms(use_true_random=False))
def test_spelling_makes_no_difference(tree, random):
    other = {
        "*": "×＊",
        "/": "÷／",
        "-": "−－–",
        "(": "（",
        ")": "）",
        ",": "，",
        "+": "＋",
        " ": "　\n",
    }
    text = "".join(
        random.choice(character + other.get(character, "")) for character in to_text(tree)
    )
    assert parse(text.upper() if random.random() < 0.5 else text) == tree


@given(trees())
def test_a_tree_can_be_taken_apart_and_kept(tree):
    for node in formula.walk(tree):
        assert node.with_children(*node.children) == node
    assert pickle.loads(pickle.dumps(tree)) == tree
    assert hash(parse(to_text(tree))) == hash(tree)
    assert size(tree) == 1 + sum(size(child) for child in tree.children)
