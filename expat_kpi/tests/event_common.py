from odoo import Command
from odoo.tests import freeze_time

from odoo.addons.base.tests.common import BaseCommon

from .plan_common import NOW, PlanWorld

BEFORE_THE_EVENT = "2026-08-05 02:00:00"


class EventWorld(PlanWorld):
    """Plans in force in three regions, all the same: visits 12 (60), conversion 25 % (40).

    ::

        Southeast Asia   Lan      Hanoi     public holidays on 1 and 2 September
                         Somchai  Bangkok
                         Tran     Hanoi until 31 August, then São Paulo
        Europe           Jonas    Stuttgart
        South America    Maria    São Paulo
    """

    @classmethod
    def _make_world(cls):  # pylint: disable=missing-return
        super()._make_world()
        cls.plan.unlink()
        cls.conversion = cls._create_indicator("conversion", "Conversion", unit="percent")
        cls.retention = cls._create_indicator("retention", "Retention", unit="percent")
        cls.regions = {
            name: cls.env["expat.region"].create(
                {
                    "name": name,
                    "company_id": cls.company_a.id,
                    "country_ids": [
                        Command.set([cls.env.ref(f"base.{code}").id for code in codes])
                    ],
                }
            )
            for name, codes in {
                "Asia": ("vn", "th"),
                "Europe": ("de",),
                "America": ("br",),
            }.items()
        }
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Hanoi", "company_id": cls.company_a.id, "tz": "Asia/Ho_Chi_Minh"}
        )
        # Midnight to midnight in Hanoi. Written, for where time off is installed what is created
        # is taken as local to whoever enters it.
        days = {"date_from": "2026-08-31 17:00:00", "date_to": "2026-09-02 16:59:59"}
        cls.env["resource.calendar.leaves"].create(
            {
                "name": "National Day",
                "calendar_id": cls.calendar.id,
                "company_id": cls.company_a.id,
                **days,
            }
        ).write(days)
        cls.lan.posting_ids.write(
            {"resource_calendar_id": cls.calendar.id, "region_id": cls.regions["Asia"].id}
        )
        cls.somchai = cls._create_employee("somchai", cls.chen)
        cls.tran = cls._create_employee("tran", cls.chen)
        cls.maria = cls._create_employee("maria", cls.qiu)
        for employee, country, zone, first, last in (
            (cls.somchai, "th", "Asia/Bangkok", "2020-01-01", False),
            (cls.tran, "vn", "Asia/Ho_Chi_Minh", "2020-01-01", "2026-08-31"),
            (cls.tran, "br", "America/Sao_Paulo", "2026-09-01", False),
            (cls.jonas, "de", "Europe/Berlin", "2020-01-01", False),
            (cls.maria, "br", "America/Sao_Paulo", "2020-01-01", False),
        ):
            cls._post(employee, country, zone, first, last)
        cls.people = cls.lan + cls.somchai + cls.tran + cls.jonas + cls.maria
        cls.plans = {employee: cls._create_agreed_plan(employee) for employee in cls.people}

    @classmethod
    def _post(cls, employee, country, zone, first, last=False):
        return cls.env["expat.posting"].create(
            {
                "employee_id": employee.id,
                "country_id": cls.env.ref(f"base.{country}").id,
                "tz": zone,
                "date_from": first,
                "date_to": last,
            }
        )

    @classmethod
    def _create_agreed_plan(cls, employee, lines=None):
        plan = cls._create_plan(employee, lines or [(cls.visits, 12, 60), (cls.conversion, 25, 40)])
        plan.with_user(cls.wang).action_open()
        content = plan.latest_revision_id.content_hash
        for user in (employee.user_id, plan.manager_id.user_id, cls.wang):
            plan.with_user(user).action_sign_content(content)
        return plan

    @classmethod
    def _create_event(cls, **values):
        """Wang's: conversion to 20 % from 10 August on, retention of 70 % for 15 added."""
        return (
            cls.env["expat.kpi.event"]
            .with_user(cls.wang)
            .with_company(cls.company_a)
            .create(
                {
                    "name": "Raw-material prices jump",
                    "kind": "raw_material",
                    "company_id": cls.company_a.id,
                    "date_from": "2026-08-10",
                    "region_ids": [Command.set([cls.regions["Asia"].id, cls.regions["Europe"].id])],
                    "line_ids": [
                        Command.create(
                            {"indicator_id": cls.conversion.id, "kind": "set", "target": 20}
                        ),
                        Command.create(
                            {
                                "indicator_id": cls.retention.id,
                                "kind": "add",
                                "target": 70,
                                "weight": 15,
                            }
                        ),
                    ],
                    **values,
                }
            )
        )

    def _row(self, event, employee):
        return event.row_ids.filtered(lambda row: row.employee_id == employee)

    def _told(self, event):
        """{name: (status, reason)} of all rows."""
        return {row.employee_id.name: (row.status, row.reason or None) for row in event.row_ids}


class EventCase(EventWorld, BaseCommon):
    """The world on the fifth of August, with plans agreed on in July."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOW):
            cls._make_world()
        cls.startClassPatcher(freeze_time(BEFORE_THE_EVENT))
