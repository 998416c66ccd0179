from pathlib import Path

from odoo import SUPERUSER_ID, Command, fields
from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import ExpatCase

MIGRATIONS = Path(__file__).parents[1] / "migrations"


class MigrationCase(ExpatCase):
    def _load(self, version, name):
        return load_script(str(MIGRATIONS / version / f"{name}.py"), f"connectors_{name}").migrate

    def _ready(self, name):
        return self.env.ref(f"expat_kpi_connectors.{name}", raise_if_not_found=False)


@tagged("post_install", "-at_install")
class TestMigration(MigrationCase):
    """From 19.0.1.0.0, which published less and shipped two measures."""

    def setUp(self):
        super().setUp()
        self.migrate = self._load("19.0.1.1.0", "pre-migrate")

    def test_publishes_what_the_new_measures_read(self):
        path = "partner_id.commercial_partner_id"
        measures = self.env["expat.kpi.measure"].search(
            [("key_field_id", "=", self._field(self.lead_source, path).id)]
        )
        measures.key_field_id = self._field(self.lead_source, "partner_id")
        self._field(self.lead_source, path).unlink()
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.migrate(self.env.cr, "19.0.1.0.0")
        field = self._field(self.lead_source, path)
        self.assertEqual(len(field), 1)
        self.assertTrue(field.use_key)

    def test_the_place_of_a_meeting_is_searched_no_more(self):
        self._publish(self.event_source, location="condition")
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.assertFalse(self._field(self.event_source, "location"))

        self._publish(self.event_source, location="condition")
        self._measure(
            "in_hanoi",
            self.event_source,
            day="start",
            domain="[('location', '=', 'Hanoi')]",
        )
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.assertTrue(self._field(self.event_source, "location"), "a measure needs it")

    def test_ready_measures_are_mended_unless_hr_has_changed_them(self):
        migrate = self._load("19.0.1.2.0", "post-migrate")
        days, closed, won = (
            self._ready(f"measure_{name}")
            for name in ("attendance_days", "crm_closed", "crm_cohort_won")
        )
        shipped = days.domain, closed.domain
        days.domain = "[]"
        self._ready("measure_check_ins").domain = "[]"
        self._field(days.source_id, "in_mode").unlink()
        closed.domain = '[("type", "=", "opportunity"), ("won_status", "in", ["won", "lost"])]'
        won.include_archived = False
        migrate(self.env.cr, "19.0.1.1.0")
        migrate(self.env.cr, "19.0.1.1.0")
        self.assertEqual((days.domain, closed.domain), shipped)
        self.assertTrue(won.include_archived)
        self.assertFalse(days.is_changed)

        closed.domain = own = '[("won_status", "in", ["won", "lost"])]'
        migrate(self.env.cr, "19.0.1.1.0")
        self.assertEqual(closed.domain, own)

    def test_a_cohort_ends_with_its_days_unless_hr_has_changed_it(self):
        migrate = self._load("19.0.1.3.0", "post-migrate")
        won = self._ready("measure_crm_cohort_won")
        shipped, note = won.domain, won.note
        self._field(won.source_id, "day_close").unlink()
        won.write(
            {
                "domain": '[("type", "=", "opportunity"), ("won_status", "=", "won")]',
                "note": "Opportunities won so far, 90 days after the day they were created, for "
                "their salesperson.",
            }
        )
        for _time in range(2):
            migrate(self.env.cr, "19.0.1.2.0")
        self.assertEqual((won.domain, won.note), (shipped, note))
        for lang, _name in self.env["res.lang"].get_installed():
            self.assertEqual(won.with_context(lang=lang).note, note, "until it is translated anew")
        won.domain = own = '[("won_status", "=", "won")]'
        migrate(self.env.cr, "19.0.1.2.0")
        self.assertEqual(won.domain, own)

    def test_labels_of_published_fields_are_translated_unless_they_were_changed(self):
        migrate = self._load("19.0.1.2.0", "post-migrate")
        fields = self.lead_source.field_ids | self.event_source.field_ids
        customer = self._field(self.lead_source, "partner_id.commercial_partner_id")
        invited = self._field(self.event_source, "partner_ids.partner_share")
        hours = self._field(self.event_source, "duration")
        self.assertTrue(all(self._xml_ids(customer, invited, hours)), "as they are installed")
        self.env["ir.model.data"].search(
            [("model", "=", fields._name), ("res_id", "in", (customer + invited + hours).ids)]
        ).unlink()
        # As an administrator may have left them.
        invited.label = "A customer was asked"
        hours.unlink()
        migrate(self.env.cr, "19.0.1.1.0")
        migrate(self.env.cr, "19.0.1.1.0")
        self.assertEqual(
            self._xml_ids(customer, invited),
            ["expat_kpi_connectors.source_crm_lead_partner_id_commercial_partner_id", ""],
        )
        self.assertEqual(
            self.lead_source.field_ids | self.event_source.field_ids, fields.exists(), "none is new"
        )

    def _xml_ids(self, *records):
        return [record.get_external_id()[record.id] for record in records]

    def test_no_xml_id_of_a_published_field_outlives_it(self):
        xml_id = "expat_kpi_connectors.source_test"
        field = {"path": "country_id", "label": "Country of the state"}
        values = {
            "name": "States",
            "model": "res.country.state",
            "field_ids": [Command.create(field), Command.create({"path": "code"})],
        }
        source = self.env["expat.kpi.source"]._load_records([{"xml_id": xml_id, "values": values}])
        self.assertEqual(
            self._xml_ids(*source.field_ids), [f"{xml_id}_country_id", ""], "of labels alone"
        )
        source.unlink()
        self.assertFalse(self.env["ir.model.data"].search([("name", "like", "source_test%")]))


