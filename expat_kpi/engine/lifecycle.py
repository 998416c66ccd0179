"""The life of a plan: who may do what in which state, and what must hold.

*What it accepts.* States, verbs and roles are short words; what must hold is asked of a
:class:`Situation`, plain values that the caller has gathered while nobody else could change them.

*How to use it.* Buttons ask for the verbs, business methods for the transition:

>>> verbs("negotiation", roles_of(7, expat=7, manager=8, signatories={7, 8, 9}))
('propose', 'answer', 'accept', 'sign')
>>> roles = roles_of(9, expat=7, manager=8, signatories={7, 8, 9}, is_officer=True)
>>> now = Situation(weights=(60.0, 40.0), signatures_missing=0)
>>> step("negotiation", "sign", roles, now).target
'approved'
>>> step("draft", "open", roles, Situation(weights=(60.0, 39.5)))
Traceback (most recent call last):
    ...
engine.lifecycle.LifecycleError: weights_100, missing=0.5

*How it works.* :data:`TRANSITIONS` is the only place where a state changes into another: models,
buttons, documents and tests read it. A verb may have several rows for one state; the first of
which all conditions hold is taken. Where none is, the error names the first condition that fails.

*Roles.* Whoever the plan is about acts as the expat and as nothing else, also as an HR officer or
an administrator: nobody decides on their own targets. Everybody else may hold several roles; a
manager who is an HR officer too signs for both by one click, and both lines carry that name. So
the fewest who can agree on a plan are two: the expat, and one other person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from .errors import CodedError
from .workdays import weights_problem

STATES = ("draft", "negotiation", "approved", "adjusted", "review", "closed", "cancelled")
ROLES = ("expat", "manager", "hr", "signatory")

# Who must sign where nothing else is set up.
DEFAULT_PARTIES = ("expat", "manager", "hr")
# Of these, one must sign beside the expat: somebody who answers for the work.
PARTIES_ABOVE = ("manager", "dotted_manager", "person")

EVERY_PARTY = frozenset(ROLES)


@dataclass(frozen=True)
class Situation:
    """What holds for a plan at the moment of a verb.

    ``weights``: of all lines. ``line_problems``: lines that cannot be agreed on, by name.
    ``parties_unknown``: who must sign but is nobody, by name. ``signatures_missing``: how many
    would still be missing after this verb. ``content_current``: what the signer saw is the
    latest revision. ``can_sign``: the actor holds a party that has not signed yet.
    ``past_agreed``: nothing gets harder for the expat on a day before the own signature, or the
    expat, whose signature it is, says so expressly.
    """

    weights: tuple[float, ...] = ()
    line_problems: tuple[str, ...] = ()
    parties_unknown: tuple[str, ...] = ()
    signatures_missing: int = 0
    content_current: bool = True
    can_sign: bool = True
    is_own_proposal: bool = False
    is_proposal_open: bool = True
    deadline_passed: bool = False
    reason: str = ""
    has_begun: bool = False
    is_over: bool = False
    is_adjustment_open: bool = False
    is_own_adjustment: bool = False
    past_agreed: bool = True


CONDITIONS: dict[str, Callable[[Situation], bool]] = {
    "has_lines": lambda now: bool(now.weights),
    "lines_sound": lambda now: not now.line_problems,
    "weights_100": lambda now: not weights_problem(now.weights),
    "parties_known": lambda now: not now.parties_unknown,
    "content_current": lambda now: now.content_current,
    "can_sign": lambda now: now.can_sign,
    "others_missing": lambda now: now.signatures_missing > 0,
    "last_signature": lambda now: now.signatures_missing == 0,
    "proposal_open": lambda now: now.is_proposal_open,
    "not_own_proposal": lambda now: not now.is_own_proposal,
    "deadline_passed": lambda now: now.deadline_passed,
    "has_reason": lambda now: bool(now.reason.strip()),
    "has_begun": lambda now: now.has_begun,
    "is_over": lambda now: now.is_over,
    "no_adjustment_open": lambda now: not now.is_adjustment_open,
    "adjustment_open": lambda now: now.is_adjustment_open,
    "own_adjustment": lambda now: now.is_own_adjustment,
    "not_own_adjustment": lambda now: not now.is_own_adjustment,
    "past_agreed": lambda now: now.past_agreed,
}


@dataclass(frozen=True)
class Transition:
    """One row of the table: from, to, by which verb, who may, what must hold."""

    source: str
    target: str
    verb: str
    roles: frozenset[str]
    conditions: tuple[str, ...] = ()


def _row(source, target, verb, roles, *conditions):
    return Transition(source, target, verb, frozenset(roles), conditions)


_SOUND = ("has_lines", "lines_sound", "weights_100")
_SIGNING = ("content_current", "can_sign", *_SOUND)
_ANSWER = ("proposal_open", "not_own_proposal")
_ADJUSTING = ("adjustment_open", "content_current", "can_sign", "past_agreed")

TRANSITIONS: tuple[Transition, ...] = (
    _row("draft", "negotiation", "open", ("hr", "manager"), *_SOUND, "parties_known"),
    _row("negotiation", "draft", "withdraw", ("hr", "manager")),
    # Talk: the content stays, or a new revision takes its place and no signature counts any more.
    _row("negotiation", "negotiation", "propose", EVERY_PARTY),
    _row("negotiation", "negotiation", "answer", EVERY_PARTY, *_ANSWER),
    _row("negotiation", "negotiation", "accept", EVERY_PARTY, *_ANSWER),
    # Consent: a signature each, and the last one approves.
    _row("negotiation", "negotiation", "sign", ("signatory",), *_SIGNING, "others_missing"),
    _row("negotiation", "approved", "sign", ("signatory",), *_SIGNING, "last_signature"),
    _row(
        "negotiation",
        "approved",
        "override",
        ("hr",),
        "deadline_passed",
        "has_reason",
        "content_current",
        *_SOUND,
    ),
    # Adjustment: what was agreed stays in force until all have signed the new content.
    *(
        row
        for state in ("approved", "adjusted")
        for row in (
            _row(
                state,
                state,
                "adjust",
                EVERY_PARTY,
                "has_reason",
                "no_adjustment_open",
                "parties_known",
            ),
            _row(state, state, "sign", ("signatory",), *_ADJUSTING, "others_missing"),
            _row(state, "adjusted", "sign", ("signatory",), *_ADJUSTING, "last_signature"),
            _row(
                state,
                state,
                "refuse",
                EVERY_PARTY,
                "adjustment_open",
                "not_own_adjustment",
                "has_reason",
            ),
            _row(state, state, "retract", EVERY_PARTY, "adjustment_open", "own_adjustment"),
            _row(state, "review", "review", ("hr", "manager"), "has_begun"),
        )
    ),
    _row("review", "closed", "close", ("hr",), "is_over"),
    *(
        _row(state, "cancelled", "cancel", ("hr",), "has_reason")
        for state in STATES
        if state not in ("closed", "cancelled")
    ),
)

VERBS = tuple(dict.fromkeys(row.verb for row in TRANSITIONS))

# Every error there is, with the parameters that its sentence may name.
ERRORS: dict[str, tuple[str, ...]] = {
    "wrong_state": ("state", "verb"),
    "wrong_role": ("state", "verb"),
    "weights_100": ("missing",),
    "lines_sound": ("names",),
    "parties_known": ("names",),
    **{
        code: ()
        for code in CONDITIONS
        if code not in ("weights_100", "lines_sound", "parties_known")
    },
}


class LifecycleError(CodedError):
    """A verb that cannot be done."""

    errors = ERRORS


def roles_of(
    user: int | None,
    *,
    expat: int | None,
    manager: int | None = None,
    is_officer: bool = False,
    signatories: Collection[int] = (),
) -> frozenset[str]:
    """The roles in which a user acts on a plan; ids of users, None for nobody.

    >>> sorted(roles_of(7, expat=7, manager=7, is_officer=True, signatories={7}))
    ['expat', 'signatory']
    >>> sorted(roles_of(8, expat=7, manager=8, is_officer=True, signatories={7, 8}))
    ['hr', 'manager', 'signatory']
    """
    if user is None:
        return frozenset()
    if user == expat:
        roles = {"expat"}
    else:
        roles = {"manager"} if user == manager else set()
        roles |= {"hr"} if is_officer else set()
    return frozenset(roles | ({"signatory"} if user in signatories else set()))


def verbs(state: str, roles: Iterable[str]) -> tuple[str, ...]:
    """The verbs that somebody in these roles may use in this state, in the table's order."""
    roles = frozenset(roles)
    return tuple(
        dict.fromkeys(row.verb for row in TRANSITIONS if row.source == state and row.roles & roles)
    )


