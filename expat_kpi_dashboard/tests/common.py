from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import new_test_user


class ProgressWorld:
    """Plans for the month under way that count customers by their creation.

    ::

        Tour Manager ─┬─ Tour Lan   Hanoi      3 of 2 customers   above
                      ├─ Tour Ana   São Paulo  1 of 2             below
                      └─ Tour Wei   Stuttgart  rate of nothing    no data
        HR officer: Tour Officer

    Records are created now, so that they count today wherever the expat is; the plans are
    a year wide, so that no midnight can come between.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company of their own: of many employees only the first columns are open.
        cls.company = cls.env["res.company"].create({"name": "Tour company"})
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.officer = cls._user("officer", "expat_kpi.group_officer")
        cls.manager = cls._employee("manager")
        cls.lan = cls._employee("lan", "vn", "Asia/Ho_Chi_Minh")
        cls.ana = cls._employee("ana", "br", "America/Sao_Paulo")
        cls.wei = cls._employee("wei", "de", "Europe/Berlin")
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Tour customer {number}", "user_id": owner.user_id.id}
                for number, owner in enumerate([cls.lan, cls.lan, cls.lan, cls.ana])
            ]
        )
        cls._measure()
        cls._plans()

    @classmethod
    def _user(cls, login, groups="base.group_user"):
        return new_test_user(
            cls.env,
            login=f"tour_{login}",
            groups=groups,
            name=f"Tour {login.title()}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _employee(cls, login, country=None, tz=None):
        employee = cls.env["hr.employee"].create(
            {
                "name": f"Tour {login.title()}",
                "user_id": cls._user(login).id,
                "company_id": cls.company.id,
                "parent_id": cls.manager.id if country else False,
            }
        )
        if country:
            cls.env["expat.posting"].create(
                {
                    "employee_id": employee.id,
                    "country_id": cls.env.ref(f"base.{country}").id,
                    "tz": tz,
                    "date_from": "2020-01-01",
                }
            )
        return employee

    @classmethod
    def _measure(cls):
        source = cls.env["expat.kpi.source"].search([("model", "=", "res.partner")])
        source = source or cls.env["expat.kpi.source"].create(
            {"name": "Customers", "model": "res.partner"}
        )
        source.field_ids = [
            Command.clear(),
            Command.create({"path": "user_id", "use_owner": True}),
            Command.create({"path": "create_date", "use_date": True}),
        ]
        cls.measure = cls.env["expat.kpi.measure"].create(
            {"name": "customers found", "code": "tour_customers", "source_id": source.id}
        )
        cls.count = cls.env["expat.kpi.indicator"].create(
            {
                "name": "Tour customers",
                "code": "tour_count",
                "formula": "tour_customers",
                "dimension": "outcome",
            }
        )
        cls.rate = cls.env["expat.kpi.indicator"].create(
            {
                "name": "Tour rate",
                "code": "tour_rate",
                "formula": "100 * tour_customers / tour_customers",
                "dimension": "outcome",
                "unit": "percent",
            }
        )

    @classmethod
    def _plans(cls):
        today = fields.Date.today()
        cls.cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "Tour cycle",
                "company_id": cls.company.id,
                "date_from": today - relativedelta(months=6),
                "date_to": today + relativedelta(months=6),
            }
        )
        cls.plans = cls.env["expat.kpi.plan"].create(
            [
                {
                    "cycle_id": cls.cycle.id,
                    "employee_id": employee.id,
                    "line_ids": [
                        Command.create(
                            {"indicator_id": indicator.id, "target": target, "weight": 100}
                        )
                    ],
                }
                for employee, indicator, target in (
                    (cls.lan, cls.count, 2),
                    (cls.ana, cls.count, 2),
                    (cls.wei, cls.rate, 20),
                )
            ]
        )
        cls.measure._refresh()
        cls.plans._refresh_actuals()
        cls.lines = cls.plans.line_ids
