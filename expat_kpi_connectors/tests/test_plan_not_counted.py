from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.expat_kpi.tools.fact_explain import FactExplain

from . import test_plan_actual


@tagged("post_install", "-at_install")
class TestPlanNotCounted(test_plan_actual.PlanActualCase):
    """An actual says how many records beside it were looked at and not counted."""

    def _edge_cases(self):
        """Records around the days of the plan, of which each falls out for one reason."""
        other = self.env["res.company"].create({"name": "Company B"})
        leads = self._leads(
            [
                # 00:30 on 1 October in Hanoi, September everywhere west of it
                (self.lan, datetime(2026, 9, 30, 17, 30), True, {}),
                (self.lan, datetime(2026, 8, 5, 5), True, {"name": "archived after it was won"}),
                (self.lan, datetime(2026, 8, 6, 5), True, {"name": "elsewhere"}),
                (self.lan, datetime(2026, 8, 7, 5), True, {"name": "a lead"}),
                (self.jonas, datetime(2026, 8, 8, 5), True, {"name": "of somebody else"}),
            ]
        )
        leads[3].type = "lead"
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET active = FALSE WHERE id = %s", [leads[1].id])
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", [other.id, leads[2].id]
        )
        self.env.invalidate_all()
        return leads

    def _sentence(self, user=None, line=None):
        """What somebody reads who opens the line's form."""
        line = (line or self.line).with_user(user or self.wang).with_context(lang="en_US")
        return line.web_read({"not_counted": {}})[0]["not_counted"]

    def test_reasons_are_counted(self):
        self._edge_cases()
        won = self.env["expat.kpi.indicator"].create(
            {"name": "Won", "code": "missed_won", "formula": "won", "company_id": self.company_a.id}
        )
        line = self.line.create({"plan_id": self.plan.id, "indicator_id": won.id, "target": 5})
        self._refresh(datetime(2026, 10, 2))
        self.assertEqual(
            self._sentence(line=line),
            "3 more not counted: 1 archived, 1 belongs to another company, and "
            "1 on a local day after.",
        )
        # What one of the measures of a ratio counts is not left out of it.
        closed = self.measures.filtered(lambda measure: measure.code == "closed")
        closed.domain = "[('type', '=', 'opportunity'), ('won_status', 'in', ['won', 'lost'])]"
        closed.action_adopt()  # by itself only where no plan was agreed on it
        self.assertEqual(
            self._sentence(),
            "2 more not counted: 1 belongs to another company and 1 on a local day after.",
        )

    def test_nothing_left_out_is_said(self):
        self._refresh()
        self.assertEqual(self._sentence(), "No other record of these days was left out.")

    def test_outside_the_posting(self):
        self.lan.posting_ids.date_from = "2026-07-10"
        self._refresh()
        self.assertEqual(self._sentence(), "8 more not counted: 8 outside the posting.")

    def test_who_may_not_read_the_line_is_told_nothing(self):
        self._edge_cases()
        self._refresh(datetime(2026, 10, 2))
        for user in (self.lan.user_id, self.chen.user_id):
            self.assertTrue(self._sentence(user))
        with self.assertRaises(AccessError):
            self._sentence(self.jonas.user_id)

    def test_only_an_opened_line_is_looked_at(self):
        self._refresh()
        lines = self.plans.line_ids.with_user(self.wang)
        views = self.env["expat.kpi.plan.line"].get_views(
            [(False, "list"), (False, "kanban"), (False, "form")]
        )["views"]
        self.assertNotIn("not_counted", views["list"]["arch"])
        self.assertNotIn("not_counted", views["kanban"]["arch"])
        self.assertIn("not_counted", views["form"]["arch"])
        asked = []
        records = FactExplain.records
        with patch.object(
            FactExplain, "records", lambda explain: asked.append(1) or records(explain)
        ):
            self.env.invalidate_all()
            specification = {"explanation": {}, "actual_text": {}, "not_counted": {}}
            lines.web_search_read([("id", "in", lines.ids)], specification)
            lines.read(list(specification))
            self.assertFalse(asked)
            self.env.invalidate_all()
            self._sentence()
            self.assertEqual(len(asked), 2, "one statement a measure")

    def test_statements_do_not_grow_with_records(self):
        self._refresh()
        counts = []
        for _round in range(3):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(self._sentence())
            counts.append(self.env.cr.sql_log_count - before)
            self._leads([(self.lan, datetime(2026, 8, 5, 5), True, {}) for _n in range(20)])
            self._refresh()
        self.assertEqual(counts[1], counts[2])

    def test_the_records_of_a_plan_are_those_of_its_own_version(self):
        self._refresh()
        won = self.measures.filtered(lambda measure: measure.code == "won")
        agreed = won.version_id
        won.domain = "[('won_status', '=', 'lost')]"
        won.action_adopt()  # by itself only where no plan was agreed on it
        self.assertNotEqual(won.version_id, agreed)
        with patch.object(
            type(self.plan), "_pinned_versions", lambda plans: {(plans.id, won): agreed}
        ):
            counted = self.line._counting_versions()[won]
            self.assertEqual(counted, agreed)
            ids = won._counted_ids(self.lan, date(2026, 7, 1), date(2026, 9, 30), agreed)
        self.assertEqual(len(ids), 6)
