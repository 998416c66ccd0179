"""What was agreed on: plans of the quarter under way, made, negotiated and adjusted by the people
themselves, each in their own name."""

from dateutil.relativedelta import relativedelta

from odoo import Command

ADDON = "expat_kpi_connectors"
EXAMPLE = "Example, not a published figure"
# Indicator: (value, spread) in Southeast Asia, in Europe; per month for what adds up
BENCHMARKS = {
    "indicator_record_visits_all": ((15, 3), (11, 3)),
    "indicator_crm_new_customers": ((2.5, 1), (1.5, 1)),
    "indicator_conversion": ((24, 6), (28, 6)),
    "indicator_satisfaction": ((84, 6), (88, 5)),
    "indicator_order_to_delivery": ((48, 10), (40, 8)),
}
# Whoever is not here has signed with the others. HR signs first, then the manager.
UNSIGNED = {
    "ana": ("manager", "expat"),
    "bao": ("manager",),
    "yan": ("manager", "expat"),
    "peng": ("hr", "manager", "expat"),
}
# Those who win more since Southeast Asia grows
GROWING = ("lan", "yang", "fang")
# Who has answered the market event, and how
AGREED_TO_EVENT = ("yang", "aisyah")
REFUSED_EVENT = "dewi"


def make(env, days, expats):
    by_login = {expat.login: expat for expat in expats}
    hr = env.ref("expat_kpi.user_hr")
    # In their own names, with their own rights
    env = env(user=hr.id, su=False)
    _make_template(env, days)
    plans = _make_plans(env, by_login)
    _negotiate_lan(plans["lan"], by_login["lan"])
    opened = {login: plan for login, plan in plans.items() if login not in ("lan", "wei")}
    for plan in opened.values():
        plan.action_open()
    _ask_for_less(opened["yan"], by_login["yan"])
    for login, plan in opened.items():
        _sign(plan, by_login[login], without=UNSIGNED.get(login, ()))
    for login in GROWING:
        _grow(plans[login], by_login[login], days)
    _tell_event(env, days, plans, by_login)


def _ready(env, name):
    """A ready indicator; empty where its application is not there."""
    found = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
    return found if found and found.active else env["expat.kpi.indicator"]


def _make_template(env, days):
    """What HR does in an afternoon: benchmarks, the company's goals, a template from the pack."""
    regions = (env.ref("expat_kpi.region_southeast_asia"), env.ref("expat_kpi.region_europe"))
    env["expat.kpi.benchmark"].create(
        [
            {
                "indicator_id": indicator.id,
                "company_id": env.company.id,
                "region_id": region.id,
                "year": days.quarter.year,
                "value": value,
                "spread": spread,
                "source": EXAMPLE,
                "is_example": True,
            }
            for name, values in BENCHMARKS.items()
            if (indicator := _ready(env, name))
            for region, (value, spread) in zip(regions, values, strict=True)
        ]
    )
    goals = {
        _ready(env, "indicator_sale_amount")
        or _ready(env, "indicator_crm_won_amount"): "Strategy: overseas revenue 20 % up",
        _ready(env, "indicator_crm_new_customers"): "Strategy: a third of that from new customers",
    }
    following = days.quarter + relativedelta(months=3)
    env["expat.kpi.goal"].create(
        [
            {"indicator_id": indicator.id, "year": year, "value": 20, "note": note}
            for indicator, note in goals.items()
            for year in sorted({days.quarter.year, following.year})
        ]
    )
    env["expat.kpi.template.pack"].create(
        {
            "role": "overseas_sales",
            "industry": "car_parts",
            "job_id": env.ref("expat_kpi.job_overseas_sales").id,
            "with_benchmarks": False,
        }
    ).action_create()


def _make_plans(env, by_login):
    """15 plans in one click."""
    cycle = env.ref("expat_kpi.cycle_quarter").with_env(env)
    cycle.action_create_plans()
    logins = {expat.employee.id: login for login, expat in by_login.items()}
    plans = {
        logins[plan.employee_id.id]: plan
        for plan in cycle.plan_ids
        if plan.state == "draft" and plan.employee_id.id in logins
    }
    conversion = _ready(env, "indicator_conversion")
    names = {f"plan_{login}": plan for login, plan in plans.items()}
    for login, plan in plans.items():
        line = plan.line_ids.filtered(lambda line: line.indicator_id == conversion)
        names[f"plan_line_{login}_conversion"] = line
    _name(env, names)
    return plans


def _name(env, records):
    env["ir.model.data"].sudo()._update_xmlids(
        [
            {"xml_id": f"{ADDON}.{name}", "record": record, "noupdate": True}
            for name, record in records.items()
        ]
    )


