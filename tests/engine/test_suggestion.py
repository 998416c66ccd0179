"""Suggestions: within what was reached, the same in any unit, silent about too few peers."""

from datetime import date

import pytest
from engine.periods import Span
from engine.suggestion import (
    ENOUGH_MONTHS,
    MIN_PEERS,
    Evidence,
    Group,
    Peers,
    credibility,
    is_additive,
    is_reached,
    odds,
    peer_odds,
    suggest,
    verdict,
)
from engine.values import NoData, Number
from engine.workdays import Stay, scaled, settled_weights, weights_problem, worked_share
from hypothesis import assume, given
from hypothesis import strategies as st

amounts = st.integers(0, 1000).map(float)
histories = st.lists(amounts, max_size=12)
groups = st.dictionaries(st.integers(0, 9), histories, max_size=8)
directions = st.sampled_from(["more", "less"])


# direction, own months, peers' medians, benchmark, goal in percent, suggested, basis
TABLE = [
    ("more", [10] * 12, [], None, None, 10, "own"),
    ("more", [10, 11, 12, 13, 14, 15, 16], [], None, 10, 14.3, "own"),
    ("more", [10, 11, 12, 13, 14, 15, 16], [], None, 50, 14.5, "own"),
    ("less", [40, 44, 45, 46, 50, 60], [], None, -10, 44.25, "own"),
    ("less", [40, 44, 45, 46, 50, 60], [], None, 10, 45.5, "own"),
    ("more", [], [8, 10, 20], 15, None, 10, "peers"),
    ("more", [9, 9], [8, 10, 20], 15, None, 10, "peers"),
    ("more", [9, 9], [8, 10], 15, None, 15, "benchmark"),
    ("more", [9, 9], [8, 10], None, 20, None, "none"),
    ("more", [100, 0, 0, 0, 0, 0, 0], [], None, None, 0, "own"),
    ("band", [9] * 12, [8, 10, 20], 15, None, None, "band"),
]


@pytest.mark.parametrize("direction, own, peers, benchmark, goal, value, basis", TABLE)
def test_table(direction, own, peers, benchmark, goal, value, basis):
    found = suggest(direction, Evidence(tuple(own), Peers(tuple(peers)), benchmark, goal))
    assert found.basis == basis
    assert found.value == (None if value is None else pytest.approx(value))


@given(directions, histories, groups, st.none() | st.integers(-50, 50))
def test_lies_within_what_was_reached(direction, own, others, goal):
    peers = Group(others).peers_of(None)
    found = suggest(direction, Evidence(tuple(own), peers, None, goal))
    if found.value is not None:
        known = [*own, *(peers.medians if peers.count else ())]
        assert min(known) - 1e-6 <= found.value <= max(known) + 1e-6


@given(directions, st.lists(amounts, min_size=ENOUGH_MONTHS, max_size=12), st.integers(0, 100))
def test_a_goal_leaves_a_quarter_of_the_months_in_reach(direction, own, change):
    goal = change if direction == "more" else -change
    found = suggest(direction, Evidence(tuple(own), goal=goal))
    reached, count = odds(direction, found.value, own)
    assert reached >= (count - 1) // 4


@given(directions, histories, groups, st.sampled_from([0.5, 4.0, 1024.0]))
def test_any_unit_gives_the_same_target(direction, own, others, unit):
    def value(factor):
        peers = Group(
            {key: [month * factor for month in months] for key, months in others.items()}
        ).peers_of(None)
        return suggest(direction, Evidence(tuple(month * factor for month in own), peers)).value

    small, large = value(1.0), value(unit)
    assert (small is None) == (large is None)
    if small is not None:
        assert large == pytest.approx(small * unit, rel=1e-6, abs=1e-6)


