import base64

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .adjustment_common import AdjustmentCase
from .event_common import EventCase


class Mails:
    """What was mailed to whom in the test, after the plans were agreed."""

    def setUp(self):
        super().setUp()
        self.last = self.env["mail.message"].search([], order="id desc", limit=1)

    def _mailed(self, user, plan=None):
        """What was notified to a user alone or among others, newest first."""
        return self.env["mail.message"].search(
            [
                ("id", ">", self.last.id),
                ("model", "=", "expat.kpi.plan"),
                ("res_id", "=", (plan or self.plan).id),
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "=", user.partner_id.id),
                ("body", "like", "expat-kpi-sign"),
            ],
            order="id desc",
        )

    def _attach(self, record, name="prices.txt"):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "datas": base64.b64encode(b"Up by a third."),
                "res_model": record._name,
                "res_id": record.id,
            }
        )


@tagged("post_install", "-at_install")
class TestConsentMail(Mails, AdjustmentCase):
    """Who is asked to sign gets one mail: what changes, why, the evidence, and two buttons."""

    def _propose_by(self, who, **values):
        draft = self._draft(who, ("change", self.visits, {"target": 18}), **values)
        self._attach(draft)
        draft.action_propose()
        return draft.sudo()

    def test_what_changes_why_and_the_evidence(self):
        self._propose_by(self.chen)
        [mail] = self._mailed(self.lan.user_id)
        for words in (
            "Chen proposes to adjust the plan of Lan.",
            "by 07/15/2026",
            "Southeast Asia grows.",
            "Customer visits",
            "Target 12 → 18",
            "From 08/14/2026 to 09/30/2026: 32 of the plan's 64 working days (50 %).",
            "prices.txt",
            "version 2",
        ):
            self.assertIn(words, mail.body)
        self.assertEqual(mail.attachment_ids.mapped("name"), ["prices.txt"])
        self.assertEqual(mail.subject, "Adjustment to sign: Lan, 2026 Q3")
        self.assertEqual(mail, self._mailed(self.wang), "one for all who read the same")
        self.assertFalse(self._mailed(self.chen.user_id), "who proposes is not asked")

    def test_each_is_told_once(self):
        before = self.env["mail.notification"].search([])
        self._propose_by(self.chen)
        notified = self.env["mail.notification"].search([]) - before
        partners = notified.filtered(
            lambda one: one.mail_message_id.model == "expat.kpi.plan"
        ).res_partner_id
        self.assertEqual(partners, (self.lan.user_id + self.wang).partner_id)
        self.assertEqual(len(self._mailed(self.lan.user_id)), 1)

    def test_sent_into_negotiation_with_a_place_to_answer(self):
        """One mail for each who has to sign, and none beside it for the same."""
        plan = self._create_plan(self.jonas)
        before = self.env["mail.notification"].search([])
        plan.with_user(self.wang).action_open()
        notified = self.env["mail.notification"].search([]) - before
        self.assertEqual(
            sorted(notified.res_partner_id.mapped("name")), ["Chen", "Jonas"], "not who sends it"
        )
        self.assertEqual(len(notified), 2)
        [mail] = self._mailed(self.jonas.user_id, plan)
        self.assertIn("Please sign or propose a change by", mail.body)
        self.assertIn(f"/odoo/expat-kpi-plans/{plan.id}/expat-kpi-sign", mail.body)
        self.assertEqual(plan.activity_ids.user_id, plan.party_ids.user_id)

    def test_who_only_follows_is_told_too(self):
        self.plan.message_subscribe(self.boss.user_id.partner_id.ids)
        self._propose_by(self.chen)
        [message] = self.plan.message_ids.filtered(
            lambda one: "Adjustment proposed" in (one.body or "")
        )
        self.assertEqual(message.notified_partner_ids, self.boss.user_id.partner_id)
        self.assertFalse(self._mailed(self.boss.user_id))

    def test_in_the_language_of_who_reads(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["expat_kpi"], ["zh_CN"])
        self.lan.user_id.lang = "zh_CN"
        self._propose_by(self.chen)
        [chinese], [english] = self._mailed(self.lan.user_id), self._mailed(self.wang)
        self.assertIn("请在 2026/07/15 前签署", chinese.body)
        self.assertIn("目标值 12 → 18", chinese.body)
        self.assertIn("Target 12 → 18", english.body)
        self.assertNotIn("目标值", english.body)

    def test_two_buttons_that_only_lead_to_pages(self):
        self._propose_by(self.chen)
        with freeze_time("2026-07-13 03:00:00"):
            self.plan._nudge()
        of_lan, of_chen = self._mailed(self.lan.user_id)[0], self._mailed(self.chen.user_id)[0]
        base = f"/odoo/expat-kpi-plans/{self.plan.id}"
        self.assertIn(f'href="{base}/expat-kpi-sign"', of_lan.body)
        self.assertIn(f'href="{base}/expat-kpi-refuse"', of_lan.body)
        # Who proposed it signs, and does not refuse the own adjustment.
        self.assertIn(f'href="{base}/expat-kpi-sign"', of_chen.body)
        self.assertNotIn("expat-kpi-refuse", of_chen.body)
        self.assertNotIn("proposes to adjust", of_lan.body)
        self.assertIn("Please sign the adjustment or refuse it", of_lan.body)

    def test_what_gets_harder_in_the_past_is_said_to_the_expat_alone(self):
        with self._at("2026-08-20 02:00:00"):
            self._propose_by(self.chen)
        self.assertIn("asks more of you from", self._mailed(self.lan.user_id).body)
        self.assertNotIn("asks more of you from", self._mailed(self.wang).body)

    # -- the pages

    def _page(self, who, name):
        plan = self._as(who)
        action = self.env.ref(f"expat_kpi.expat_kpi_plan_{name}_action")
        context = safe_eval(action.context, {"active_id": plan.id})
        return (
            plan.env[action.res_model]
            .with_context(**context)
            .create({"reason": "It cannot be done."} if name == "refuse" else {})
        )

    def test_the_page_shows_what_is_signed_and_one_tap_does_it(self):
        self._propose_by(self.chen)
        page = self._page(self.lan, "sign")
        self.assertFalse(page.problem)
        self.assertFalse(self.plan.party_ids.signature_id, "nothing is done by opening it")
        self.assertIn("18", page.content_html)
        self.assertEqual(page.evidence_ids.mapped("name"), ["prices.txt"])
        self.assertEqual(page.adjustment_reason, "Southeast Asia grows.")
        action = page.action_confirm()
        self.assertEqual((action["res_model"], action["res_id"]), (self.plan._name, self.plan.id))
        self.assertEqual(self._signed_by(), ["Lan"])
        again = self._page(self.lan, "sign")
        self.assertIn("signed this version already", again.problem)

    def test_the_page_refuses_with_a_reason(self):
        adjustment = self._propose_by(self.chen)
        page = self._page(self.lan, "sign")
        self.assertEqual(page.action_refuse()["res_model"], "expat.kpi.plan.reason")
        page = self._page(self.lan, "refuse")
        self.assertIn("18", page.proposed_html)
        page.action_confirm()
        self.assertEqual(adjustment.state, "refused")
        self.assertEqual(adjustment.answer_user_id, self.lan.user_id)
        for name in ("sign", "refuse"):
            self.assertIn("No adjustment of this plan", self._page(self.wang, name).problem)

    def test_a_mail_kept_for_later_signs_nothing_that_was_not_read(self):
        self._propose_by(self.chen)
        page = self._page(self.lan, "sign")
        self._as(self.chen).action_retract()
        self._adjust(self.chen, ("change", self.visits, {"target": 30}))
        with self._refused("version 3 is the latest"):
            page.action_confirm()

    def test_strangers_see_no_page(self):
        self._propose_by(self.chen)

        for name in ("sign", "refuse"):
            with self._refused(error=AccessError):
                self._page(self.qiu, name).mapped("problem")


