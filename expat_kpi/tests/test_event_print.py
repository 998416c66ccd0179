from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .test_event_consent import ConsentCase


@tagged("post_install", "-at_install")
class TestEventPrint(ConsentCase):
    """Who has agreed to what a market event changes, on paper and for whom."""

    def _paper(self, who, event):
        """What the paper says, as one line of text without tags of its own."""
        event = self._as(who, event)
        html, _kind = event.env["ir.actions.report"]._render_qweb_html(
            "expat_kpi.report_event", event.ids
        )
        return " ".join(html.decode().split())

    def _said(self, text, *sentences):
        for sentence in sentences:
            self.assertIn(sentence, text)

    def test_hr_reads_who_agreed_refused_is_waited_for_and_was_left_out(self):
        event = self._propose(description="Steel rose by a third.\nCustomers wait.")
        with freeze_time("2026-08-06 02:00:00"):
            self._agree_all(self.lan)
            self._refuse(self.jonas)
            self._agree(self.tran, self.plans[self.tran])
        text = self._paper(self.wang, event)
        self._said(
            text,
            "Raw-material prices jump",
            "Steel rose by a third.",
            "Target → 20 %",
            "Target 25 % → 20 %",
            "36 of 64 working days, 56 %",
            "Waiting: 1; Agreed: 1; Refused: 1",
            "My customers still buy.",
            "Buys elsewhere",
            "Posted elsewhere while the event lasts",
        )
        for name in ("Lan", "Tran", "Jonas", "Somchai", "Maria"):
            self.assertIn(name, text)
        # Lan's three and Tran's own, each with its moment; Chen and Wang are waited for by Tran.
        self.assertEqual(text.count("signed: ") - text.count("not signed: "), 4)
        self.assertEqual(text.count("not signed: "), 2)
        self.assertIn("08/06/2026", text)

    def test_a_manager_reads_the_team_and_an_expat_the_own_plan_alone(self):
        event = self._propose()
        for who, seen, hidden in (
            (self.chen, ("Lan", "Tran", "Jonas"), ("Somchai", "Maria")),
            (self.lan, ("Lan",), ("Tran", "Jonas", "Somchai", "Maria", "Buys elsewhere")),
        ):
            text = self._paper(who, event)
            for name in seen:
                self.assertIn(name, text)
            for name in hidden:
                self.assertNotIn(name, text)
        for who in (self.somchai, self.maria):
            with self.assertRaises(AccessError):
                self._paper(who, event)
            with self.assertRaises(AccessError):
                self._as(who, event).action_print()
        self.assertIn("expat_kpi.report_event", str(self._as(self.lan, event).action_print()))

    def test_a_draft_says_that_nobody_agreed(self):
        text = self._paper(self.wang, self._create_event())
        self._said(text, "A draft. Nothing has been proposed", "To be proposed", "25 % → 20 %")
        self.assertNotIn("signed: ", text)

    def test_what_was_cancelled_says_so(self):
        event = self._propose()
        self._agree(self.lan, self.plans[self.lan])
        event.action_cancel()
        self._said(self._paper(self.wang, event), "Cancelled.", "Withdrawn", "Wang,", "signed: Lan")

    def test_who_signed_stays_to_be_read_once_it_is_agreed(self):
        event = self._propose()
        self._agree_all(self.lan)
        row = self._row(event, self.lan)
        self.assertEqual(row.signed_text, "Lan (Employee), Chen (Direct manager), Wang (HR)")
        self.assertFalse(row.missing_text)
        self.assertTrue(row.date_answer)

    def test_as_many_queries_for_all_as_for_few(self):
        event = self._propose()
        report = self.env["report.expat_kpi.report_event"].with_user(self.wang)

        def queries(rows):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            sheet = report._sheet(event.with_user(self.wang), rows.with_user(self.wang))
            for row in sheet["touched"]:
                row["signatures"].mapped("user_id.name")
            return self.cr.sql_log_count - before

        made = event.row_ids.filtered("adjustment_id")
        self.assertEqual(len(made), 3)
        queries(made)
        self.assertEqual(queries(made), queries(made[:1]))
