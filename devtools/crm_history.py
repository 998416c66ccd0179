"""Loads a CRM history (see `devtools.crm_csv`) into an Odoo database.

::

    history = read_history("export/")        # checks all of it, no database needed
    counts = load(env, "export/")            # into the current company; the caller commits

What becomes what: offices are regions and sales teams; agents are users, employees and a posting
each, in the country and zone of their office, from their first engaged day on; managers are users
and employees; accounts are companies among the contacts; products are tags. An opportunity is
engaged at 9 and closed at 12 o'clock where its agent is.

Loading again is idempotent: every record has an external id (``crm_history.1_account_Acme``: the
company's id, the kind, the name in the files) and is found by it. Opportunities are brought to what
the files say now, so that next month's export of the same history may be loaded on top. People,
regions, teams, contacts and postings that are there already stay as they are, for HR may have
corrected them since; only a posting that begins after a deal of its agent is moved back. Nothing
is ever deleted. The last quarter of the history gets a cycle with a draft plan for each agent, so
that there is something to see.

Users get a login made of their name and no password: an administrator has to invite them.
"""

import re
import unicodedata
from datetime import datetime, time
from itertools import count
from urllib.parse import quote, unquote

import pytz

from odoo import Command, fields
from odoo.tools import SQL, split_every

from odoo.addons.expat_kpi.engine.periods import period, previous_period

from .crm_csv import (
    ENGAGING,
    LOST,
    PROSPECTING,
    WON,
    Fault,
    History,
    HistoryError,
    read_history,
)

__all__ = ["History", "HistoryError", "load", "read_history"]

MODULE = "crm_history"
# No tracking, no mail, no followers, no invitation, for thousands of records that are history.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
    "active_test": False,
    "lang": "en_US",
}
# Memory stays flat, and a batch is still one INSERT.
BATCH = 1000

ENGAGED_AT = time(9)
CLOSED_AT = time(12)


def load(env, directory, *, company=None):
    """Read a history and load it into a company.

    All or nothing: the files are checked whole before the first record, and what is written is
    the caller's transaction.

    :param env: with the rights to create users, employees and postings
    :param company: ``res.company``; the current one unless given
    :return: {what: number of records}, and how many opportunities were added and changed
    :raise HistoryError: with every fault of the files
    """
    history = read_history(directory)
    company = company or env.company
    env = env(context={**QUIET, "allowed_company_ids": company.ids})
    return _Loader(env, history, env["res.company"].browse(company.id)).load()


