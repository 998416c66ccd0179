"""Whatever is typed ends in a tree or in a FormulaError: soon, and without much memory or stack."""

import sys
import time
import tracemalloc

import pytest
from engine import formula
from engine.formula import ERRORS, FormulaError, parse, to_text
from hypothesis import example, given
from hypothesis import strategies as st

HOSTILE = [
    # A way out of the language
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "'{0.__globals__}'.format(won)",
    "won.__class__",
    "won.sudo()",
    "env['hr.employee']",
    "getattr(won, 'x')",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd')",
    "lambda: 1",
    "(lambda x: x)(1)",
    "[x for x in range(10)]",
    "sum(1 for i in range(10**12))",
    "{'a': 1}['a']",
    "f'{won}'",
    '"won"',
    "'won'",
    "won; drop table hr_employee",
    "won; -- comment",
    "won /* comment */",
    "won # comment",
    "won; import os",
    "won := 1",
    "won = = 1",
    "won @ closed",
    "won | closed",
    "won & closed",
    "~won",
    "won ^ 2",
    "won ** 9999999",
    "9**9**9**9",
    "won if closed else 0",
    "won and closed",
    "won[0]",
    "{{ won }}",
    "${won}",
    "%(won)s",
    "<script>alert(1)</script>",
    "\\u0077on",
    "won\\",
    "`id`",
    # Numbers that are none
    "nan",
    "inf",
    "-infinity",
    "1e309",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "0x10",
    "1_000",
    "1j",
    "1e",
    "9" * 500,
    "." * 500,
    "٣ + ٤",
    "²",
    "½",
    "一百",
    # More than there is room for
    "(" * 500,
    ")" * 500,
    "-" * 500,
    "(" * 250 + ")" * 250,
    "abs(" * 125,
    "if " * 166,
    "if a then " * 50,
    "min(" + "a," * 240 + "a)",
    "a" + "+a" * 249,
    "1<" * 250,
    "a" * 10_000_000,
    "(" * 10_000_000,
    "-" * 100_000,
    " " * 501,
    # Characters
    "\x00",
    "won\x00closed",
    "\ufeffwon",
    "won\u202eclosed",
    "w\u043en",  # a Cyrillic o
    "won\ud800",
    "👍",
    "a\u0301",
    "İ",
    "\u2028",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused(text):
    started = time.process_time()
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert time.process_time() - started < 0.05
    error = caught.value
    assert error.code in ERRORS
    assert 1 <= error.column <= formula.MAX_LENGTH + 1
    str(error).encode()  # it can be shown and logged
    for param in error.params.values():
        assert len(str(param)) <= 40


def test_refusing_takes_little_memory():
    tracemalloc.start()
    try:
        for text in HOSTILE:
            tracemalloc.reset_peak()
            with pytest.raises(FormulaError):
                parse(text)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


LARGEST = [
    "+".join("a" * 100),
    "-".join("a" * 100),
    "min(" + ", ".join("a" * 160) + ")",
    "(1-" * 20 + "a" + ")" * 20,
    "-" * 20 + "a",
    "if a then a else " * 20 + "a",
    "round(" * 20 + "a" + ")" * 20,
    "((a)+" * 19 + "a" + ")" * 19,
]


@pytest.mark.parametrize("text", LARGEST, ids=range(len(LARGEST)))
def test_the_largest_formulas_leave_room_on_the_stack(text):
    # A third of the interpreter's default: a request of Odoo has long begun to use it.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_stack_depth() + 350)
    try:
        tree = parse(text)
        assert parse(to_text(tree)) == tree
        assert formula.expand(tree, {"a": None}.__getitem__) == tree
        formula.evaluate(tree, {"a": (1, 1)})
        hash(tree)
        repr(tree)
    finally:
        sys.setrecursionlimit(limit)


def _stack_depth():
    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    return depth


pieces = st.one_of(
    st.sampled_from("+-*/(),<>=!×，.'[1ab"),
    st.sampled_from(["<=", ">=", "!=", "2.5", "1e5", "count(a)", "min(a, b)"]),
    st.sampled_from(["if", "then", "else", "min", "max", "abs", "round", "count"]),
    st.text(max_size=3),
)


@given(st.one_of(st.text(max_size=520), st.lists(pieces, max_size=60).map(" ".join)))
@example("\x1c")
@example("a\x85")
def test_any_text_ends_in_a_tree_or_an_error(text):
    try:
        tree = parse(text)
    except FormulaError as error:
        assert error.code in ERRORS
        assert 1 <= error.column <= max(len(text), 0) + 1
    else:
        assert parse(to_text(tree)) == tree
