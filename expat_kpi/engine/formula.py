"""The formula of an indicator: ``100 * won / closed``. Text to tree, tree to text, tree to number.

*What it accepts.*

::

    formula    = conditional | comparison
    conditional= "if" formula "then" formula "else" formula
    comparison = sum [("<" | "<=" | ">" | ">=" | "=" | "!=") sum]
    sum        = product {("+" | "-") product}
    product    = signed {("*" | "/") signed}
    signed     = "-" signed | atom
    atom       = number | code | "(" formula ")" | function
    function   = ("min" | "max") "(" formula "," formula {"," formula} ")"
               | "abs" "(" formula ")"
               | "round" "(" formula ["," ["-"] digits] ")"
               | "count" "(" code ")"

A code names a measure or an indicator: a small letter or ``_``, then small letters, digits, ``_``.
A measure has an amount and a count of the records behind it; its code is the amount and
``count(code)`` the count, so that the average of days is ``days / count(days)``, a ratio of sums.
A comparison is 1 or 0 and takes two numbers for equal that differ by less than a part in 10^12;
``if`` takes the first branch for anything but 0 and looks at no more than the branch it takes.
``round`` rounds halves away from zero. Numbers are written with a decimal point, also as
``1.5e3``, and lie between 10^-12 and 10^15, or are 0.

Also read, as people type them: capitals, ``× ÷ − – ≤ ≥ ≠ == <>``, and the full-width signs,
digits, letters and blanks of Chinese keyboards.

*How to use it.*

>>> tree = parse("100×won÷（closed）")
>>> to_text(tree)
'100 * won / closed'
>>> codes(tree)
('won', 'closed')
>>> conversion = compile_formula(tree)
>>> conversion({"won": (7, 7), "closed": (25, 25)})
Number(value=28.0)
>>> conversion({"won": (0, 0), "closed": (0, 0)})
NoData(reason='empty_denominator')

What does not fit raises :class:`FormulaError` with a code, the column (from 1) and parameters;
:data:`ERRORS` lists them all. An indicator that uses indicators is first brought down to
measures:

>>> library = {"conversion": tree, "won": None, "closed": None}
>>> to_text(expand(parse("conversion - 25"), library.__getitem__))
'100 * won / closed - 25'

*How it works.* No text of a user is ever evaluated by Python: there is a list of tokens, a parser
that descends, frozen trees, and closures over them. At most 500 characters, 200 nodes and 20
levels, counted before anything is built on them, also after indicators are put in.
"""

from .formula_evaluate import aggregate_terms, compile_formula, evaluate
from .formula_expand import expand
from .formula_parse import parse
from .formula_tree import (
    ERRORS,
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NODES,
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
    codes,
    counted,
    is_code,
    nesting,
    size,
    to_text,
    walk,
)

__all__ = [
    "ERRORS",
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NODES",
    "Binary",
    "Call",
    "Compare",
    "Count",
    "FormulaError",
    "If",
    "Literal",
    "Name",
    "Negate",
    "Node",
    "aggregate_terms",
    "codes",
    "compile_formula",
    "counted",
    "evaluate",
    "expand",
    "is_code",
    "nesting",
    "parse",
    "size",
    "to_text",
    "walk",
]
