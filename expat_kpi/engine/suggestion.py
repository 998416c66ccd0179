"""A target that is no guess: from what was reached before, by oneself and by peers.

*What it accepts.* Values of whole months, in the unit of the indicator; a month without data is
left out by the caller, and a month in which nothing happened is a zero. :class:`Group` takes the
histories of people who are compared, :class:`Evidence` what is known about one of them.

*How to use it.*

>>> group = Group({1: [10, 12, 11], 2: [14, 13, 15], 3: [9, 8, 10], 4: [11, 12, 13]})
>>> lan = Evidence(own=(10, 12, 11), peers=group.peers_of(1))
>>> lan.peers.range, suggest("more", lan).value
((9, 14), 11.25)
>>> odds("more", 12, lan.own), peer_odds("more", 12, lan.peers)
((1, 3), (2, 3))

*How it works.* The start is the median of one's own months, pulled towards the median of the
peers' medians. How far says Bühlmann's credibility: of ``n`` months one's own count for
``Z = n / (n + K)``, where ``K`` is the variance within people over the variance between them
(H. Bühlmann, "Experience rating and credibility", ASTIN Bulletin 4, 1967, 199–207). Where months
jump and people are alike, the peers weigh more. Medians instead of Bühlmann's means, since one
exhibition or one large order shall not set a year's target. ``K`` from a handful of people is
itself uncertain, so it is kept between :data:`K_RANGE`: a full year of one's own always weighs
at least half.

The company's goal raises the start by its percentage, but not beyond what was reached in the best
quarter of one's own months, or by the best quarter of the peers where one's own are too few: a
target is to be hard *and* within reach (E. Locke, G. Latham, "Building a practically useful
theory of goal setting and task motivation", American Psychologist 57, 2002, 705–717). Without
history there is the benchmark, and without that nothing is suggested.

Peers are people. Nothing is told of fewer than :data:`MIN_PEERS` of them, nor used.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, variance

from .values import Number

MONTHS = 12  # how far back is looked
MIN_MONTHS = 3  # fewer months say nothing of a person
ENOUGH_MONTHS = 6  # from here on a person's own months say whether a target is hard
MIN_PEERS = 3
K_RANGE = (1.0, 12.0)
# Of own months, or of peers: reached by as many or more is loose, by as few or fewer harsh.
LOOSE, HARSH = 5 / 6, 1 / 6

VERDICTS = ("too_loose", "fair", "too_harsh", "little_history")


@dataclass(frozen=True)
class Peers:
    """What may be known of others: their medians in order, and how they spread.

    ``within``: mean variance of a peer's months. ``between``: variance of the peers' means, less
    what chance alone would add.
    """

    medians: tuple[float, ...] = ()
    within: float = 0.0
    between: float = 0.0

    @property
    def count(self) -> int:
        """How many peers; 0 where they are too few to be told."""
        return len(self.medians) if len(self.medians) >= MIN_PEERS else 0

    @property
    def range(self) -> tuple[float, float] | None:
        return (self.medians[0], self.medians[-1]) if self.count else None


class Group:
    """People who are compared with each other, by any key.

    Prepared once: the peers of each of a thousand people are then found without looking at all
    the others' months again.
    """

    def __init__(self, histories: Mapping[object, Sequence[float]]):
        self._people = {
            person: _Person(values)
            for person, values in histories.items()
            if len(values) >= MIN_MONTHS
        }
        people = self._people.values()
        self._medians = sorted(person.median for person in people)
        self._means = sum(person.mean for person in people)
        self._squares = sum(person.mean**2 for person in people)
        self._variances = sum(person.variance for person in people)
        self._chances = sum(person.chance for person in people)

    def peers_of(self, key: object) -> Peers:
        """Everybody else in the group."""
        count, medians = len(self._people), self._medians
        means, squares = self._means, self._squares
        variances, chances = self._variances, self._chances
        person = self._people.get(key)
        if person:
            position = bisect_left(medians, person.median)
            medians = medians[:position] + medians[position + 1 :]
            count -= 1
            means, squares = means - person.mean, squares - person.mean**2
            variances, chances = variances - person.variance, chances - person.chance
        if count < 2:
            return Peers(tuple(medians))
        between = (squares - means**2 / count) / (count - 1) - chances / count
        return Peers(tuple(medians), max(variances / count, 0.0), max(between, 0.0))


class _Person:
    __slots__ = ("chance", "mean", "median", "variance")

    def __init__(self, values):
        self.median = median(values)
        self.mean = fmean(values)
        self.variance = variance(values)
        self.chance = self.variance / len(values)


@dataclass(frozen=True)
class Evidence:
    """What is known of one person and one indicator.

    ``own``: values of the last months. ``benchmark``: of a month, from outside. ``goal``: the
    change in percent that the company wants, such as +20 or −10.
    """

    own: tuple[float, ...] = ()
    peers: Peers = Peers()
    benchmark: float | None = None
    goal: float | None = None


@dataclass(frozen=True)
class Suggestion:
    """A target for a month, or None; and what it rests on.

    ``basis``: "own_and_peers", "own", "peers", "benchmark", "none", or "band" where a band is to
    be set by hand. ``credibility``: the weight of one's own months, from 0 to 1. ``is_raised``:
    by the company's goal; ``is_limited``: by less than that, to stay within reach.
    """

    value: float | None
    basis: str
    credibility: float = 0.0
    is_raised: bool = False
    is_limited: bool = False


def suggest(direction: str, evidence: Evidence) -> Suggestion:
    """The target of a month.

    >>> suggest("more", Evidence(own=(10.0,) * 12, goal=20))
    Suggestion(value=10.0, basis='own', credibility=1.0, is_raised=False, is_limited=True)
    >>> suggest("less", Evidence(own=(50, 40, 45, 47), benchmark=30)).value
    46.0
    >>> suggest("more", Evidence(own=(50,), benchmark=30)).basis
    'benchmark'
    """
    if direction == "band":
        return Suggestion(None, "band")
    peers = evidence.peers
    own = sorted(evidence.own) if len(evidence.own) >= MIN_MONTHS else []
    if own and peers.count:
        share = credibility(len(own), peers)
        start = share * median(own) + (1 - share) * median(peers.medians)
        basis = "own_and_peers"
    elif own:
        start, share, basis = median(own), 1.0, "own"
    elif peers.count:
        start, share, basis = median(peers.medians), 0.0, "peers"
    elif evidence.benchmark is not None:
        return Suggestion(evidence.benchmark, "benchmark")
    else:
        return Suggestion(None, "none")
    wanted = start * (1 + (evidence.goal or 0.0) / 100)
    sign = -1 if direction == "less" else 1
    if sign * (wanted - start) <= 0:
        return Suggestion(round(start, 9), basis, share)
    reached = own if len(own) >= ENOUGH_MONTHS or not peers.count else peers.medians
    best = quantile(reached, 0.75 if sign > 0 else 0.25)
    within_reach = best if sign * (best - start) > 0 else start
    is_limited = sign * (wanted - within_reach) > 0
    value = within_reach if is_limited else wanted
    return Suggestion(round(value, 9), basis, share, value != start, is_limited)


def credibility(months: int, peers: Peers) -> float:
    """Bühlmann's weight of one's own months beside the peers'.

    >>> credibility(12, Peers((1, 2, 3), within=4.0, between=1.0))
    0.75
    """
    least, most = K_RANGE
    ratio = peers.within / peers.between if peers.between > 0 else most
    return months / (months + min(max(ratio, least), most))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in order, interpolated.

    >>> quantile([1, 2, 3, 4, 5], 0.75)
    4.0
    """
    position = (len(ordered) - 1) * share
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def is_reached(direction: str, target: float, value: float, target_max: float = 0.0) -> bool:
    """Whether a value meets a target."""
    if direction == "band":
        return target <= value <= target_max
    return value <= target if direction == "less" else value >= target