def _user(plan, expat, role):
    return {
        "hr": plan.env.user,
        "manager": plan.sudo().manager_id.user_id,
        "expat": expat.user,
    }[role]


def _sign(plan, expat, roles=("hr", "manager", "expat"), without=()):
    for role in roles:
        if role not in without:
            own = plan.with_user(_user(plan, expat, role))
            own.action_sign_content(own.latest_revision_id.content_hash, agrees_to_past=True)


def _negotiate_lan(plan, expat):
    """HR wanted 100 projects a month; they settle on 20 qualified ones and the repurchase rate."""
    env = plan.env
    for line in plan.line_ids:
        line.weight = round(0.8 * line.weight, 2)
    projects = env["expat.kpi.plan.line"].create(
        {
            "plan_id": plan.id,
            "indicator_id": _ready(env, "indicator_crm_qualified").id,
            "target": 300,
            "weight": 20,
            "sequence": 60,
        }
    )
    plan.action_open()
    repurchase = _ready(env, "indicator_sale_repurchase")
    Proposal = env["expat.kpi.proposal"].with_user(expat.user)
    proposals = Proposal.create(
        {
            "plan_id": plan.id,
            "kind": "change",
            "line_id": projects.id,
            "target": 60,
            "weight": 10 if repurchase else 20,
            "reason": "Customers here decide in three to six months. 20 projects a month that "
            "are real are better than 100 that are not.",
        }
    )
    if repurchase:
        proposals |= Proposal.create(
            {
                "plan_id": plan.id,
                "kind": "add",
                "indicator_id": repurchase.id,
                "target": 60,
                "threshold": 40,
                "stretch": 80,
                "weight": 10,
                "reason": "Those who buy again pay for the patience with the others.",
            }
        )
    proposals.with_user(env.user).action_accept()
    _sign(plan, expat)


def _ask_for_less(plan, expat):
    """One proposal is still open."""
    line = plan.line_ids.filtered(
        lambda line: line.indicator_id == _ready(plan.env, "indicator_record_visits_all")
    )
    plan.env["expat.kpi.proposal"].with_user(expat.user).create(
        {
            "plan_id": plan.id,
            "kind": "change",
            "line_id": line.id,
            "target": 27,
            "threshold": 18,
            "stretch": 36,
            "reason": "My customers are four hours apart by car. Nine good visits a month are "
            "what I can do.",
        }
    )


def _grow(plan, expat, days):
    """Southeast Asia grows: from the second month on, three new customers a month."""
    new = _ready(plan.env, "indicator_crm_new_customers")
    manager = _user(plan, expat, "manager")
    adjustment = (
        plan.env["expat.kpi.adjustment"]
        .with_user(manager)
        .create(
            {
                "plan_id": plan.id,
                "reason_category": "demand",
                "reason": "Southeast Asia grows faster than we planned: three new customers a "
                "month.",
                "date_from": days.growth,
                "line_ids": [
                    Command.create(
                        {
                            "kind": "change",
                            "indicator_id": new.id,
                            "target": 9,
                            "threshold": 5,
                            "stretch": 13,
                        }
                    )
                ],
            }
        )
    )
    adjustment.action_propose()
    _sign(plan, expat)


def _tell_event(env, days, plans, by_login):
    """Raw-material prices jump: conversion is counted with less, retention with more."""
    retention = _ready(env, "indicator_sale_retention")
    changes = [
        {"indicator_id": _ready(env, "indicator_conversion").id, "kind": "set", "target": 20}
    ]
    if retention:
        changes.append({"indicator_id": retention.id, "kind": "add", "target": 70, "weight": 20})
    event = env["expat.kpi.event"].create(
        {
            "name": "Raw-material prices jump",
            "kind": "raw_material",
            "description": "Steel and copper rose by a third within weeks. Customers put off what "
            "they have not ordered yet; those whom we have we must keep.",
            "date_from": days.event,
            "region_ids": [Command.set(env.ref("expat_kpi.region_southeast_asia").ids)],
            "line_ids": [Command.create(values) for values in changes],
        }
    )
    _name(env, {"event_raw_material": event})
    event.action_propose()
    for login in AGREED_TO_EVENT:
        _sign(plans[login], by_login[login])
    _sign(plans["lan"], by_login["lan"], roles=["manager"])
    refused = plans[REFUSED_EVENT].with_user(by_login[REFUSED_EVENT].user)
    refused._refuse_adjustment(
        "My customers have prices fixed until the end of the year. For me nothing has changed."
    )