@tagged("post_install", "-at_install")
class TestConsentMailOfEvents(Mails, EventCase):
    """A market event is one mail a plan for all who read the same."""

    def test_with_the_evidence_of_the_event(self):
        event = self._create_event(description="Steel is dear.")
        self._attach(event, "steel.txt")
        event.action_propose()
        plan = self.plans[self.lan]
        [mail] = self._mailed(self.lan.user_id, plan)
        self.assertEqual(mail.subject, "Raw-material prices jump: your answer is waited for")
        for words in ("Steel is dear.", "Target 25 % → 20 %", "New: Target 70 %", "steel.txt"):
            self.assertIn(words, mail.body)
        self.assertEqual(mail.attachment_ids.mapped("name"), ["steel.txt"])
        self.assertEqual(mail, self._mailed(self.chen.user_id, plan))
        self.assertFalse(self._mailed(self.wang, plan), "who proposes is not asked")

    def test_all_but_the_mail_itself_costs_the_same_for_many_plans(self):
        def count(people, how):
            plans = self.env["expat.kpi.plan"].union(*(self.plans[one] for one in people))
            parties = plans.party_ids.filtered(lambda party: party.user_id != self.wang)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            how(parties)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        def ask(parties):
            parties._ask()

        def notify(parties):
            for plan, own in parties.grouped("plan_id").items():
                plan.message_notify(
                    partner_ids=own.user_id.partner_id.ids, subject="Subject", body="Body"
                )

        self._create_event().action_propose()
        one, many = [self.lan], [self.lan, self.somchai, self.tran, self.jonas]
        for how in (ask, notify):
            count(many, how)
        ours = {len(some): count(some, ask) - count(some, notify) for some in (one, many)}
        self.assertLessEqual(ours[4], ours[1] + 3)
