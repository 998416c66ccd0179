import re
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from ..models import expat_kpi_paper
from .adjustment_common import AdjustmentCase
from .plan_common import PlanCase, PlanWorld

PAPER = "report.expat_kpi.report_plan"


@tagged("post_install", "-at_install")
class TestPlanPrint(PlanCase):
    def _paper(self, who, plan=None):
        """What the paper says, as one line of text."""
        plan = self._as(who, plan)
        html, kind = plan.env["ir.actions.report"]._render_qweb_html(
            "expat_kpi.report_plan", plan.ids
        )
        self.assertEqual(kind, "html")
        return " ".join(html.decode().split())

    def test_a_draft_says_that_nobody_agreed(self):
        self.assertIn("A draft. Nobody has agreed to it.", self._paper(self.wang))

    def test_who_has_signed_and_who_has_not(self):
        self._open()
        self._sign(self.lan)
        text = self._paper(self.chen)
        fingerprint = self.plan.latest_revision_id.content_hash[:12]
        self.assertIn("not in force", text)
        self.assertEqual(text.count("not signed"), 2)
        for said in ("Lan", "Company A", "2026 Q3", "Asia/Ho_Chi_Minh", "Vietnam", fingerprint):
            self.assertIn(said, text)

    def test_it_shows_what_was_signed_and_not_what_is_there_now(self):
        self._open()
        for who in (self.lan, self.chen, self.wang):
            self._sign(who)
        self._line(self.projects)._change({"target": 99})
        sheet = self.env[PAPER]._sheet(self.plan)
        self.assertEqual([line["terms"]["target"] for line in sheet["lines"]], ["12", "100"])
        self.assertEqual(
            [(one["title"], one["name"]) for one in sheet["signatures"]],
            [("Employee", "Lan"), ("Direct manager", "Chen"), ("HR", "Wang")],
        )
        self.assertIn("In force: version 1", self._paper(self.lan))

    def test_an_override_is_there_with_its_reason(self):
        self._open()
        with freeze_time("2026-07-20 02:00:00"):
            self._decide(self.wang, "override", "It must go on.")
        self.assertIn("Override by HR: It must go on.", self._paper(self.wang))

    def test_lines_stand_by_dimension_with_what_they_weigh(self):
        self.visits.dimension = "behaviour"
        self.projects.dimension = "efficiency"
        self._open()
        sheet = self.env[PAPER]._sheet(self.plan)
        self.assertEqual(
            [(group["title"], group["weight"]) for group in sheet["groups"]],
            [("Behaviour", "60"), ("Efficiency", "40")],
        )
        content = self.plan.latest_revision_id._content()
        lines = [self.env[PAPER]._line(self.plan, line) for line in content["lines"]]
        del lines[0]["dimension"]
        groups = self.env[PAPER]._groups([{"dimension": None, **line} for line in lines])
        self.assertEqual(sum(len(group["lines"]) for group in groups), 2, "none is lost")

    def test_nobody_prints_what_they_may_not_read(self):
        self._open()
        for who in (self.jonas, self.qiu):
            with self.assertRaises(AccessError):
                self._paper(who)
            with self.assertRaises(AccessError):
                self._as(who).action_print()

    def test_the_button_needs_no_wkhtmltopdf(self):
        report = type(self.env["ir.actions.report"])
        for state, kind in (("install", "ir.actions.act_url"), ("ok", "ir.actions.report")):
            with patch.object(report, "get_wkhtmltopdf_state", return_value=state, create=True):
                self.assertEqual(self._as(self.lan).action_print()["type"], kind)

    def test_several_are_a_page_where_wkhtmltopdf_takes_one_document(self):
        plans = self._as(self.wang, self.plan | self._create_plan(self.jonas))
        report = type(self.env["ir.actions.report"])
        for is_patched, kind in ((False, "ir.actions.act_url"), (True, "ir.actions.report")):
            with (
                patch.object(report, "get_wkhtmltopdf_state", return_value="ok", create=True),
                patch.object(expat_kpi_paper, "_wkhtml") as wkhtml,
            ):
                wkhtml.return_value.is_patched_qt = is_patched
                self.assertEqual(plans.action_print()["type"], kind)


@tagged("post_install", "-at_install")
class TestAdjustedPlanPrint(AdjustmentCase):
    def test_what_holds_on_which_days_is_on_the_paper(self):
        with self._at("2026-08-05 02:00:00"):
            self._adjust(self.wang, ("change", self.visits, {"target": 18}))
            self._sign_all()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "expat_kpi.report_plan", self.plan.ids
        )
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.decode()))
        self.assertRegex(text, r"Jul 1 – Aug 13 \(32 working days\): Target 12, Weight 60")
        self.assertRegex(text, r"Aug 14 – Sep 30 \(32 working days\): Target 18, Weight 60")
        self.assertIn("those over the whole period", text)


@tagged("post_install", "-at_install")
class TestPlanPrintPage(PlanWorld, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    def test_the_page_is_open_to_readers_of_the_plan_alone(self):
        url = f"/report/html/expat_kpi.report_plan/{self.plan.id}"
        self.authenticate("plan_lan", "plan_lan")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Qualified projects", answer.text)
        self.authenticate("plan_jonas", "plan_jonas")
        with mute_logger("odoo.http"):
            answer = self.url_open(url)
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn("Qualified projects", answer.text)
