from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .adjustment_common import AdjustmentCase


@tagged("post_install", "-at_install")
class TestPlanLeaks(AdjustmentCase):
    """Forms and dialogs that anybody may open tell nothing of a plan that one may not read.

    Jonas sits beside Lan: he may propose, adjust and sign on a plan of his own, and knows the
    ids of hers.
    """

    def _jonas(self, model):
        return self._as(self.jonas, self.env[model])

    def _assert_closed(self, model, values, **spec):
        """That neither a form before it is saved nor a saved dialog shows these fields."""
        model = self._jonas(model)
        for name, inner in spec.items():
            with self.subTest(model=model._name, field=name):
                self.env.invalidate_all()
                self.assertFalse(self._shown(model, values, {name: inner}))
            if model._transient:
                with self.subTest(saved=model._name, field=name), self._refused(error=AccessError):
                    dialog = model.create(values)
                    self.env.invalidate_all()
                    dialog.read([name])

    def _shown(self, model, values, spec):
        """What a form says beyond the values that were entered."""
        spec = {**{name: {} for name in values}, **spec}
        try:
            told = model.onchange(values, list(values), spec)["value"]
        except AccessError:
            return []
        shown = [told.get(name) for name in spec.keys() - values.keys()]
        for _command, _id, line in told.get("line_ids", ()):
            shown += [line.get(name) for name in spec["line_ids"]["fields"]]
        return [value for value in shown if value]

    def test_dialogs(self):
        version = {"plan_id": self.plan.id, "revision_id": self.plan.revision_id.id}
        self._assert_closed(
            "expat.kpi.plan.reason",
            {**version, "verb": "override", "reason": "x"},
            content_html={},
            proposed_html={},
            plan_name={},
            missing={},
        )
        self._assert_closed(
            "expat.kpi.plan.reason",
            {**version, "verb": "refuse_adjustment", "reason": "x"},
            problem={},
        )
        self._assert_closed(
            "expat.kpi.plan.sign",
            version,
            content_html={},
            weight_sentence={},
            is_adjustment={},
            plan_name={},
            problem={},
            adjustment_reason={},
            evidence_ids={"fields": {}},
        )

    def test_the_form_of_a_proposal(self):
        self._assert_closed(
            "expat.kpi.proposal",
            {"plan_id": self.plan.id, "line_id": self.plan.line_ids[0].id},
            target={},
            indicator_id={},
            employee_id={"fields": {"display_name": {}}},
            summary={},
        )

    def test_the_form_of_an_adjustment(self):
        self._assert_closed(
            "expat.kpi.adjustment",
            {
                "plan_id": self.plan.id,
                "date_from": "2026-08-14",
                "line_ids": [Command.create({"kind": "change", "indicator_id": self.visits.id})],
            },
            plan_state={},
            plan_date_from={},
            employee_id={"fields": {"display_name": {}}},
            plan_indicator_ids={"fields": {}},
            preview_html={},
            line_ids={"fields": {"target": {}}},
        )

    def test_a_line_of_an_adjustment(self):
        draft = self._draft(self.lan, ("change", self.visits, {"target": 20}))
        self._assert_closed(
            "expat.kpi.adjustment.line",
            {"adjustment_id": draft.id, "kind": "change", "indicator_id": self.visits.id},
            target={},
            old_text={},
            employee_id={"fields": {"display_name": {}}},
        )

    def test_a_line_may_be_entered_before_the_plan_is_chosen(self):
        told = self._jonas("expat.kpi.adjustment.line").onchange(
            {"kind": "change", "indicator_id": self.visits.id},
            ["indicator_id"],
            {"target": {}, "old_text": {}},
        )
        self.assertFalse(told["value"].get("target"))