# What the verb itself brings, or what is told when it is tried: no reason to hide a button.
_TOLD_WHEN_TRIED = frozenset(
    {
        "has_lines",
        "lines_sound",
        "weights_100",
        "parties_known",
        "content_current",
        "proposal_open",
        "not_own_proposal",
        "has_reason",
        "others_missing",
        "last_signature",
        "past_agreed",
    }
)


def verbs_now(state: str, roles: Iterable[str], now: Situation) -> tuple[str, ...]:
    """The verbs to offer: open to these roles, and nothing speaks against them yet."""
    roles = frozenset(roles)
    return tuple(
        dict.fromkeys(
            row.verb
            for row in TRANSITIONS
            if row.source == state
            and row.roles & roles
            and all(code in _TOLD_WHEN_TRIED or CONDITIONS[code](now) for code in row.conditions)
        )
    )


def step(state: str, verb: str, roles: Iterable[str], now: Situation) -> Transition:
    """The transition that a verb makes at this moment.

    :raises LifecycleError: wrong_state, wrong_role, or the condition that does not hold
    """
    rows = [row for row in TRANSITIONS if row.source == state and row.verb == verb]
    if not rows:
        raise LifecycleError("wrong_state", state=state, verb=verb)
    roles = frozenset(roles)
    rows = [row for row in rows if row.roles & roles]
    if not rows:
        raise LifecycleError("wrong_role", state=state, verb=verb)
    failed = []
    for row in rows:
        failing = [code for code in row.conditions if not CONDITIONS[code](now)]
        if not failing:
            return row
        failed.append(failing[0])
    raise _condition_error(failed[0], now)


def _condition_error(code: str, now: Situation) -> LifecycleError:
    if code == "weights_100":
        return LifecycleError(code, missing=weights_problem(now.weights))
    if code == "lines_sound":
        return LifecycleError(code, names=now.line_problems)
    if code == "parties_known":
        return LifecycleError(code, names=now.parties_unknown)
    return LifecycleError(code)


def parties_problem(parties: Iterable[str]) -> str | None:
    """Why these parties are too few to agree on a plan; None if they are not.

    >>> parties_problem(["expat", "hr"])
    'none_above'
    """
    parties = set(parties)
    if "expat" not in parties:
        return "no_expat"
    return None if parties & set(PARTIES_ABOVE) else "none_above"


def table() -> str:
    """The table in Markdown, as the documents show it."""
    rows = [("from", "to", "verb", "who may", "what must hold")]
    rows += [
        (
            row.source,
            row.target,
            row.verb,
            ", ".join(role for role in ROLES if role in row.roles),
            ", ".join(row.conditions) or "–",
        )
        for row in TRANSITIONS
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "| " + " | ".join(["---"] * 5) + " |", *lines[1:]])