class _Loader:
    def __init__(self, env, history, company):
        self.env, self.history, self.company = env, history, company
        self.offices = {office.name: office for office in history.offices}
        self.office_of = {agent.name: self.offices[agent.office] for agent in history.agents}

    def load(self):
        # The checks that need the database come before all that writes to it.
        self.countries = self._find_countries()
        self.stages = self._find_stages()
        regions = self._load_regions()
        users = self._load_users()
        employees = self._load_employees(users)
        postings = self._load_postings(employees, regions)
        teams = self._load_teams(users)
        partners = self._load_partners()
        tags = self._load_tags()
        added, changed = self._load_leads(users, teams, partners, tags)
        plans = self._load_plans(employees)
        self._refresh_measures()
        return {
            "regions": len(regions),
            "employees": len(employees),
            "postings": len(postings),
            "contacts": len(partners),
            "products": len(tags),
            "opportunities": len(self.history.opportunities),
            "opportunities added": added,
            "opportunities changed": changed,
            "plans": len(plans),
        }

    # ------------------------------------------------------------------
    # External ids
    # ------------------------------------------------------------------

    def _xml_id(self, kind, key):
        # Quoted, for an id has no spaces; not simplified, for two names must not share one.
        return f"{MODULE}.{self.company.id}_{kind}_{quote(key, safe='')}"

    def _found(self, model, kind):
        """{key: record} of what an earlier load made and nobody deleted."""
        prefix = self._xml_id(kind, "").partition(".")[2]
        rows = self.env.execute_query(
            SQL(
                "SELECT name, res_id FROM ir_model_data"
                " WHERE module = %s AND model = %s AND starts_with(name, %s)",
                MODULE,
                model,
                prefix,
            )
        )
        there = set(self.env[model].browse(row[1] for row in rows).exists().ids)
        return {
            unquote(name[len(prefix) :]): self.env[model].browse(record_id)
            for name, record_id in rows
            if record_id in there
        }

    def _ensure(self, model, kind, values, existing=None):
        """{key: record}, in the order of ``values``; creates those not loaded before.

        :param values: {key: values to create}
        :param existing: {key: record} of others that are the same thing: taken, not doubled
        """
        found = self._found(model, kind)
        new = {
            key: record
            for key, record in (existing or {}).items()
            if record and key in values and key not in found
        }
        missing = [key for key in values if key not in found and key not in new]
        for keys in split_every(BATCH, missing):
            records = self.env[model].create([values[key] for key in keys])
            new.update(zip(keys, records, strict=True))
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": self._xml_id(kind, key), "record": record, "noupdate": True}
                for key, record in new.items()
            ]
        )
        found.update(new)
        # One recordset to prefetch together
        records = self.env[model].browse(found[key].id for key in values)
        return dict(zip(values, records, strict=True))

    def _ensure_tree(self, model, kind, values, above):
        """As `_ensure`, where ``above`` says under which key each record belongs."""
        done = {}
        while batch := [
            key for key in values if key not in done and (not above.get(key) or above[key] in done)
        ]:
            done |= self._ensure(
                model,
                kind,
                {
                    key: {
                        **values[key],
                        "parent_id": done[above[key]].id if above.get(key) else False,
                    }
                    for key in batch
                },
            )
        return done

    def _by_name(self, model, domain=()):
        return {record.name: record for record in self.env[model].search(list(domain))}

    # ------------------------------------------------------------------
    # What must be there already
    # ------------------------------------------------------------------

    def _find_countries(self):
        """{name or code, in small letters: country}"""
        known = {}
        for country in self.env["res.country"].search([]):
            known[country.name.casefold()] = known[country.code.casefold()] = country
        wanted = [
            ("accounts.csv", account.row, "office_location", account.country)
            for account in self.history.accounts
        ] + [
            ("offices.csv", None, "country_code", office.country_code)
            for office in self.history.offices
        ]
        faults = [
            Fault(file, row, f"{column}: {name!r} is no country; write its English name or code")
            for file, row, column, name in wanted
            if name and name.casefold() not in known
        ]
        if faults:
            raise HistoryError(faults)
        return known

    def _country_id(self, name):
        return self.countries[name.casefold()].id if name else False

    def _find_stages(self):
        """{stage in the files: stage of the pipeline}; lost ones stay where they were engaged."""
        stages = self.env["crm.stage"].search([("team_ids", "=", False)])
        won = stages.filtered("is_won")[:1]
        still_open = (stages - stages.filtered("is_won"))[:2]
        if not won or not still_open:
            raise ValueError(
                "The pipeline needs a stage for open opportunities and one for won ones, for all "
                "sales teams: create them under CRM, Configuration, Stages."
            )
        first, engaged = still_open[0], still_open[-1]
        return {PROSPECTING: first, ENGAGING: engaged, LOST: engaged, WON: won}

    # ------------------------------------------------------------------
    # People and places
    # ------------------------------------------------------------------

    def _load_regions(self):
        return self._ensure(
            "expat.region",
            "region",
            {
                office.name: {
                    "name": office.name,
                    "company_id": self.company.id,
                    "country_ids": [Command.set([self._country_id(office.country_code)])],
                }
                for office in self.history.offices
            },
            existing=self._by_name("expat.region", [("company_id", "=", self.company.id)]),
        )

    def _load_users(self):
        """Agents sell; managers see what all sell."""
        groups = {
            True: self.env.ref("sales_team.group_sale_salesman_all_leads"),
            False: self.env.ref("sales_team.group_sale_salesman"),
        }
        # A manager is where the first of the agents is, unless an agent as well.
        zones = {}
        for agent in self.history.agents:
            zones.setdefault(agent.manager, self.office_of[agent.name].tz)
        zones.update((agent.name, self.office_of[agent.name].tz) for agent in self.history.agents)
        managers = {agent.manager for agent in self.history.agents}
        taken = {user.login for user in self.env["res.users"].search([])}
        known = self._found("res.users", "user")
        return self._ensure(
            "res.users",
            "user",
            {
                name: {
                    "name": name,
                    "login": name in known or _new_login(name, taken),
                    "tz": tz,
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                    "group_ids": [Command.set(groups[name in managers].ids)],
                }
                for name, tz in zones.items()
                if name
            },
        )

    def _load_employees(self, users):
        return self._ensure_tree(
            "hr.employee",
            "employee",
            {
                name: {"name": name, "user_id": user.id, "company_id": self.company.id}
                for name, user in users.items()
            },
            above={agent.name: agent.manager for agent in self.history.agents},
        )

    def _load_postings(self, employees, regions):
        """One for each agent, with no end, from the first day that a deal of theirs has."""
        first_days = {}
        for deal in self.history.opportunities:
            if deal.engaged:
                first_days[deal.agent] = min(first_days.get(deal.agent, deal.engaged), deal.engaged)
        # Who has no deal was there all the time as well.
        default = min(first_days.values(), default=fields.Date.today())
        values = {}
        for agent in self.history.agents:
            office = self.office_of[agent.name]
            values[agent.name] = {
                "employee_id": employees[agent.name].id,
                "region_id": regions[office.name].id,
                "country_id": self._country_id(office.country_code),
                "tz": office.tz,
                "date_from": first_days.get(agent.name, default),
            }
        postings = self._ensure(
            "expat.posting",
            "posting",
            values,
            existing={name: employees[name].posting_ids[-1:] for name in values},
        )
        for name, posting in postings.items():
            # Before the posting nothing of its agent would count.
            if name in first_days and posting.date_from > first_days[name]:
                posting.date_from = first_days[name]
        return postings

    def _load_teams(self, users):
        teams = self._ensure(
            "crm.team",
            "team",
            {
                office.name: {"name": office.name, "company_id": self.company.id}
                for office in self.history.offices
            },
        )
        self._ensure(
            "crm.team.member",
            "member",
            {
                agent.name: {
                    "crm_team_id": teams[agent.office].id,
                    "user_id": users[agent.name].id,
                }
                for agent in self.history.agents
            },
        )
        return teams

    # ------------------------------------------------------------------
    # Customers and deals
    # ------------------------------------------------------------------

    def _load_partners(self):
        sectors = {account.sector.capitalize() for account in self.history.accounts} - {""}
        categories = self._ensure(
            "res.partner.category",
            "sector",
            {sector: {"name": sector} for sector in sorted(sectors)},
            existing=self._by_name("res.partner.category"),
        )
        return self._ensure_tree(
            "res.partner",
            "account",
            {
                account.name: {
                    "name": account.name,
                    "is_company": True,
                    # A plain contact would take over the address of the company above it.
                    "type": "other" if account.parent else "contact",
                    "company_id": self.company.id,
                    "country_id": self._country_id(account.country),
                    "category_id": [
                        Command.set([categories[account.sector.capitalize()].id])
                        if account.sector
                        else Command.clear()
                    ],
                }
                for account in self.history.accounts
            },
            above={account.name: account.parent for account in self.history.accounts},
        )

    def _load_tags(self):
        return self._ensure(
            "crm.tag",
            "product",
            {product: {"name": product} for product in self.history.products},
            existing=self._by_name("crm.tag"),
        )

    def _load_leads(self, users, teams, partners, tags):
        """Create what is new, change what differs. Returns how many of each."""
        reasons = self._ensure("crm.lost.reason", "reason", {"lost": {"name": "Not recorded"}})
        loaded = self._found("crm.lead", "lead")
        values = {}
        for deal in self.history.opportunities:
            values[deal.reference] = {
                "name": f"{deal.product}, {deal.account}" if deal.account else deal.product,
                "type": "opportunity",
                "company_id": self.company.id,
                "user_id": users[deal.agent].id,
                "team_id": teams[self.office_of[deal.agent].name].id,
                "partner_id": partners[deal.account].id if deal.account else False,
                "tag_ids": [Command.set(tags[deal.product].ids)],
                "expected_revenue": float(deal.value),
                "stage_id": self.stages[deal.stage].id,
                **_closing(deal, reasons["lost"]),
            }
        leads = self._ensure("crm.lead", "lead", values)
        deals = {deal.reference: deal for deal in self.history.opportunities}
        added = [reference for reference in values if reference not in loaded]
        changed = [
            reference
            for reference in values
            if reference in loaded
            and not self._is_current(leads[reference], values[reference], deals[reference])
        ]
        for reference in changed:
            leads[reference].write(values[reference])
        self._set_dates([(leads[reference], deals[reference]) for reference in added + changed])
        return len(added), len(changed)

    def _is_current(self, lead, values, deal):
        """Whether an opportunity still says what the files say."""
        engaged, closed = self._moments(deal)
        return (
            lead.user_id.id == values["user_id"]
            and lead.partner_id.id == values["partner_id"]
            and lead.stage_id.id == values["stage_id"]
            and lead.active == values["active"]
            and lead.tag_ids.ids == values["tag_ids"][0][2]
            and lead.company_currency.compare_amounts(
                lead.expected_revenue, values["expected_revenue"]
            )
            == 0
            and (lead.date_open or None, lead.date_closed or None) == (engaged, closed)
        )

    def _moments(self, deal):
        """When a deal was engaged and closed, naive UTC; None where it was not."""
        zone = pytz.timezone(self.office_of[deal.agent].tz)

        def utc(day, hour):
            if day is None:
                return None
            local = zone.localize(datetime.combine(day, hour))
            return local.astimezone(pytz.utc).replace(tzinfo=None)

        return utc(deal.engaged, ENGAGED_AT), utc(deal.closed, CLOSED_AT)

    def _set_dates(self, rows):
        """Write what no create and no write takes: the days of the past.

        A deal never engaged has no beginning in the files: it stays created today.
        """
        if not rows:
            return
        leads = self.env["crm.lead"].browse(lead.id for lead, _deal in rows)
        moments = [self._moments(deal) for _lead, deal in rows]
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """UPDATE crm_lead
                      SET create_date = COALESCE(past.engaged, create_date),
                          date_open = past.engaged,
                          date_closed = past.closed,
                          date_last_stage_update = COALESCE(
                              past.closed, past.engaged, date_last_stage_update)
                     FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[])
                          AS past(id, engaged, closed)
                    WHERE crm_lead.id = past.id
                RETURNING crm_lead.id""",
                leads.ids,
                [engaged for engaged, _closed in moments],
                [closed for _engaged, closed in moments],
            )
        )
        names = ["create_date", "date_open", "date_closed", "date_last_stage_update"]
        leads.invalidate_recordset(names)
        leads.modified(["create_date", "date_closed"])
        self.env.flush_all()

    # ------------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------------

    def _load_plans(self, employees):
        """A draft plan per agent for the last quarter with a closed deal, so that there is
        something to see: the conversion, against that of all agents in the quarter before."""
        indicator = self.env.ref(
            "expat_kpi_connectors.indicator_conversion", raise_if_not_found=False
        )
        closed = [deal for deal in self.history.opportunities if deal.closed]
        if not indicator or not closed:
            return {}
        last = period("quarter", max(deal.closed for deal in closed))
        before = previous_period("quarter", last)
        earlier = [deal.stage == WON for deal in closed if deal.closed in before]
        target = round(100 * sum(earlier) / len(earlier), 1) if any(earlier) else 25.0
        name = f"{last.date_from.year} Q{(last.date_from.month + 2) // 3}"
        cycle = self._ensure(
            "expat.kpi.cycle",
            "cycle",
            {
                name: {
                    "name": name,
                    "date_from": last.date_from,
                    "date_to": last.date_to,
                    "company_id": self.company.id,
                }
            },
        )[name]
        line = {"indicator_id": indicator.id, "target": target, "weight": 100}
        return self._ensure(
            "expat.kpi.plan",
            f"plan_{last.date_from:%Y%m}",
            {
                agent: {
                    "cycle_id": cycle.id,
                    "employee_id": employees[agent].id,
                    "line_ids": [Command.create(line)],
                }
                for agent in sorted({deal.agent for deal in closed if deal.closed in last})
            },
        )

    def _refresh_measures(self):
        """Count the whole history: the regular refresh looks back some months only."""
        days = [deal.engaged for deal in self.history.opportunities if deal.engaged]
        measures = self.env["expat.kpi.measure"].search(
            [
                ("active", "=", True),
                ("source_id.model", "=", "crm.lead"),
                ("company_id", "in", (False, self.company.id)),
            ]
        )
        measures._refresh()
        if days:
            # Up to today without a gap: what lies between two computed spans is taken for computed.
            measures._refresh(min(days), fields.Date.today())
        self.env["expat.kpi.plan"]._refresh_open(measures)


def _closing(deal, reason):
    """What makes Odoo call an opportunity won, lost or neither."""
    if deal.stage == WON:
        return {"active": True, "probability": 100, "automated_probability": 100}
    if deal.stage == LOST:
        return {
            "active": False,
            "probability": 0,
            "automated_probability": 0,
            "lost_reason_id": reason.id,
        }
    return {"active": True, "lost_reason_id": False}


def _new_login(name, taken):
    """“Moses Frase” is moses.frase, or moses.frase2 where that is somebody else's."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    stem = re.sub(r"[\W_]+", ".", plain).strip(".") or "user"
    login = next(
        login
        for login in (f"{stem}{number}" if number > 1 else stem for number in count(1))
        if login not in taken
    )
    taken.add(login)
    return login
