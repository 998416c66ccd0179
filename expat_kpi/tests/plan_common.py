from contextlib import contextmanager

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import BaseCommon

NOW = "2026-07-01 02:00:00"


class PlanWorld:
    """A company in which plans are negotiated; indicators are constants, nothing is counted.

    ::

        Company A ── Boss ── Chen (manager) ─┬─ Lan    Hanoi   the plan is Lan's
                                             └─ Jonas  Stuttgart
        Wang, Zhou: HR officers      Qiu: a manager elsewhere      Admin: administrator
    """

    @classmethod
    def _make_world(cls):
        cls.company_a = cls.env["res.company"].create({"name": "Company A"})
        cls.env.user.company_ids += cls.company_a
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company_a.ids})
        cls.boss = cls._create_employee("boss")
        cls.chen = cls._create_employee("chen", cls.boss)
        cls.qiu = cls._create_employee("qiu", cls.boss)
        cls.lan = cls._create_employee("lan", cls.chen)
        cls.jonas = cls._create_employee("jonas", cls.chen)
        cls.wang = cls._create_user("wang", "base.group_user,expat_kpi.group_officer")
        cls.zhou = cls._create_user("zhou", "base.group_user,expat_kpi.group_officer")
        cls.admin = cls._create_user("admin", "base.group_user,expat_kpi.group_administrator")
        cls.env["expat.posting"].create(
            {
                "employee_id": cls.lan.id,
                "country_id": cls.env.ref("base.vn").id,
                "tz": "Asia/Ho_Chi_Minh",
                "date_from": "2020-01-01",
            }
        )
        cls.cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "2026 Q3",
                "company_id": cls.company_a.id,
                "date_from": "2026-07-01",
                "date_to": "2026-09-30",
            }
        )
        cls.visits = cls._create_indicator("visits", "Customer visits")
        cls.projects = cls._create_indicator("projects", "Qualified projects")
        cls.repurchase = cls._create_indicator("repurchase", "Repurchase share", unit="percent")
        cls.delivery = cls._create_indicator("delivery", "Delivery cycle", direction="less")
        cls.plan = cls._create_plan(cls.lan)

    @classmethod
    def _create_user(cls, login, groups="base.group_user"):
        return new_test_user(
            cls.env,
            login=f"plan_{login}",
            groups=groups,
            name=login.title(),
            email=f"{login}@example.com",
            company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)],
        )

    @classmethod
    def _create_employee(cls, login, manager=None):
        return cls.env["hr.employee"].create(
            {
                "name": login.title(),
                "user_id": cls._create_user(login).id,
                "company_id": cls.company_a.id,
                "parent_id": manager.id if manager else False,
            }
        )

    @classmethod
    def _create_indicator(cls, code, name, **values):
        return cls.env["expat.kpi.indicator"].create(
            {
                "name": name,
                "code": f"plan_{code}",
                "company_id": cls.company_a.id,
                "formula": "12",
                **values,
            }
        )

    @classmethod
    def _create_plan(cls, employee, lines=None):
        """A draft of Wang's: visits 12 (60 %), projects 100 (40 %)."""
        lines = lines or [(cls.visits, 12, 60), (cls.projects, 100, 40)]
        return cls.env["expat.kpi.plan"].create(
            {
                "cycle_id": cls.cycle.id,
                "employee_id": employee.id,
                "line_ids": [
                    Command.create({"indicator_id": one.id, "target": target, "weight": weight})
                    for one, target, weight in lines
                ],
            }
        )

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def _as(self, who, record=None):
        """The record as seen and touched by an employee's user, or a user."""
        user = who if who._name == "res.users" else who.user_id
        record = self.plan if record is None else record
        return record.with_user(user).with_company(self.company_a)

    def _line(self, indicator, plan=None):
        plan = plan or self.plan
        return plan.line_ids.filtered(lambda line: line.indicator_id == indicator)

    def _open(self, plan=None, who=None):
        self._as(who or self.wang, plan).action_open()

    def _propose(self, who, indicator=None, *, kind="change", reason="So it is.", **values):
        plan = values.pop("plan", None) or self.plan
        line = self._line(indicator, plan) if indicator and kind != "add" else None
        return self._as(who, self.env["expat.kpi.proposal"]).create(
            {
                "plan_id": plan.id,
                "kind": kind,
                "reason": reason,
                **({"line_id": line.id} if line else {}),
                **({"indicator_id": indicator.id} if indicator and kind == "add" else {}),
                **values,
            }
        )

    def _sign(self, who, plan=None):
        """Through the dialog, as people do."""
        plan = self._as(who, plan)
        action = plan.action_sign()
        dialog = plan.env[action["res_model"]].with_context(**action["context"]).create({})
        return dialog.action_confirm()

    def _decide(self, who, verb, reason="It must go on.", *, plan=None, proposal=None):
        """Through the dialog that asks for a reason."""
        record = self._as(who, proposal) if proposal else self._as(who, plan)
        action = getattr(record, f"action_{verb}")()
        dialog = (
            record.env[action["res_model"]]
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        return dialog.action_confirm()

    def _signed_by(self, plan=None):
        return sorted((plan or self.plan).party_ids.signature_id.user_id.mapped("name"))

    def _last_message(self, plan=None):
        return (plan or self.plan).message_ids.filtered(lambda one: one.body)[0].body

    def _activities(self, user, plan=None):
        return (plan or self.plan).activity_ids.filtered(lambda one: one.user_id == user)

    @contextmanager
    def _refused(self, sentence="", error=UserError):
        """What is done within is refused with a sentence, and leaves nothing behind."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(error, sentence),
            self.cr.savepoint(),
        ):
            yield
            self.env.flush_all()
        self.env.invalidate_all(flush=False)

    @staticmethod
    def _day(text):
        return fields.Date.to_date(text)


class PlanCase(PlanWorld, BaseCommon):
    """The world on the first day of the cycle."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls._make_world()
