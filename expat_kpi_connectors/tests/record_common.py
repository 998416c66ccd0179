from datetime import datetime, timedelta

from odoo import fields

from .common import ExpatCase


class RecordCase(ExpatCase):
    """Field records of the company of `ExpatCase`, and a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = {
            category: cls.env.ref(f"expat_kpi_connectors.record_kind_{category}")
            for category in ("visit", "exhibition", "coordination", "incident")
        }
        cls.customer = cls.env["res.partner"].create({"name": "Red River", "is_company": True})
        # Nobody is drawn by chance.
        cls.company_a.expat_kpi_audit_share = 0

    @classmethod
    def _record(cls, employee=None, date=None, category="visit", user=None, **values):
        employee = employee or cls.lan
        return (
            cls.env["expat.kpi.record"]
            .with_user(user or employee.user_id)
            .create(
                {
                    "employee_id": employee.id,
                    "kind_id": cls.kinds[category].id,
                    "date": date or fields.Datetime.now() - timedelta(hours=1),
                    **values,
                }
            )
        )

    @classmethod
    def _policy(cls, **values):
        return cls.env["expat.kpi.policy"].create(
            {
                "country_id": cls.env.ref("base.vn").id,
                "company_id": cls.company_a.id,
                "use_position": True,
                "notice": "Your position shows that you were there.",
                **values,
            }
        )

    @classmethod
    def _grow_old(cls, record, moment):
        """As if it had arrived at that moment."""
        record.flush_recordset()
        cls.env.cr.execute(
            "UPDATE expat_kpi_record SET create_date = %s WHERE id = %s", [moment, record.id]
        )
        record.invalidate_recordset()

    @staticmethod
    def _at(text):
        return datetime.strptime(text, "%Y-%m-%d %H:%M")
