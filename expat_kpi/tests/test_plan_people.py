from odoo.tests import tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPlanPeople(PlanCase):
    """Who takes whose place in the middle of a negotiation."""

    def test_the_new_manager_acts_and_the_old_one_does_not(self):
        self._open()
        self._sign(self.chen)
        self._sign(self.lan)
        self.assertIn(self.chen.user_id.partner_id, self.plan.message_partner_ids)
        self.lan.parent_id = self.qiu
        self.assertEqual(self.plan.manager_id, self.qiu)
        self.assertEqual(self._signed_by(), ["Lan"], "the old manager's signature is void")
        with self._refused():
            self._sign(self.chen)
        with self._refused():
            self._propose(self.chen, self.projects, target=20)
        with self._refused():
            self._as(self.chen).read(["state"])
        # Followers and activities have moved with it
        self.assertNotIn(self.chen.user_id.partner_id, self.plan.message_partner_ids)
        self.assertIn(self.qiu.user_id.partner_id, self.plan.message_partner_ids)
        self.assertFalse(self._activities(self.chen.user_id))
        self.assertEqual(len(self._activities(self.qiu.user_id)), 1)
        self.assertIn("is now Qiu, no longer Chen", self._last_message())
        self._sign(self.qiu)
        self._sign(self.wang)
        self.assertEqual(self.plan.state, "approved")

    def test_other_activities_move_too(self):
        self._open()
        activity = self.plan.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.chen.user_id.id
        )
        self.lan.parent_id = self.qiu
        self.assertEqual(activity.user_id, self.qiu.user_id)

    def test_a_manager_chosen_on_the_plan_stays(self):
        self.plan.manager_id = self.boss
        self._open()
        self.lan.parent_id = self.qiu
        self.assertEqual(self.plan.manager_id, self.boss)
        self._as(self.wang).write({"manager_id": self.qiu.id})
        self.assertEqual(
            self.plan.party_ids.filtered(lambda one: one.role == "manager").user_id,
            self.qiu.user_id,
        )

    def test_another_user_of_the_manager(self):
        self._open()
        other = self._create_user("other")
        self.chen.user_id = other
        self._sign(other)
        self.assertEqual(self._signed_by(), ["Other"])

    def test_another_user_of_the_expat_signs_nothing_that_was_sent_to_the_first(self):
        """HR links users to employees; that makes nobody sign as somebody else."""
        self._open()
        self.lan.user_id = self.zhou
        with self._refused():
            self._sign(self.zhou)
        self.assertEqual(self._signed_by(), [])

    def test_the_manager_of_a_closed_plan_stays_in_the_record(self):
        self._decide(self.wang, "cancel")
        self.lan.parent_id = self.qiu
        self.assertEqual(self.plan.manager_id, self.chen)
        with self._refused("stays in the record"):
            self._as(self.wang).write({"manager_id": self.qiu.id})

    def test_mail_reaches_no_former_manager(self):
        self._open()
        self.lan.parent_id = self.qiu
        before = self.plan.message_ids
        self._propose(self.lan, self.projects, target=20)
        [message] = self.plan.message_ids - before
        self.assertNotIn(self.chen.user_id.partner_id, message.notified_partner_ids)
        self.assertIn(self.qiu.user_id.partner_id, message.notified_partner_ids)
