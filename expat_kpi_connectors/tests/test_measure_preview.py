import random
from datetime import date, datetime, timedelta, timezone

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged, users

from odoo.addons.expat_kpi.engine.periods import Span, local_day
from odoo.addons.expat_kpi.tools.fact_explain import FactExplain
from odoo.addons.expat_kpi.tools.fact_query import FactQuery

from .common import ExpatCase, random_moments

MAY = Span(date(2026, 5, 1), date(2026, 5, 31))
WON = "[('type', '=', 'opportunity'), ('won_status', '=', 'won')]"


class PreviewCase(ExpatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._create_user("sam", "expat_kpi.group_officer")
        cls.salesman.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def _unsaved(self, employee, month, user=None, **values):
        """The preview of a measure that is only being entered."""
        source = values.pop("source", self.lead_source)
        owner = values.pop("owner", "user_id")
        day = values.pop("day", "date_closed")
        for name in ("amount", "key", "start", "end"):
            if name in values:
                values[f"{name}_field_id"] = self._field(source, values.pop(name)).id
        measure = (
            self.env["expat.kpi.measure"]
            .with_user(user or self.salesman)
            .with_context(lang="en_US")
            .new(
                {
                    "name": "Unsaved",
                    "company_id": self.company_a.id,
                    "source_id": source.id,
                    "owner_field_id": self._field(source, owner).id,
                    "date_field_id": self._field(source, day).id,
                    "try_employee_id": employee.id,
                    "try_month": month,
                    **values,
                }
            )
        )
        return measure.preview

    def _hand_over(self, leads, employee):
        """Give leads to somebody else, and have the change tracked."""
        self.env.cr.flush()
        tracked = leads.with_context(tracking_disable=False, mail_notrack=False)
        tracked.user_id = employee.user_id
        self.env.cr.flush()

    def _reasons(self, preview):
        return {record["name"]: record["reasons"] for record in preview["missed"]["records"]}


@tagged("post_install", "-at_install")
class TestMeasurePreview(PreviewCase):
    """What HR sees while making a measure."""

    def test_number_is_what_the_facts_will_hold(self):
        self._leads(
            [
                (self.lan, datetime(2026, 5, 5, 5), True, {}),
                (self.lan, datetime(2026, 5, 6, 5), True, {}),
                (self.lan, datetime(2026, 4, 30, 17, 30), True, {}),  # 00:30 on 1 May
                (self.lan, datetime(2026, 5, 31, 17, 30), True, {}),  # 00:30 on 1 June
            ]
        )
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain=WON)
        self.assertEqual(preview["number"], "3")
        self.assertEqual(preview["counted"]["count"], 3)
        saved = self._measure("preview_won", domain=WON)
        saved._refresh(MAY.date_from, MAY.date_to)
        self.assertEqual(sum(self._sums(saved).values()), 3)

    def test_twelve_months_are_shown_and_add_up(self):
        now = datetime(2026, 11, 24, 5)
        self._leads([(self.lan, now - timedelta(days=17 * n), True, {}) for n in range(20)])
        preview = self._unsaved(self.lan, date(2026, 10, 1), domain=WON)
        self.assertEqual(len(preview["months"]), 12)
        self.assertEqual(sum(month["is_shown"] for month in preview["months"]), 1)
        days = [local_day(now - timedelta(days=17 * n), "Asia/Ho_Chi_Minh") for n in range(20)]
        for month in preview["months"]:
            first = date.fromisoformat(month["month"])
            expected = sum(day.replace(day=1) == first for day in days)
            self.assertEqual(month["value"], expected, month["month"])

    def test_every_reason_is_said(self):
        self.lan.posting_ids.date_from = "2026-05-03"
        other = self.env["res.company"].create({"name": "Company B"})
        names = {"name": "counts"}, {"name": "next month"}, {"name": "before posting"}
        leads = self._leads(
            [
                (self.lan, datetime(2026, 5, 5, 5), True, names[0]),
                (self.lan, datetime(2026, 5, 31, 17, 30), True, names[1]),
                (self.lan, datetime(2026, 5, 1, 5), True, names[2]),
                (self.lan, datetime(2026, 5, 6, 5), False, {"name": "lost"}),
                (self.lan, datetime(2026, 5, 7, 5), True, {"name": "elsewhere"}),
                (self.lan, datetime(2026, 5, 8, 5), True, {"name": "a lead", "type": "lead"}),
                (self.lan, datetime(2026, 6, 3, 5), True, {"name": "far away"}),
            ]
        )
        leads[5].type = "lead"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", [other.id, leads[4].id]
        )
        self.env.invalidate_all()
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain=WON)
        self.assertEqual([r["name"] for r in preview["counted"]["records"]], ["counts"])
        self.salesman.company_ids += other
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain=WON)
        reasons = self._reasons(preview)
        self.assertEqual(reasons["next month"], ["1 June 00:30 Ho Chi Minh time is already June"])
        self.assertEqual(reasons["before posting"], ["outside the posting"])
        self.assertEqual(reasons["lost"], ["archived", "not: “Won/Lost” is Won"])
        self.assertEqual(reasons["a lead"], ["not: “Type” is Opportunity"])
        self.assertNotIn("far away", reasons)
        # The record of another company is not open to the reader: it is counted and said.
        self.assertNotIn("elsewhere", reasons)
        self.assertEqual(preview["missed"]["others"], "1 more that you may not open")
        self.assertEqual(preview["missed"]["hidden"], ["1: belongs to another company"])

    def test_records_that_belong_to_nobody_are_counted(self):
        leads = self._leads([(self.lan, datetime(2026, 5, 5, 5), True, {}) for _n in range(3)])
        leads[:2].user_id = False
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain=WON)
        before = preview["unowned"]
        leads[2].user_id = self.wang  # a user who is no employee
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain=WON)
        self.assertIn("2", before)
        self.assertIn("3", preview["unowned"])

    def test_owner_at_the_moment_is_named(self):
        lead = self._lead(self.lan, datetime(2026, 5, 5, 5), name="handed over")
        self._hand_over(lead, self.jonas)
        values = {"domain": WON, "owner_moment": "event"}
        self.assertEqual(self._unsaved(self.lan, date(2026, 5, 1), **values)["number"], "1")
        preview = self._unsaved(self.jonas, date(2026, 5, 1), **values)
        self.assertEqual(preview["number"], "0")
        self.assertEqual(
            self._reasons(preview), {"handed over": ["credited to Lan, who had it then"]}
        )

    def test_money_without_a_rate_is_said(self):
        """A rate that begins later is no rate; the company's own currency needs none."""
        foreign = self.env["res.currency"].create(
            {
                "name": "QQQ",
                "symbol": "Q",
                "rate_ids": [Command.create({"name": "2026-05-10", "rate": 2})],
            }
        )
        self._lead(self.lan, datetime(2026, 5, 5, 5), name="own money", expected_revenue=10)
        values = {"domain": WON, "aggregate": "money", "amount": "expected_revenue"}
        preview = self._unsaved(self.lan, date(2026, 5, 1), **values)
        self.assertEqual(preview["counted"]["records"][0]["amount"][-5:], "10.00")
        field = self._field(self.lead_source, "expected_revenue")
        field.currency_path = "company_id.currency_id"
        self.assertEqual(self._unsaved(self.lan, date(2026, 5, 1), **values)["fault"], 0)
        other = self.env["res.company"].create({"name": "B", "currency_id": foreign.id})
        self.env.flush_all()
        # A record of no company in a currency of its own: by way of its partner's company.
        partner = self.env["res.partner"].create({"name": "C", "company_id": other.id})
        lead = self._lead(
            self.lan, datetime(2026, 5, 6, 5), name="foreign money", expected_revenue=10
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET partner_id = %s WHERE id = %s", [partner.id, lead.id]
        )
        self.env.invalidate_all()
        field.currency_path = "partner_id.company_id.currency_id"
        preview = self._unsaved(self.lan, date(2026, 5, 1), **values)
        self.assertEqual(self._reasons(preview), {"foreign money": ["no rate of QQQ on that day"]})
        self.assertEqual(preview["fault"], "1 more cannot be computed")
        lead.date_closed = datetime(2026, 5, 12, 5)
        self.assertFalse(self._unsaved(self.lan, date(2026, 5, 1), **values)["fault"])

    def test_a_broken_definition_is_a_sentence(self):
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain="[('email_from', 'ilike', 'x')]")
        self.assertEqual(set(preview), {"problem"})
        self.assertIn("email_from", preview["problem"])

    def test_reader_without_rights_sees_numbers_and_no_names(self):
        self._lead(self.lan, datetime(2026, 5, 5, 5), name="Secret customer")
        self._lead(self.lan, datetime(2026, 5, 6, 5), won=False, name="Secret too")
        preview = self._unsaved(self.lan, date(2026, 5, 1), user=self.wang, domain=WON)
        self.assertEqual(preview["number"], "1")
        self.assertFalse(preview["counted"]["records"])
        self.assertEqual(preview["counted"]["others"], "1 that you may not open")
        self.assertEqual(preview["missed"]["hidden"], ["1: archived"])
        self.assertNotIn("Secret", str(preview))

    def test_private_meeting_counts_and_is_not_named(self):
        self.env["calendar.event"].create(
            {
                "name": "Dentist",
                "start": "2026-05-05 03:00:00",
                "stop": "2026-05-05 04:00:00",
                "user_id": self.lan.user_id.id,
                "partner_ids": [Command.set(self.lan.user_id.partner_id.ids)],
                "privacy": "private",
            }
        )
        preview = self._unsaved(self.lan, date(2026, 5, 1), source=self.event_source, day="start")
        self.assertEqual(preview["number"], "1")
        self.assertNotIn("Dentist", str(preview))

    @users("kpi_lan")
    def test_preview_is_for_officers(self):
        measure = self.env.ref("expat_kpi_connectors.measure_crm_won").with_user(self.env.user)
        for field in ("preview", "try_employee_id", "try_month"):
            with self.assertRaises(AccessError):
                measure.read([field])
        with self.assertRaises(AccessError):
            measure.onchange(
                {"try_employee_id": self.jonas.id}, ["try_employee_id"], {"preview": {}}
            )

    def test_employee_of_a_foreign_company_is_not_shown(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = (
            self.env["hr.employee"].sudo().create({"name": "Stranger", "company_id": other.id})
        )
        preview = self._unsaved(stranger, date(2026, 5, 1), user=self.wang, company_id=False)
        self.assertEqual(set(preview), {"problem"})
        self.assertNotIn("Stranger", preview["problem"])

    def test_trying_changes_nothing(self):
        measure = self._measure("preview_form", domain=WON)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE expat_kpi_measure SET write_date = '2020-01-01' WHERE id = %s", measure.ids
        )
        measure.invalidate_recordset()
        with Form(measure.with_user(self.wang)) as form:
            form.try_employee_id = self.jonas
            self.assertIn("Berlin", form.preview["place"])
        measure.with_user(self.wang).write({"try_month": date(2026, 4, 1)})
        self.env.flush_all()
        self.assertEqual(measure.write_date, datetime(2020, 1, 1))

    def test_words_follow_the_settings(self):
        measure = self._measure("preview_words", domain=WON)
        self.assertEqual(
            measure.in_words,
            "The number of Opportunities where “Type” is Opportunity and “Won/Lost” is Won, "
            "counted for the employee in “Salesperson”, on the local day of “Closed Date”.",
        )
        measure.domain = "['|', ('stage_id', '=', False), ('probability', '>=', 12.5)]"
        self.assertIn("“Stage” is not set or “Probability” is at least 12.5", measure.in_words)

    def test_closed_relations_offer_no_choice(self):
        """HR cannot pick a lead's stage by name where it may not read stages."""
        self.env["ir.model.access"].search([("model_id.model", "=", "crm.tag")]).active = False
        self.env.registry.clear_cache()
        measure = self._measure("preview_paths").with_user(self.wang)
        closed = {path: model for path, _label, model in measure.condition_paths}
        self.assertEqual(closed["tag_ids"], "crm.tag")
        self.assertFalse(closed["user_id"])
        self.assertFalse(closed["won_status"])

    def test_words_name_only_what_the_reader_may_read(self):
        tag = self.env["crm.tag"].create({"name": "Hidden tag"})
        measure = self._measure("preview_names", domain=f"[('tag_ids', 'in', {tag.ids})]")
        words = measure.with_user(self.wang).in_words
        self.assertNotIn("Hidden tag", words)
        self.assertIn("1 chosen records", words)
        self.assertIn("Hidden tag", measure.with_user(self.salesman).in_words)