@tagged("post_install", "-at_install")
class TestVisitsMigration(MigrationCase):
    """From 19.0.1.1.0, which had indicators of visits for the calendar and for field records."""

    def setUp(self):
        super().setUp()
        # As it was: the code of all visits was a sum of two measures.
        self.source = self._make(
            "source", "source_visit", name="Meetings with customers", model="expat.kpi.visit"
        )
        self.source.with_user(SUPERUSER_ID).field_ids = [
            Command.create({"path": path, f"use_{use}": True})
            for path, use in (
                ("user_id", "owner"),
                ("start", "date"),
                ("event_id", "key"),
                ("partner_id", "key"),
                ("has_record", "condition"),
            )
        ]
        self._old_measure("visits", self.source, "visits", key="event_id")
        self._old_measure("visited_customers", self.source, "customers_visited", key="partner_id")
        self._old_measure(
            "meetings_unlogged",
            self.source,
            "meetings_unlogged",
            key="event_id",
            domain="[('has_record', '=', False)]",
        )
        records = self.env.ref("expat_kpi_connectors.source_record")
        self._old_measure(
            "field_visits", records, "field_visits", domain="[('category', '=', 'visit')]"
        )
        self._old_indicator("visits", "customer_visits", "visits")
        self._old_indicator("visited_customers", "visited_customers", "customers_visited")
        self._forget("indicator_record_visits_all")
        self._old_indicator("record_visits_all", "visits_all", "field_visits + meetings_unlogged")

    def _make(self, kind, xml_id, **values):
        return (
            self.env[f"expat.kpi.{kind}"]
            .with_user(SUPERUSER_ID)
            ._load_records(
                [
                    {
                        "xml_id": f"expat_kpi_connectors.{xml_id}",
                        "values": values,
                        "noupdate": True,
                    }
                ]
            )
        )

    def _forget(self, name):
        """As if it had not been shipped; something in the demo data may refer to it."""
        record = self._ready(name)
        record.code += "_before"
        self.env["ir.model.data"].search(
            [("module", "=", "expat_kpi_connectors"), ("name", "=", name)]
        ).unlink()

    def _old_measure(self, name, source, code, key=None, **values):
        is_meeting = source == self.source
        owner, day = ("user_id", "start") if is_meeting else ("employee_id", "date")
        self._make(
            "measure",
            f"measure_{name}",
            name=code,
            code=code,
            source_id=source.id,
            owner_field_id=self._field(source, owner).id,
            date_field_id=self._field(source, day).id,
            aggregate="distinct" if key else "count",
            key_field_id=self._field(source, key).id if key else False,
            **values,
        )

    def _old_indicator(self, name, code, formula):
        self._make("indicator", f"indicator_{name}", name=code, code=code, formula=formula)

    def _migrate(self):
        self.env.flush_all()
        migrate = self._load("19.0.1.2.0", "post-visits")
        migrate(self.env.cr, "19.0.1.1.0")
        migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def test_what_nobody_uses_makes_room(self):
        self._migrate()
        for name in ("indicator_visits", "indicator_visited_customers", "measure_visits"):
            self.assertFalse(self._ready(name), name)
        self.assertFalse(self._ready("measure_field_visits"))
        self.assertFalse(self._ready("source_visit"))
        visits = self._ready("indicator_record_visits_all")
        self.assertEqual((visits.code, visits.formula), ("visits_all", "all_visits"))
        self.assertEqual(visits.measure_ids, self._ready("measure_all_visits"))

    def test_what_a_plan_uses_counts_on_as_it_was(self):
        old = self._ready("indicator_visited_customers")
        both = self._ready("indicator_record_visits_all")
        cycle = self.env["expat.kpi.cycle"].create(
            {
                "name": "2026 Q3",
                "date_from": "2026-07-01",
                "date_to": "2026-09-30",
                "company_id": self.company_a.id,
            }
        )
        plan = self.env["expat.kpi.plan"].create(
            {
                "cycle_id": cycle.id,
                "employee_id": self.lan.id,
                "line_ids": [
                    Command.create({"indicator_id": indicator.id, "target": 5, "weight": 50})
                    for indicator in old + both
                ],
            }
        )
        customer = self.env["res.partner"].create({"name": "Red River"})
        start = fields.Datetime.to_datetime("2026-08-07 03:00:00")
        self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": fields.Datetime.add(start, hours=1),
                "user_id": self.lan.user_id.id,
                "partner_ids": [Command.set((self.lan.user_id.partner_id + customer).ids)],
            }
        )
        other = self.env["res.partner"].create({"name": "Haiphong"})
        self.env["expat.kpi.record"].create(
            {
                "employee_id": self.lan.id,
                "kind_id": self.env.ref("expat_kpi_connectors.record_kind_visit").id,
                "date": "2026-08-06 05:00:00",
                "partner_id": other.id,
            }
        )
        self._migrate()
        self.assertTrue(old.exists().active)
        self.assertEqual(both.exists().formula, "field_visits + meetings_unlogged")
        self.assertFalse(self._ready("indicator_visits"), "in no plan")
        (old + both).measure_ids._refresh(cycle.date_from, cycle.date_to)
        plan._refresh_actuals(fields.Datetime.to_datetime("2026-08-20 04:00:00"))
        self.assertEqual(plan.line_ids.mapped("actual"), [1, 2])

    def test_what_hr_made_their_own_stays(self):
        self._ready("indicator_visits").with_user(self.wang).name = "Customer days"
        self._measure(
            "hr_visits",
            self.source,
            day="start",
            aggregate="distinct",
            key="event_id",
            domain="[('has_record', '=', True)]",
        )
        self._migrate()
        self.assertEqual(self._ready("indicator_visits").name, "Customer days")
        self.assertTrue(self._ready("measure_visits"))
        self.assertTrue(self._ready("source_visit"), "a measure of HR's counts on it")
        self.assertFalse(self._ready("measure_visited_customers"))