def odds(
    direction: str, target: float, values: Collection[float], target_max: float = 0.0
) -> tuple[int, int]:
    """In how many of how many months the target was reached."""
    reached = sum(is_reached(direction, target, value, target_max) for value in values)
    return reached, len(values)


def peer_odds(
    direction: str, target: float, peers: Peers, target_max: float = 0.0
) -> tuple[int, int]:
    """By how many of how many peers, in their usual month; (0, 0) where they are too few."""
    if not peers.count:
        return 0, 0
    low = bisect_left(peers.medians, target)
    if direction == "band":
        return max(bisect_right(peers.medians, target_max) - low, 0), peers.count
    if direction == "less":
        return bisect_right(peers.medians, target), peers.count
    return peers.count - low, peers.count


def verdict(direction: str, target: float, evidence: Evidence, target_max: float = 0.0) -> str:
    """Whether a target is too loose or too harsh, one of :data:`VERDICTS`.

    One's own months decide; with fewer than :data:`ENOUGH_MONTHS` the peers do.

    >>> verdict("more", 5, Evidence(own=(7, 8, 9, 7, 8, 9)))
    'too_loose'
    >>> verdict("more", 100, Evidence(own=(7, 8, 9, 7, 8, 9)))
    'too_harsh'
    >>> verdict("more", 8, Evidence(own=(7, 8)))
    'little_history'
    """
    if len(evidence.own) >= ENOUGH_MONTHS:
        reached, count = odds(direction, target, evidence.own, target_max)
    else:
        reached, count = peer_odds(direction, target, evidence.peers, target_max)
    if not count:
        return "little_history"
    if reached >= LOOSE * count:
        return "too_loose"
    return "too_harsh" if reached <= HARSH * count else "fair"


# Amounts and numbers of records that no formula treats alike by chance.
_PROBES = ((17.0, 23, 5.0, 7), (29.0, 31, 11.0, 13))


def is_additive(run: Callable[[dict], object], codes: Sequence[str]) -> bool:
    """Whether the months of a formula add up to the quarter: a count does, a rate does not.

    :param run: the compiled formula, from {code: (amount, number of records)}

    >>> is_additive(lambda terms: Number(3 * terms["a"][0]), ["a"])
    True
    >>> is_additive(lambda terms: Number(terms["a"][0] / terms["b"][0]), ["a", "b"])
    False
    """
    if not codes:
        return False
    for amount, count, step, more in _PROBES:
        first = {code: (amount + place, count + place) for place, code in enumerate(codes)}
        second = {code: (step * (place + 2), more + place) for place, code in enumerate(codes)}
        both = {
            code: (first[code][0] + second[code][0], first[code][1] + second[code][1])
            for code in codes
        }
        values = [run(first), run(second), run(both)]
        if not all(isinstance(value, Number) for value in values):
            return False
        one, two, together = (value.value for value in values)
        if abs(one + two - together) > 1e-9 * max(1.0, abs(together)):
            return False
    return True