@tagged("post_install", "-at_install")
class TestStatementPreview(PreviewCase):
    """Over a statement, too, the records themselves are shown, to those who may open them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env.ref("expat_kpi_connectors.source_customer_visit")
        cls.customer, cls.other = cls.env["res.partner"].create(
            [{"name": "Red River"}, {"name": "Haiphong"}]
        )

    def _meeting(self, name, start, guests=None, **values):
        start = datetime.fromisoformat(start)
        partners = self.lan.user_id.partner_id + (guests or self.customer)
        return self.env["calendar.event"].create(
            {
                "name": name,
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": self.lan.user_id.id,
                "partner_ids": [Command.set(partners.ids)],
                **values,
            }
        )

    def _visits(self, user=None, **values):
        return self._unsaved(
            self.lan,
            date(2026, 5, 1),
            user,
            source=self.source,
            owner="employee_id",
            day="start",
            **{"aggregate": "distinct", "key": "visit", **values},
        )

    def _names(self, preview, which):
        return [(record["model"], record["name"]) for record in preview[which]["records"]]

    def test_the_very_records_are_listed_and_why_others_do_not_count(self):
        self._meeting("Both", "2026-05-05 03:00", self.customer + self.other)
        logged = self._meeting("Logged", "2026-05-06 03:00")
        self._meeting("June there", "2026-05-31 17:30")
        self._meeting("Cancelled", "2026-05-07 03:00").action_archive()
        declined = self._meeting("Declined", "2026-05-08 03:00")
        declined.attendee_ids.filtered(lambda one: one.partner_id == self.customer).do_decline()
        self._meeting("A colleague", "2026-05-09 03:00", self.jonas.user_id.partner_id)
        record = self.env["expat.kpi.record"].create(
            {
                "employee_id": self.lan.id,
                "kind_id": self.env.ref("expat_kpi_connectors.record_kind_visit").id,
                "date": "2026-05-06 05:00:00",
                "partner_id": self.customer.id,
                "calendar_event_id": logged.id,
            }
        )
        preview = self._visits()
        self.assertEqual(preview["number"], "2")
        self.assertEqual(
            self._names(preview, "counted"),
            [("expat.kpi.record", record.display_name), ("calendar.event", "Both")],
        )
        self.assertEqual(preview["counted"]["count"], 2, "one line a visit, whoever was there")
        self.assertEqual(
            {r["name"]: r["reasons"] for r in preview["missed"]["records"]},
            {
                "June there": ["1 June 00:30 Ho Chi Minh time is already June"],
                "Declined": ["declined by the customer"],
                "Cancelled": ["cancelled in the calendar"],
            },
        )
        preview = self._visits(domain="[('is_logged', '=', False)]")
        self.assertEqual(self._names(preview, "counted"), [("calendar.event", "Both")])
        self.assertEqual(self._reasons(preview)[record.display_name], ["not: “Logged” is not true"])

    def test_who_may_not_open_a_record_is_told_how_many(self):
        self._meeting("Dentist", "2026-05-05 03:00", privacy="private")
        preview = self._visits(user=self.wang)
        self.assertEqual(preview["number"], "1")
        self.assertNotIn("Dentist", str(preview))
        lead = self._lead(self.lan, name="Secret customer")
        lead.with_user(self.lan.user_id).sudo().message_post(
            body="Dear customer", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        answered = {
            "source": self.env.ref("expat_kpi_connectors.source_lead_response"),
            "day": "date_response",
        }
        today = local_day(datetime.now(timezone.utc).replace(tzinfo=None), "Asia/Ho_Chi_Minh")
        preview = self._unsaved(self.lan, today, **answered)
        self.assertEqual(self._names(preview, "counted"), [("crm.lead", "Secret customer")])
        preview = self._unsaved(self.lan, today, user=self.wang, **answered)
        self.assertEqual(preview["counted"]["others"], "1 that you may not open")
        self.assertNotIn("Secret", str(preview))

    def test_the_first_of_a_customer_names_the_record_before(self):
        self._meeting("Before", "2026-05-04 03:00")
        self._meeting("After", "2026-05-05 03:00")
        preview = self._visits(aggregate="count", occurrence="first", key="partner_id")
        self.assertEqual(self._names(preview, "counted"), [("calendar.event", "Before")])
        [reason] = self._reasons(preview)["After"]
        self.assertIn("Before on 05/04/2026", reason)


@tagged("post_install", "-at_install")
class TestExplanation(PreviewCase):
    """An explanation agrees with the number, whatever the records are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(5)
        zones = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Sao_Paulo"]
        cls.lan.posting_ids.date_to = "2026-05-14"
        cls._post(cls.lan, "br", "America/Sao_Paulo", "2026-05-15", "2026-05-28")
        cls.partners = cls.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(4)])
        moments = random_moments("explain", zones, 160, start=date(2026, 4, 26), days=42)
        cls.leads = cls._leads(
            [
                (
                    chance.choice(cls.expats),
                    moment,
                    chance.random() < 0.6,
                    {
                        "expected_revenue": chance.randrange(0, 10**6) / 100,
                        "partner_id": chance.choice([*cls.partners.ids, False]),
                        "priority": chance.choice("0123"),
                    },
                )
                for moment, _zone in moments
            ]
        )
        for lead in cls.leads:
            if chance.random() < 0.8:
                lead.date_open = lead.date_closed - timedelta(hours=chance.randrange(900))
            else:
                lead.date_open = False
        people = cls.expats.user_id.partner_id.ids
        cls.events = cls.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": moment,
                    "stop": moment + timedelta(minutes=chance.randrange(5, 200)),
                    "user_id": False,
                    "active": chance.random() < 0.9,
                    "partner_ids": [Command.set(chance.sample([*people, *cls.partners.ids], k=3))],
                }
                for moment, _zone in moments[:80]
            ]
        )

    def _check(self, measure, label):
        query = FactQuery(self.env, measure._definition(), company=measure.company_id)
        self.env.flush_all()
        for employee in self.expats:
            with self.subTest(label=label, employee=employee.name):
                rows = self.env.execute_query(query.facts(MAY, employee.ids))
                explained = FactExplain(query, employee.id, MAY).records()
                counted = [record for record in explained if record.is_counted]
                self.assertEqual(len(counted), sum(row[5] for row in rows))
                self.assertAlmostEqual(
                    sum(record.amount for record in counted),
                    float(sum(row[4] for row in rows)),
                    places=4,
                )
                faults = [
                    record
                    for record in explained
                    if record.reasons and record.reasons[0][0] in ("not_finite", "no_rate")
                ]
                self.assertEqual(len(faults), sum(row[6] for row in rows))
                for record in explained:
                    self.assertIs(record.is_counted, not record.reasons, record)
                self.assertEqual(len(explained), len({record.id for record in explained}))

    def test_all_aggregates_of_leads(self):
        domain = "[('won_status', '=', 'won'), '|', ('priority', '!=', '0'), ('id', '=', 0)]"
        self._publish(self.lead_source, id="condition")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET expected_revenue = 'NaN' WHERE id = ANY(%s)",
            [self.leads[::9].ids],
        )
        self.env.invalidate_all()
        for aggregate, values in (
            ("count", {}),
            ("sum", {"amount": "expected_revenue"}),
            ("money", {"amount": "expected_revenue"}),
            ("distinct", {"key": "partner_id"}),
            ("duration", {"start": "date_open", "end": "date_closed"}),
        ):
            for archived in (False, True):
                measure = self._measure(
                    f"explain_{aggregate}_{int(archived)}",
                    domain=domain,
                    aggregate=aggregate,
                    include_archived=archived,
                    **values,
                )
                self._check(measure, (aggregate, archived))

    def test_owner_at_the_moment(self):
        self._hand_over(self.leads[::3], self.jonas)
        self._check(
            self._measure("explain_then", owner_moment="event", include_archived=True), "event"
        )

    def test_several_owners(self):
        for credit in ("whole", "share"):
            measure = self._measure(
                f"explain_{credit}",
                self.event_source,
                owner="partner_ids",
                day="start",
                credit=credit,
                domain="[('partner_ids.partner_share', '=', True), ('duration', '>', 0.5)]",
            )
            self._check(measure, credit)
