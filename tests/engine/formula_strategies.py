"""Formulas and terms for the property tests."""

from engine import formula
from engine.formula import Binary, Call, Compare, Count, If, Literal, Name, Negate
from engine.formula_tree import MAX_NUMBER, MIN_NUMBER
from hypothesis import assume
from hypothesis import strategies as st

CODES = ("won", "closed", "days", "visits", "_x", "iffy", "min2")

literals = st.builds(
    Literal,
    st.one_of(
        st.integers(0, 1000).map(float),
        st.decimals(0, 1000, places=2).map(float),
        st.just(0.0),
        st.floats(MIN_NUMBER, MAX_NUMBER),
    ),
)
names = st.builds(Name, st.sampled_from(CODES))
counts = st.builds(Count, st.sampled_from(CODES))
digits = st.builds(Literal, st.integers(0, 9).map(float))


def _above(children):
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), children, children),
        st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), children, children),
        st.builds(Negate, children),
        st.builds(If, children, children, children),
        st.builds(
            Call,
            st.sampled_from(["min", "max"]),
            st.lists(children, min_size=2, max_size=4).map(tuple),
        ),
        st.builds(Call, st.just("abs"), st.tuples(children)),
        st.builds(Call, st.just("round"), st.tuples(children)),
        st.builds(
            Call,
            st.just("round"),
            st.tuples(children, st.one_of(digits, st.builds(Negate, digits))),
        ),
    )


any_tree = st.recursive(st.one_of(literals, names, counts), _above, max_leaves=25)


@st.composite
def trees(draw):
    """Trees whose text is within the limits of the parser."""
    tree = draw(any_tree)
    assume(formula.nesting(tree) <= formula.MAX_DEPTH)
    assume(formula.size(tree) <= formula.MAX_NODES)
    assume(len(formula.to_text(tree)) <= formula.MAX_LENGTH)
    return tree


def _arithmetic_above(children):
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), children, children),
        st.builds(Negate, children),
    )


# What Python writes in the same way.
arithmetic_trees = st.recursive(
    st.one_of(st.builds(Literal, st.integers(0, 9).map(float)), names),
    _arithmetic_above,
    max_leaves=25,
)

finite = st.floats(allow_nan=False, allow_infinity=False)
