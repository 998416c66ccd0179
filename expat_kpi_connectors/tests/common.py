import random
from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.expat_kpi.engine.periods import local_day

# Zones whose days begin at unusual instants: a half and a quarter of an hour,
# clocks that change at midnight, by half an hour, or by a whole day.
ODD_ZONES = (
    "Asia/Ho_Chi_Minh",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Europe/Berlin",
    "Africa/Casablanca",
    "UTC",
)


class ExpatCase(BaseCommon):
    """A company of its own, so that no other record counts.

    ::

        Company A ── Chen (manager) ─┬─ Lan    Hanoi       Asia/Ho_Chi_Minh
                                     ├─ Jonas  Stuttgart   Europe/Berlin
                                     └─ Maria  São Paulo   America/Sao_Paulo
        HR officer: Wang
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a = cls.env["res.company"].create({"name": "Company A"})
        cls.env.user.company_ids += cls.company_a
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company_a.ids})
        cls.chen = cls._create_employee("chen")
        cls.lan = cls._create_employee("lan", "vn", "Asia/Ho_Chi_Minh", cls.chen)
        cls.jonas = cls._create_employee("jonas", "de", "Europe/Berlin", cls.chen)
        cls.maria = cls._create_employee("maria", "br", "America/Sao_Paulo", cls.chen)
        cls.expats = cls.lan + cls.jonas + cls.maria
        cls.wang = cls._create_user("wang", "expat_kpi.group_officer")
        cls.lead_source = cls.env.ref("expat_kpi_connectors.source_crm_lead")
        cls.event_source = cls.env.ref("expat_kpi_connectors.source_calendar_event")

    @classmethod
    def _create_user(cls, login, groups="base.group_user"):
        return new_test_user(
            cls.env,
            login=f"kpi_{login}",
            groups=groups,
            name=login.title(),
            company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)],
        )

    @classmethod
    def _create_employee(cls, login, country=None, tz=None, manager=None):
        user = cls._create_user(login)
        employee = cls.env["hr.employee"].create(
            {
                "name": login.title(),
                "user_id": user.id,
                "company_id": cls.company_a.id,
                "parent_id": manager.id if manager else False,
            }
        )
        if country:
            cls._post(employee, country, tz, "2015-01-01")
        return employee

    @classmethod
    def _post(cls, employee, country, tz, date_from, date_to=False):
        return cls.env["expat.posting"].create(
            {
                "employee_id": employee.id,
                "country_id": cls.env.ref(f"base.{country}").id,
                "tz": tz,
                "date_from": date_from,
                "date_to": date_to,
            }
        )

    @classmethod
    def _publish(cls, source, **paths):
        """Publish more fields of a source: ``_publish(source, user_id="owner key")``."""
        for path, uses in paths.items():
            values = {f"use_{use}": True for use in uses.split()}
            found = source.field_ids.filtered(lambda field, path=path: field.path == path)
            if found:
                found.write(values)
            else:
                source.write({"field_ids": [Command.create({"path": path, **values})]})

    @classmethod
    def _field(cls, source, path):
        return source.field_ids.filtered(lambda field: field.path == path)

    @classmethod
    def _measure(cls, code, source=None, owner="user_id", day="date_closed", **values):
        source = source or cls.lead_source
        for name in ("amount", "key", "start", "end"):
            if name in values:
                values[f"{name}_field_id"] = cls._field(source, values.pop(name)).id
        return cls.env["expat.kpi.measure"].create(
            {
                "name": code,
                "code": code,
                "company_id": cls.company_a.id,
                "source_id": source.id,
                "owner_field_id": cls._field(source, owner).id,
                "date_field_id": cls._field(source, day).id,
                **values,
            }
        )

    @classmethod
    def _lead(cls, employee, moment=None, won=True, **values):
        [lead] = cls._leads([(employee, moment, won, values)])
        return lead

    @classmethod
    def _leads(cls, rows):
        """Opportunities closed at given moments (naive UTC), won or lost; None: open."""
        leads = cls.env["crm.lead"].create(
            [
                {
                    "name": f"Opportunity {number}",
                    "type": "opportunity",
                    "company_id": cls.company_a.id,
                    "user_id": employee.user_id.id,
                    **values,
                }
                for number, (employee, _moment, _won, values) in enumerate(rows)
            ]
        )
        for won in (True, False):
            closed = leads.browse(
                lead.id for lead, row in zip(leads, rows, strict=True) if row[1] and row[2] is won
            )
            if won:
                closed.action_set_won()
            else:
                closed.action_set_lost()
        for lead, (_employee, moment, _won, _values) in zip(leads, rows, strict=True):
            if moment:
                lead.date_closed = moment
        return leads

    def _facts(self, measure):
        """{(employee, day, key): (amount, count, faults)}, as stored."""
        rows = self.env.execute_query(
            SQL(
                "SELECT employee_id, day, key, amount::text, count, fault_count"
                "  FROM expat_kpi_fact WHERE version_id = %s",
                measure.version_id.id,
            )
        )
        return {(self.env["hr.employee"].browse(row[0]), row[1], row[2]): row[3:] for row in rows}

    def _sums(self, measure):
        """{(employee, day): amount}, summed over keys."""
        result = {}
        for (employee, day, _key), (amount, _count, _faults) in self._facts(measure).items():
            result[employee, day] = result.get((employee, day), 0.0) + float(amount)
        return result

    def _zone(self, employee, day=None):
        """The zone that an employee is posted in, the plain way."""
        posting = employee.posting_ids.sorted("date_from", reverse=True)
        if day:
            posting = posting.filtered(
                lambda p: p.date_from <= day and (not p.date_to or day <= p.date_to)
            )
        return posting[:1].tz


def random_moments(seed, zones, count, start=date(2026, 1, 1), days=180):
    """Moments (naive UTC) all over a span and thick around the midnights of the zones."""
    chance = random.Random(seed)
    result = []
    for _number in range(count):
        moment = datetime.combine(start, datetime.min.time()) + timedelta(
            seconds=chance.randrange(days * 86400)
        )
        zone = chance.choice(zones)
        if chance.random() < 0.6:
            # within minutes of a midnight there
            for _step in range(30):
                if local_day(moment, zone) != local_day(moment - timedelta(minutes=47), zone):
                    break
                moment += timedelta(minutes=46)
        result.append((moment, zone))
    return result
