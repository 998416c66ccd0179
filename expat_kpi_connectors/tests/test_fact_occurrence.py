import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.definition import Definition
from odoo.addons.expat_kpi.engine.periods import Span, local_day

from .common import ODD_ZONES, random_moments
from .test_measure_preview import PreviewCase

SPAN = Span(date(2026, 3, 1), date(2026, 9, 30))
WON = "[('type', '=', 'opportunity'), ('won_status', '=', 'won')]"
CLOSED = "[('won_status', 'in', ['won', 'lost'])]"


@tagged("post_install", "-at_install")
class TestFactOccurrence(PreviewCase):
    """Which record of a customer it is, and counting with a delay, against plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        companies = partners.create([{"name": f"Firm {n}", "is_company": True} for n in range(8)])
        cls.customers = companies + partners.create(
            [{"name": f"Contact {n}", "parent_id": companies[n % 3].id} for n in range(6)]
        )
        cls._publish(cls.lead_source, **{"partner_id.commercial_partner_id": "key"})
        cls.stranger = cls._create_user("stranger")  # no employee; deals count as siblings

    def _random_leads(self, seed, count=120):
        chance = random.Random(seed)
        people = [*self.expats, None]
        moments = random_moments(seed, ODD_ZONES, count, date(2026, 1, 1), 300)
        rows = []
        for moment, _zone in moments:
            owner = chance.choice(people)
            values = {
                "partner_id": chance.choice([*self.customers.ids, False]),
                "expected_revenue": chance.randrange(10**6) / 100,
                "company_id": chance.choice([self.company_a.id, self.company_a.id, False]),
            }
            if not owner:
                values["user_id"] = self.stranger.id
            rows.append((owner or self.lan, moment, chance.random() < 0.7, values))
        leads = self._leads(rows)
        # Some at the same second: the number decides.
        for one, other in zip(leads[::10], leads[1::10], strict=False):
            other.date_closed = one.date_closed
            other.partner_id = one.partner_id
        return leads

    def _wanted(self, definition, lead):
        if not lead.date_closed:
            return False
        if definition.include_archived:
            return lead.won_status in ("won", "lost")
        return lead.won_status == "won" and lead.active

    def _fits(self, definition, lead, row):
        """Whether a lead is the first (…) of those of its customer, ``row``."""
        moment = lead.date_closed, lead.id
        window = timedelta(days=definition.window_days)
        if definition.occurrence == "kept":
            return any(moment < other <= (moment[0] + window, 2**31) for other in row)
        before = [other for other in row if other < moment]
        near = [other for other in before if not window or other[0] >= moment[0] - window]
        return bool(near) is (definition.occurrence == "again")

    def _expected(self, definition, leads):
        """{(employee, day): leads that count}."""
        by_user = {expat.user_id: expat for expat in self.expats}
        leads = leads.exists().filtered(lambda lead: self._wanted(definition, lead))
        rows = defaultdict(list)
        for lead in leads:
            if definition.key_path:
                rows[lead.mapped(definition.key_path)].append((lead.date_closed, lead.id))
        result = defaultdict(list)
        for lead in leads:
            if definition.occurrence != "every":
                key = lead.mapped(definition.key_path)
                if not key or not self._fits(definition, lead, rows[key]):
                    continue
            expat = by_user.get(lead.user_id)
            if expat:
                day = local_day(lead.date_closed, self._zone(expat))
                result[expat, day + timedelta(days=definition.delay_days)].append(lead)
        return {cell: found for cell, found in result.items() if cell[1] in SPAN}

    def _check(self, measure, leads):
        expected = self._expected(measure.version_id._definition(), leads)
        found = defaultdict(float)
        cells = defaultdict(int)
        for (employee, day, _key), (amount, count, _faults) in self._facts(measure).items():
            found[employee, day] += float(amount)
            cells[employee, day] += count
        self.assertEqual(cells, {cell: len(rows) for cell, rows in expected.items()})
        if measure.aggregate == "sum":
            for cell, rows in expected.items():
                self.assertAlmostEqual(found[cell], sum(r.expected_revenue for r in rows), 2)
        return expected

    SHAPES = (
        {"occurrence": "first"},
        {"occurrence": "first", "window_days": 20},
        {"occurrence": "again"},
        {"occurrence": "again", "window_days": 30},
        {"occurrence": "kept", "window_days": 25},
        {"occurrence": "kept", "window_days": 40, "delay_days": 40},
        {"occurrence": "every", "delay_days": 33},
        {"occurrence": "first", "aggregate": "sum", "amount": "expected_revenue"},
        {"occurrence": "first", "key": "partner_id.commercial_partner_id"},
        {"occurrence": "again", "aggregate": "distinct", "delay_days": 7},
        {
            "occurrence": "first",
            "aggregate": "duration",
            "start": "date_open",
            "end": "date_closed",
        },
        {"occurrence": "first", "domain": CLOSED, "include_archived": True},
    )

    def _measures(self):
        return self.env["expat.kpi.measure"].union(
            *[
                self._measure(f"turn_{number}", **{"key": "partner_id", "domain": WON, **shape})
                for number, shape in enumerate(self.SHAPES)
            ]
        )

    def test_every_shape_equals_plain_python(self):
        leads = self._random_leads("occurrence")
        leads.date_open = datetime(2025, 12, 1)
        measures = self._measures()
        measures._refresh(SPAN.date_from, SPAN.date_to)
        self.assertFalse(measures.filtered("error"), measures.mapped("error"))
        for measure in measures:
            with self.subTest(measure.in_words):
                self.assertTrue(self._check(measure, leads))

    def test_after_merges_rewins_and_deletions_refresh_equals_plain_python(self):
        leads = self._random_leads("edits")
        leads.date_open = datetime(2025, 12, 1)
        measures = self._measures()
        measures._refresh(SPAN.date_from, SPAN.date_to)
        chance = random.Random("edits")
        for _round in range(2):
            for lead in chance.sample(list(leads.exists()), 12):
                edit = chance.randrange(5)
                if edit == 0:
                    lead.unlink()
                elif edit == 1:
                    lead.user_id = chance.choice(self.expats).user_id
                elif edit == 2:
                    lead.date_closed += timedelta(hours=chance.randrange(-900, 900))
                elif edit == 3:
                    # Lost, found again and won: it counts once, on its last day.
                    lead.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
                    lead.action_set_lost()
                    lead.action_unarchive()
                    lead.action_set_won()
                    lead.date_closed = datetime(2026, 5, 5, 5)
                else:
                    lead.partner_id = chance.choice(self.customers)
            # Two customers are one.
            gone, kept = self.customers[:2] if _round else self.customers[2:4]
            self.env["crm.lead"].with_context(active_test=False).search(
                [("partner_id", "=", gone.id)]
            ).partner_id = kept
            measures._refresh(SPAN.date_from, SPAN.date_to)
            for measure in measures:
                with self.subTest(measure.in_words):
                    self._check(measure, leads)
                refreshed = self._facts(measure)
                self.env.cr.execute(
                    "DELETE FROM expat_kpi_fact WHERE version_id = %s", measure.version_id.ids
                )
                measure._refresh(SPAN.date_from, SPAN.date_to)
                self.assertEqual(self._facts(measure), refreshed)

    def test_what_another_company_sold_is_not_compared(self):
        other = self.env["res.company"].create({"name": "Company B"})
        measure = self._measure("new", domain=WON, key="partner_id", occurrence="first")
        customer = self.customers[0].id
        self._lead(
            self.maria, datetime(2026, 3, 5, 5), partner_id=customer, team_id=False,
            user_id=False, company_id=other.id,
        )  # fmt: skip
        self._lead(self.lan, datetime(2026, 5, 5, 5), partner_id=customer)
        measure._refresh(SPAN.date_from, SPAN.date_to)
        self.assertEqual(self._sums(measure), {(self.lan, date(2026, 5, 5)): 1})

    def test_owner_at_the_moment(self):
        measure = self._measure(
            "won_then", domain=WON, key="partner_id", occurrence="first", owner_moment="event"
        )
        lead = self._lead(self.lan, datetime(2026, 5, 5, 5), partner_id=self.customers[0].id)
        self._lead(self.lan, datetime(2026, 5, 6, 5), partner_id=self.customers[0].id)
        self._hand_over(lead, self.jonas)
        measure._refresh(SPAN.date_from, SPAN.date_to)
        self.assertEqual(self._sums(measure), {(self.lan, date(2026, 5, 5)): 1})

    def test_shared_by_those_who_attended(self):
        lead = self._lead(self.lan, name="Deal", partner_id=self.customers[0].id)
        partners = (self.lan + self.jonas).user_id.partner_id
        self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "opportunity_id": lead.id,
                    "user_id": False,
                    "partner_ids": [(6, 0, partners.ids)],
                }
                for start in (datetime(2026, 5, 5, 5), datetime(2026, 5, 9, 5))
            ]
        )
        measure = self._measure(
            "shared", self.event_source, owner="partner_ids", day="start", credit="share",
            key="opportunity_id", occurrence="again",
        )  # fmt: skip
        measure._refresh(SPAN.date_from, SPAN.date_to)
        self.assertFalse(measure.error)
        self.assertEqual(
            self._sums(measure),
            {(self.lan, date(2026, 5, 9)): 0.5, (self.jonas, date(2026, 5, 9)): 0.5},
        )

    def test_a_delayed_record_belongs_to_where_one_was_then(self):
        """Posted in Hanoi in May; what was won then counts for him in June, in Berlin."""
        self.lan.posting_ids.date_to = "2026-05-31"
        self._post(self.lan, "de", "Europe/Berlin", "2026-06-01")
        measure = self._measure("late", domain=WON, delay_days=30)
        self._lead(self.lan, datetime(2026, 5, 9, 17, 30))  # 00:30 on the tenth in Hanoi
        measure._refresh(SPAN.date_from, SPAN.date_to)
        self.assertEqual(self._sums(measure), {(self.lan, date(2026, 6, 9)): 1})

    # ------------------------------------------------------------------
    # What HR sees
    # ------------------------------------------------------------------

    def test_preview_names_the_record_that_was_first(self):
        customer = self.customers[0].id
        self._lead(self.jonas, datetime(2026, 4, 3, 5), name="S12", partner_id=customer)
        self._lead(self.lan, datetime(2026, 5, 5, 5), name="S13", partner_id=customer)
        self._lead(self.lan, datetime(2026, 5, 6, 5), name="new", partner_id=self.customers[1].id)
        self._lead(self.lan, datetime(2026, 5, 7, 5), name="whose")
        values = {
            "domain": WON,
            "occurrence": "first",
            "key": "partner_id",
            "employee": self.lan,
            "month": date(2026, 5, 1),
        }
        preview = self._unsaved(**values)
        self.assertFalse(preview["problem"])
        self.assertEqual(preview["number"], "1")
        reasons = self._reasons(preview)
        self.assertEqual(
            reasons,
            {
                "S13": ["not the first of this “Contact”: S12 on 04/03/2026"],
                "whose": ["“Contact” is empty"],
            },
        )
        # Who may not open that record is not told its name and date.
        self.assertIn(
            "2 that you may not open",
            self._unsaved(**values, user=self.wang)["missed"]["others"],
        )
        kept = self._unsaved(**{**values, "occurrence": "kept", "window_days": 9})
        self.assertIn(
            "none of the same “Contact” within 9 days after it", self._reasons(kept)["new"]
        )
        again = self._unsaved(**{**values, "occurrence": "again"})
        self.assertEqual(again["number"], "1")
        self.assertEqual(self._reasons(again)["new"], ["the first of this “Contact”"])
        late = self._unsaved(**{**values, "delay_days": 26})
        self.assertEqual(late["number"], "0")

    def test_every_missed_record_has_a_reason(self):
        self._random_leads("reasons")
        for shape in self.SHAPES:
            for month in (4, 5, 6):
                preview = self._unsaved(
                    self.lan,
                    date(2026, month, 1),
                    **{"key": "partner_id", "domain": WON, **shape},
                )
                self.assertFalse(preview["problem"])
                listed = preview["missed"]["records"]
                self.assertTrue(all(record["reasons"] for record in listed), listed)

    def test_settings_that_make_no_sense_are_refused(self):
        for values in (
            {"occurrence": "kept"},
            {"occurrence": "first", "window_days": -1},
            {"delay_days": 4000},
            {"delay_days": -1},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._measure("senseless", key="partner_id", **values)
        with self.assertRaises(ValidationError):
            self._measure("keyless", occurrence="first")
        path = "partner_ids.commercial_partner_id"
        self._publish(self.event_source, **{path: "key"})
        with self.assertRaises(ValidationError):
            self._measure("many", self.event_source, day="start", key=path, occurrence="first")

    def test_stored_definitions_stay_as_they_are(self):
        stored = self._measure("plain", key="partner_id", window_days=9).version_id.definition
        self.assertFalse(stored.keys() & {"occurrence", "window_days", "delay_days", "key_path"})
        self.assertEqual(Definition.from_json(stored).occurrence, "every")

    def test_a_record_that_follows_in_an_open_month_is_seen_before_it(self):
        measure = self._measure(
            "kept", domain=WON, key="partner_id", occurrence="kept", window_days=365
        )
        version = measure.version_id
        version.sudo().date_refreshed = datetime.now()
        plain = self._measure("plain", domain=WON).version_id
        plain.sudo().date_refreshed = datetime.now()
        gap = plain._open_span().date_from - version._open_span().date_from
        self.assertEqual(gap.days, 365)

    def test_every_night_all_is_compared(self):
        measure = self._measure("first_of_all", domain=WON, key="partner_id", occurrence="first")
        today = datetime.now().replace(hour=5, microsecond=0)
        old, young = self._leads(
            [
                (self.lan, today - timedelta(days=days), True, {"partner_id": self.customers[0].id})
                for days in (500, 400)
            ]
        )
        version = measure.version_id
        measure._refresh()
        self.assertEqual(len(self._facts(measure)), 1)
        old.unlink()
        measure._refresh()
        [(_employee, day, _key)] = self._facts(measure)
        self.assertEqual(day, (today - timedelta(days=500)).date(), "outside the open months")
        self.patch(type(version), "_in_use", lambda self: version)
        with self.enter_registry_test_mode():
            self.env.ref("expat_kpi.ir_cron_compare").method_direct_trigger()
        [(_employee, day, _key)] = self._facts(measure)
        self.assertEqual(day, young.date_closed.date())
