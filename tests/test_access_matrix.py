"""Who may do what with every model of ours, kept in ``access_matrix.csv``.

The record in question is always Lan's, of company A, or of company A as a whole.
Each row of the file is a model and an operation, each column a role; a cell is

    y   it is done, or the record is seen
    n   refused by access rights or rules, or the record is not seen
    x   refused to everybody in this role by a sentence: only the product does it

A model without rows fails, and so does a row that no model needs. After a change
on purpose, ``EXPAT_KPI_WRITE_MATRIX=1`` writes the file anew; read the difference.
"""

import csv
import os
from pathlib import Path

import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.expat_kpi_connectors.tests.common import ExpatCase

FILE = Path(__file__).with_name("access_matrix.csv")
ROLES = (
    "portal",
    "expat",
    "other_expat",
    "manager",
    "former_manager",
    "dotted_manager",
    "officer",
    "officer_b",
    "administrator",
)
OPERATIONS = (
    "read",
    "search",
    "read_group",
    "name_search",
    "export",
    "onchange",
    "write",
    "create",
    "copy",
    "unlink",
)


@tagged("post_install", "-at_install")
class TestAccessMatrix(ExpatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.former = cls._create_employee("former")
        cls.dotted = cls._create_employee("dotted")
        cls.lan.parent_id = cls.former
        cls.lan.parent_id = cls.chen
        cls.lan.posting_ids.dotted_manager_id = cls.dotted
        company_b = cls.env["res.company"].create({"name": "Company B"})
        cls.roles = {
            "portal": new_test_user(cls.env, "kpi_portal", groups="base.group_portal"),
            "expat": cls.lan.user_id,
            "other_expat": cls.jonas.user_id,
            "manager": cls.chen.user_id,
            "former_manager": cls.former.user_id,
            "dotted_manager": cls.dotted.user_id,
            "officer": cls.wang,
            "officer_b": new_test_user(
                cls.env,
                "kpi_officer_b",
                groups="expat_kpi.group_officer,base.group_allow_export",
                company_id=company_b.id,
                company_ids=[Command.set(company_b.ids)],
            ),
            "administrator": cls._create_user("admin", "expat_kpi.group_administrator"),
        }
        for role, user in cls.roles.items():
            if role != "portal":
                user.group_ids += cls.env.ref("base.group_allow_export")
        cls.records = cls._make_records()

    @classmethod
    def _make_manual_entry(cls, company):
        measure = cls.env["expat.kpi.measure"].create(
            {
                "name": "Matrix by hand",
                "code": "matrix_manual",
                "kind": "manual",
                "company_id": company.id,
            }
        )
        values = {
            "employee_id": cls.lan.id,
            "measure_id": measure.id,
            "day": "2026-08-05",
            "note": "Evidence",
        }
        entry = cls.env["expat.kpi.manual.entry"].create(values)
        return entry, {"amount": 3}, values

    @classmethod
    def _make_records(cls):
        """{model: (record, values to write, values to create one more)}."""
        env, company = cls.env, cls.company_a
        vietnam = env.ref("base.vn")
        region = env["expat.region"].create({"name": "Matrix region", "company_id": company.id})
        posting = cls.lan.posting_ids
        measure = cls._measure("matrix_won", domain="[('won_status', '=', 'won')]")
        cls._lead(cls.lan, "2026-08-05 05:00:00")
        measure._refresh()
        indicator = env["expat.kpi.indicator"].create(
            {
                "name": "Matrix",
                "code": "matrix_number",
                "formula": "matrix_won",
                "company_id": company.id,
            }
        )
        cycle = env["expat.kpi.cycle"].create(
            {
                "name": "Matrix cycle",
                "date_from": "2026-07-01",
                "date_to": "2026-09-30",
                "company_id": company.id,
            }
        )
        plan = env["expat.kpi.plan"].create(
            {
                "cycle_id": cycle.id,
                "employee_id": cls.lan.id,
                "line_ids": [
                    Command.create({"indicator_id": indicator.id, "target": 5, "weight": 100})
                ],
            }
        )
        source = cls.lead_source
        fact = env["expat.kpi.fact"].search([("version_id", "=", measure.version_id.id)])
        assert len(fact) == 1
        return {
            "expat.region": (
                region,
                {"sequence": 5},
                {"name": "One more", "company_id": company.id},
            ),
            "expat.login": (
                env["expat.login"].create({"employee_id": cls.lan.id}),
                {"date_from": "2001-01-01"},
                {"employee_id": cls.lan.id, "date_from": "2002-01-01"},
            ),
            "expat.posting": (
                posting,
                {"date_to": "2030-12-31"},
                {
                    "employee_id": cls.lan.id,
                    "country_id": vietnam.id,
                    "tz": "Asia/Ho_Chi_Minh",
                    "date_from": "2001-01-01",
                    "date_to": "2001-12-31",
                },
            ),
            "expat.kpi.source": (source, {"sequence": 5}, {"name": "T", "model": "project.task"}),
            "expat.kpi.source.field": (
                source.field_ids[0],
                {"sequence": 5},
                {"source_id": source.id, "path": "date_deadline", "use_date": True},
            ),
            "expat.kpi.measure": (
                measure,
                {"sequence": 5},
                {
                    "name": "One more",
                    "code": "matrix_more",
                    "source_id": source.id,
                    "company_id": company.id,
                },
            ),
            "expat.kpi.measure.version": (
                measure.version_id,
                {"error": "x"},
                {"measure_id": measure.id, "number": 7, "definition": {"model": "crm.lead"}},
            ),
            "expat.kpi.fact": (fact, {"count": 99}, {"count": 99}),
            "expat.kpi.manual.entry": cls._make_manual_entry(company),
            "expat.kpi.indicator": (
                indicator,
                {"sequence": 5},
                {
                    "name": "One more",
                    "code": "matrix_more",
                    "formula": "1 + 1",
                    "company_id": company.id,
                },
            ),
            "expat.kpi.property.set": (
                company.expat_kpi_property_set_id,
                {"plan_properties": []},
                {"company_id": env["res.company"].create({"name": "Company C"}).id},
            ),
            "expat.kpi.cycle": (
                cycle,
                {"name": "Renamed"},
                {
                    "name": "One more",
                    "date_from": "2027-01-01",
                    "date_to": "2027-03-31",
                    "company_id": company.id,
                },
            ),
            "expat.kpi.plan": (
                plan,
                {"manager_id": cls.former.id},
                {
                    "cycle_id": cycle.id,
                    "employee_id": cls.maria.id,
                },
            ),
            "expat.kpi.plan.line": (
                plan.line_ids,
                {"target": 6},
                {"plan_id": plan.id, "indicator_id": indicator.id, "target": 1},
            ),
            **cls._make_negotiation_records(indicator),
            **cls._make_adjustment_records(indicator),
            **cls._make_event_records(indicator),
            **cls._make_template_records(indicator),
            **cls._make_field_records(),
        }

    @classmethod
    def _make_field_records(cls):
        """A visit of Lan's, with all that belongs to it, and the policy of Vietnam."""
        company, vietnam = cls.company_a, cls.env.ref("base.vn")
        company.expat_kpi_audit_share = 0
        policy = cls.env["expat.kpi.policy"].create(
            {
                "country_id": vietnam.id,
                "company_id": company.id,
                "use_position": True,
                "notice": "A notice.",
            }
        )
        policy.with_user(cls.lan.user_id).action_confirm(1)
        kind = cls.env["expat.kpi.record.kind"].create(
            {"name": "Matrix kind", "company_id": company.id}
        )
        values = {"employee_id": cls.lan.id, "kind_id": kind.id}
        days_ago = fields.Datetime.subtract(fields.Datetime.now(), days=5)
        record = (
            cls.env["expat.kpi.record"]
            .with_user(cls.lan.user_id)
            .create({**values, "date": days_ago})
        )
        record._keep_position(21.03, 105.85)
        record._amend({"note": "A note"}, "A reason")
        record = record.sudo()
        pixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        photo = {"record_id": record.id, "image": pixel}
        place = {"record_id": record.id, "latitude": 1, "longitude": 1}
        return {
            "expat.kpi.policy": (
                policy,
                {"agreement": "Of 2026"},
                {"country_id": cls.env.ref("base.de").id, "company_id": company.id},
            ),
            "expat.kpi.policy.consent": (
                policy.consent_ids,
                {"is_given": False},
                {"policy_id": policy.id, "employee_id": cls.lan.id},
            ),
            "expat.kpi.record.kind": (
                kind,
                {"sequence": 5},
                {"name": "One more", "company_id": company.id},
            ),
            "expat.kpi.record": (record, {"note": "Another note"}, values),
            "expat.kpi.record.place": (record.place_ids, {"latitude": 2}, place),
            "expat.kpi.record.photo": (
                cls.env["expat.kpi.record.photo"].create(photo),
                {"name": "other.jpg"},
                photo,
            ),
            # Asked, and not answered yet.
            "expat.kpi.record.flag": (
                record.flag_ids,
                {"answer": "x"},
                {"record_id": record.id, "kind": "burst"},
            ),
            "expat.kpi.record.amendment": (
                record.amendment_ids,
                {"reason": "x"},
                {"record_id": record.id, "reason": "x"},
            ),
        }

    @classmethod
    def _make_template_records(cls, indicator):
        """What plans begin with, and what stands beside their targets."""
        company = cls.company_a
        other = indicator.copy({"code": "matrix_other", "name": "Other"})
        line = {"indicator_id": indicator.id, "target": 5, "weight": 100}
        template = {"name": "Matrix template", "company_id": company.id}
        known = {"indicator_id": indicator.id, "company_id": company.id, "year": 2026, "value": 5}
        templates = cls.env["expat.kpi.template"].create(
            {**template, "line_ids": [Command.create(line)]}
        )
        return {
            "expat.kpi.template": (templates, {"sequence": 5}, template),
            "expat.kpi.template.line": (
                templates.line_ids,
                {"sequence": 5},
                {**line, "template_id": templates.id, "indicator_id": other.id},
            ),
            "expat.kpi.benchmark": (
                cls.env["expat.kpi.benchmark"].create({**known, "source": "A report"}),
                {"value": 6},
                {**known, "source": "Another report"},
            ),
            "expat.kpi.goal": (
                cls.env["expat.kpi.goal"].create(known),
                {"value": 6},
                {**known, "year": 2027},
            ),
        }

    @classmethod
    def _make_negotiation_records(cls, indicator):
        """What comes of a plan of Lan's that is being negotiated."""
        cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "Matrix negotiation",
                "date_from": "2027-01-01",
                "date_to": "2027-03-31",
                "company_id": cls.company_a.id,
            }
        )
        plan = cls.env["expat.kpi.plan"].create(
            {
                "cycle_id": cycle.id,
                "employee_id": cls.lan.id,
                "line_ids": [
                    Command.create({"indicator_id": indicator.id, "target": 5, "weight": 100})
                ],
            }
        )
        plan.with_user(cls.wang).action_open()
        revision = plan.latest_revision_id
        plan.with_user(cls.lan.user_id).action_sign_content(revision.content_hash)
        proposed = {
            "plan_id": plan.id,
            "line_id": plan.line_ids.id,
            "target": 7,
            "reason": "A reason.",
        }
        proposal = cls.env["expat.kpi.proposal"].with_user(cls.lan.user_id).create(proposed)
        plan.with_user(cls.lan.user_id).note_look()
        look = cls.env["expat.kpi.plan.look"].sudo().search([("plan_id", "=", plan.id)])
        rule = cls.env["expat.kpi.signatory.rule"].create(
            {"name": "Matrix rule", "company_id": cls.company_a.id, "sequence": 2000}
        )
        return {
            "expat.kpi.plan.party": (
                plan.party_ids[0],
                {"user_id": cls.jonas.user_id.id},
                {"plan_id": plan.id, "role": "hr", "user_id": cls.jonas.user_id.id},
            ),
            "expat.kpi.plan.look": (
                look,
                {"date": "2026-07-02 00:00:00"},
                {
                    "plan_id": plan.id,
                    "user_id": cls.chen.user_id.id,
                    "revision_id": revision.id,
                    "before_id": revision.id,
                    "date": "2026-07-02 00:00:00",
                    "date_before": "2026-07-02 00:00:00",
                },
            ),
            "expat.kpi.proposal": (proposal.sudo(), {"target": 9}, {**proposed, "target": 8}),
            "expat.kpi.revision": (
                revision,
                {"content": "{}"},
                {"plan_id": plan.id, "number": 9, "content": "{}", "content_hash": "0"},
            ),
            "expat.kpi.signatory": (
                rule.signatory_ids[0],
                {"sequence": 5},
                {"rule_id": rule.id, "role": "person", "user_id": cls.jonas.user_id.id},
            ),
            "expat.kpi.signatory.rule": (
                rule,
                {"sequence": 5},
                {"name": "One more", "company_id": cls.company_a.id},
            ),
            "expat.kpi.signature": (
                plan.signature_ids,
                {"role": "manager"},
                {
                    "plan_id": plan.id,
                    "revision_id": revision.id,
                    "content_hash": revision.content_hash,
                    "role": "manager",
                    "user_id": cls.chen.user_id.id,
                    "date": "2026-07-01 00:00:00",
                },
            ),
        }

    @classmethod
    def _make_adjustment_records(cls, indicator):
        """A draft of Lan's, on a plan that all have signed."""
        cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "Matrix adjustment",
                "date_from": "2028-01-01",
                "date_to": "2028-03-31",
                "company_id": cls.company_a.id,
            }
        )
        plan = cls.env["expat.kpi.plan"].create(
            {
                "cycle_id": cycle.id,
                "employee_id": cls.lan.id,
                "line_ids": [
                    Command.create({"indicator_id": indicator.id, "target": 5, "weight": 100})
                ],
            }
        )
        plan.with_user(cls.wang).action_open()
        content = plan.latest_revision_id.content_hash
        for user in (cls.lan.user_id, cls.chen.user_id, cls.wang):
            plan.with_user(user).action_sign_content(content)
        new = {"plan_id": plan.id, "reason": "A reason.", "date_from": "2028-02-01"}
        line = {"kind": "change", "indicator_id": indicator.id, "target": 6, "weight": 100}
        adjustment = (
            cls.env["expat.kpi.adjustment"]
            .with_user(cls.lan.user_id)
            .create({**new, "line_ids": [Command.create(line)]})
            .sudo()
        )
        return {
            "expat.kpi.adjustment": (adjustment, {"reason": "Another."}, new),
            "expat.kpi.adjustment.line": (
                adjustment.line_ids,
                {"target": 7},
                {**line, "adjustment_id": adjustment.id},
            ),
        }

    @classmethod
    def _make_event_records(cls, indicator):
        """An event that was proposed to a plan of Lan's."""
        cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "Matrix event",
                "date_from": "2029-01-01",
                "date_to": "2029-03-31",
                "company_id": cls.company_a.id,
            }
        )
        plans = cls.env["expat.kpi.plan"].create(
            [
                {
                    "cycle_id": cycle.id,
                    "employee_id": employee.id,
                    "line_ids": [
                        Command.create({"indicator_id": indicator.id, "target": 5, "weight": 100})
                    ],
                }
                for employee in (cls.lan, cls.jonas)
            ]
        )
        plan, other_plan = plans
        plan.with_user(cls.wang).action_open()
        content = plan.latest_revision_id.content_hash
        for user in (cls.lan.user_id, cls.chen.user_id, cls.wang):
            plan.with_user(user).action_sign_content(content)
        line = {"indicator_id": indicator.id, "kind": "set", "target": 4}
        new = {"name": "Matrix event", "company_id": cls.company_a.id, "date_from": "2029-02-01"}
        event = (
            cls.env["expat.kpi.event"]
            .with_user(cls.wang)
            .create({**new, "line_ids": [Command.create(line)]})
        )
        row = event.row_ids.filtered("changes")
        row._set_guarded(
            {
                "adjustment_id": cls.env["expat.kpi.adjustment"]
                .with_user(cls.wang)
                .create(event._prepare_adjustment(row))
                .id
            }
        )
        event._set_guarded({"state": "proposed"})
        return {
            "expat.kpi.event": (event.sudo(), {"name": "Renamed"}, new),
            "expat.kpi.event.line": (
                event.line_ids.sudo(),
                {"target": 3},
                {**line, "event_id": event.id, "kind": "drop"},
            ),
            "expat.kpi.event.plan": (
                row.sudo(),
                {"is_excepted": True, "exception_reason": "So."},
                {"event_id": event.id, "plan_id": other_plan.id},
            ),
        }

    # ------------------------------------------------------------------

    def _models(self):
        return {
            name
            for name, model in self.registry.items()
            # Statements as sources have a test of their own: test_published_source
            if name.startswith("expat.") and not (model._abstract or model._transient)
            if model._auto
        }

    def _attempt(self, operation, record, values, new):
        """Do it, in a savepoint that is rolled back; True when it was done or seen."""
        model = record.browse()
        if operation == "read":
            return bool(record.read(["display_name"]))
        if operation == "search":
            return bool(model.search([("id", "=", record.id)]))
        if operation == "read_group":
            return bool(model._read_group([("id", "=", record.id)], [], ["__count"])[0][0])
        if operation == "name_search":
            found = model.name_search("", [("id", "=", record.id)])
            return any(found_id == record.id for found_id, _name in found)
        if operation == "export":
            return bool(record.export_data(["display_name"])["datas"])
        if operation == "onchange":
            return bool(record.onchange({}, [], {"display_name": {}}))
        if operation == "write":
            return record.write(values)
        if operation == "create":
            return bool(model.create(new))
        if operation == "copy":
            return bool(record.copy())
        return record.unlink()

    def _cell(self, operation, role, record, values, new):
        record = record.with_env(self.env(user=self.roles[role], su=False, context={}))
        savepoint = self.env.cr.savepoint()
        try:
            done = self._attempt(operation, record, values, new)
            self.env.flush_all()
            return "y" if done else "n"
        except AccessError:
            return "n"
        except UserError:
            return "x"
        except psycopg2.IntegrityError:
            # A copy of what is unique reaches the database: it was allowed to.
            return "y"
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    @mute_logger(
        "odoo.sql_db",
        "odoo.models",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_rule",
    )
    def _found(self):
        return {
            (model, operation): {
                role: self._cell(operation, role, *self.records[model]) for role in ROLES
            }
            for model in sorted(self.records)
            for operation in OPERATIONS
        }

    def test_every_cell(self):
        self.assertEqual(
            self._models() - self.records.keys(), set(), "models without a record here"
        )
        found = self._found()
        if os.environ.get("EXPAT_KPI_WRITE_MATRIX"):
            with FILE.open("w", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(["model", "operation", *ROLES])
                for (model, operation), cells in found.items():
                    writer.writerow([model, operation, *cells.values()])
        with FILE.open(newline="") as stream:
            expected = {
                (row.pop("model"), row.pop("operation")): row for row in csv.DictReader(stream)
            }
        self.assertEqual(expected.keys(), found.keys())
        differences = [
            f"{model} {operation} by {role}: {found[model, operation][role]}, expected {cell}"
            for (model, operation), row in expected.items()
            for role, cell in row.items()
            if found[model, operation][role] != cell
        ]
        self.assertFalse(differences, "\n".join(differences))
