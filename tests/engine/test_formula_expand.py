"""Indicators over indicators come down to measures, or say why not."""

import time

import pytest
from engine import formula
from engine.formula import FormulaError, evaluate, expand, parse, to_text
from engine.values import NoData, Number
from formula_strategies import CODES, trees
from hypothesis import assume, given
from hypothesis import strategies as st

LIBRARY = {
    "won": None,
    "closed": None,
    "days": None,
    "conversion": "100 * won / closed",
    "gap": "conversion - 25",
    "twice": "conversion + conversion",
    "alias": "gap",
    "self": "self + 1",
    "ping": "1 + pong",
    "pong": "2 * ping",
    "into_cycle": "won + ping",
    "lost": "won - nowhere",
    "counting": "count(conversion)",
}


def lookup(library=LIBRARY):
    trees = {code: text and parse(text) for code, text in library.items()}
    return trees.__getitem__


EXPANSIONS = [
    ("won", "won"),
    ("count(won)", "count(won)"),
    ("conversion", "100 * won / closed"),
    ("2 * conversion", "2 * (100 * won / closed)"),
    ("-conversion", "-(100 * won / closed)"),
    ("gap", "100 * won / closed - 25"),
    ("1 - gap", "1 - (100 * won / closed - 25)"),
    ("alias + won", "100 * won / closed - 25 + won"),
    ("twice", "100 * won / closed + 100 * won / closed"),
    (
        "if gap < 0 then won else min(gap, 1)",
        "if 100 * won / closed - 25 < 0 then won else min(100 * won / closed - 25, 1)",
    ),
]

# formula, error, column, parameters
FAULTS = [
    ("won + nowhere", "unknown_code", 7, {"name": "nowhere"}),
    ("1 + count(nowhere)", "unknown_code", 11, {"name": "nowhere"}),
    ("won + lost", "unknown_code", 7, {"name": "nowhere"}),
    ("self", "cycle", 1, {"chain": ("self", "self")}),
    ("won + ping", "cycle", 7, {"chain": ("ping", "pong", "ping")}),
    ("2 * into_cycle", "cycle", 5, {"chain": ("ping", "pong", "ping")}),
    ("1 - count(gap)", "count_of_indicator", 11, {"name": "gap"}),
    ("1 - counting", "count_of_indicator", 5, {"name": "conversion"}),
]


@pytest.mark.parametrize(("typed", "text"), EXPANSIONS)
def test_expansion(typed, text):
    assert to_text(expand(parse(typed), lookup())) == text


@pytest.mark.parametrize(("typed", "code", "column", "params"), FAULTS)
def test_fault_is_told_where_it_comes_in(typed, code, column, params):
    with pytest.raises(FormulaError) as caught:
        expand(parse(typed), lookup())
    error = caught.value
    assert (error.code, error.column, error.params) == (code, column, params)


def test_an_indicator_that_uses_itself_is_found_before_it_is_saved():
    with pytest.raises(FormulaError) as caught:
        expand(parse("won + gap"), lookup(), code="conversion")
    assert caught.value.column == 7
    assert caught.value.params == {"chain": ("conversion", "gap", "conversion")}


def test_a_diamond_is_no_cycle():
    library = {"top": "left + right", "left": "low", "right": "low", "low": "won", "won": None}
    assert to_text(expand(parse("top"), lookup(library))) == "won + won"


def test_doubling_over_and_over_stops_at_the_limit():
    library = {"x0": "won + won", "won": None}
    library |= {f"x{step}": f"x{step - 1} + x{step - 1}" for step in range(1, 20)}
    started = time.process_time()
    with pytest.raises(FormulaError) as caught:
        expand(parse("1 + x19"), lookup(library))
    assert time.process_time() - started < 0.1
    assert (caught.value.code, caught.value.column) == ("too_large", 5)


def test_the_limit_of_size_holds_for_the_result():
    library = {"many": "+".join(["won"] * 50), "won": None}  # 99 nodes
    assert formula.size(expand(parse("many + many"), lookup(library))) == 199
    assert formula.size(expand(parse("many + -many"), lookup(library))) == 200
    with pytest.raises(FormulaError) as caught:
        expand(parse("many + many + 1"), lookup(library))
    assert (caught.value.code, caught.value.params) == ("too_large", {"limit": 200})


def test_one_after_another_stops_at_the_limit():
    library = {"x0": "won", "won": None}
    library |= {f"x{step}": f"x{step - 1}" for step in range(1, 500)}
    assert to_text(expand(parse("x18"), lookup(library))) == "won"
    for typed in ("won + x20", "won + x499"):
        with pytest.raises(FormulaError) as caught:
            expand(parse(typed), lookup(library))
        assert (caught.value.code, caught.value.column) == ("too_deep", 7)


def test_the_limit_of_depth_holds_for_the_result():
    library = {"deep": "abs(" * 15 + "won" + ")" * 15, "won": None}
    with pytest.raises(FormulaError) as caught:
        expand(parse("won + abs(abs(abs(abs(abs(abs(deep))))))"), lookup(library))
    assert (caught.value.code, caught.value.column) == ("too_deep", 31)
    expand(parse("won + abs(abs(abs(abs(abs(deep)))))"), lookup(library))


@given(trees())
def test_a_formula_over_measures_stays(tree):
    assert expand(tree, dict.fromkeys(CODES).__getitem__) == tree


terms_of_measures = st.fixed_dictionaries(
    {
        code: st.tuples(
            st.one_of(st.integers(-5, 5), st.just(NoData("never_computed"))), st.integers(0, 5)
        )
        for code in CODES
    }
)


@given(trees(), trees(), terms_of_measures)
def test_expanding_does_not_change_the_value(outer, inner, terms):
    assume("indicator" not in formula.counted(outer))
    renamed = _renamed(outer, "won", "indicator")
    indicators = {**dict.fromkeys(CODES), "indicator": inner}
    try:
        expanded = expand(renamed, indicators.__getitem__)
    except FormulaError as error:
        assert error.code in ("too_large", "too_deep")
        return
    known = {**terms, "indicator": (evaluate(inner, terms), 0)}
    assert evaluate(expanded, terms) == evaluate(renamed, known)
    assert "indicator" not in formula.codes(expanded)


def _renamed(node, old, new):
    if isinstance(node, formula.Name) and node.code == old:
        return formula.Name(new)
    return node.with_children(*(_renamed(child, old, new) for child in node.children))


def test_a_ratio_of_an_indicator_without_data_has_no_data():
    tree = expand(parse("if gap < 0 then 0 else 1"), lookup())
    assert evaluate(tree, {"won": (0, 0), "closed": (0, 0)}) == NoData("empty_denominator")
    assert evaluate(tree, {"won": (1, 1), "closed": (2, 2)}) == Number(1)