@given(groups, st.integers(0, 9))
def test_leaving_one_out_is_a_group_without_them(others, person):
    rest = {key: months for key, months in others.items() if key != person}
    found, expected = Group(others).peers_of(person), Group(rest).peers_of(None)
    assert found.medians == expected.medians
    assert found.within == pytest.approx(expected.within, abs=1e-3)
    assert found.between == pytest.approx(expected.between, rel=1e-6, abs=1e-2)


@given(histories, groups, st.integers(0, 1000))
def test_fewer_than_three_peers_change_nothing(own, others, target):
    peers = Group(dict(list(others.items())[: MIN_PEERS - 1])).peers_of(None)
    with_peers, alone = Evidence(tuple(own), peers), Evidence(tuple(own))
    assert peers.range is None
    assert peer_odds("more", target, peers) == (0, 0)
    assert suggest("more", with_peers) == suggest("more", alone)
    assert verdict("more", target, with_peers) == verdict("more", target, alone)


@given(directions, groups, amounts)
def test_peer_odds_count(direction, others, target):
    peers = Group(others).peers_of(None)
    assume(peers.count)
    reached = sum(is_reached(direction, target, median) for median in peers.medians)
    assert peer_odds(direction, target, peers) == (reached, len(peers.medians))


def test_more_months_of_ones_own_weigh_more():
    peers = Peers((1, 2, 3), within=4.0, between=1.0)
    weights = [credibility(months, peers) for months in range(3, 13)]
    assert weights == sorted(weights)
    assert weights[-1] >= 0.5


@pytest.mark.parametrize(
    "run, additive",
    [
        (lambda t: Number(t["a"][0] + 2 * t["b"][0]), True),
        (lambda t: Number(t["a"][1]), True),
        (lambda t: Number(100 * t["a"][0] / t["b"][0]), False),
        (lambda t: Number(max(t["a"][0], t["b"][0]) + 1), False),
        (lambda t: Number(t["a"][0] * t["b"][0]), False),
        (lambda t: NoData("empty_denominator"), False),
    ],
)
def test_what_adds_up(run, additive):
    assert is_additive(run, ["a", "b"]) is additive


# ----------------------------------------------------------------------
# Shares of a period, and weights
# ----------------------------------------------------------------------

JULY = Span(date(2026, 7, 1), date(2026, 7, 31))
days_of_july = st.integers(1, 31).map(lambda day: date(2026, 7, day))


def test_a_move_keeps_each_place_its_holidays():
    hanoi = frozenset(JULY) - {date(2026, 7, 2)}
    bangkok = frozenset(JULY) - {date(2026, 7, 28), date(2026, 7, 3)}
    stays = [
        Stay(Span(date(2026, 7, 1), date(2026, 7, 10)), hanoi),
        Stay(Span(date(2026, 7, 21), date(2026, 7, 31)), bangkok),
    ]
    # 9 in Hanoi, 10 in Bangkok; the ten days between belong to Bangkok and are not worked there
    assert worked_share(JULY, stays) == (19, 29)


@given(days_of_july, st.sets(days_of_july))
def test_who_comes_and_who_goes_share_the_month(day, working):
    assume(day > JULY.date_from)
    before, after = JULY.split(day)
    first, total = worked_share(JULY, [Stay(before, working)])
    second, again = worked_share(JULY, [Stay(after, working)])
    assert total == again == len(working) == first + second


@given(st.floats(0.01, 1e6), st.floats(0.001, 1), st.integers(0, 4))
def test_a_share_of_a_target_is_a_target(amount, factor, digits):
    assert scaled(amount, factor, digits) > 0
    assert scaled(0, factor, digits) == 0


@given(st.integers(1, 40))
def test_equal_shares_are_accepted_and_settled(count):
    weights = [round(100 / count, 2)] * count
    assert weights_problem(weights) == 0
    assert round(sum(settled_weights(weights)), 2) == 100


@given(st.lists(st.integers(1, 10000).map(lambda cents: cents / 100), min_size=1, max_size=9))
def test_settling_hides_no_real_gap(weights):
    assume(weights_problem(weights))
    assert settled_weights(weights) == weights
