from odoo import api, fields, models

from ..engine.revision import TERMS
from ..tools.plan_sentences import format_term, term_labels

# Enough of a fingerprint to compare two papers by eye.
SHORT = 12


class ReportExpatKpiPlan(models.AbstractModel):
    """A plan on paper: what was agreed, by whom, and how to tell that it is that.

    Says what the version in force says; before there is one, what is talked about, and
    says so. Whoever may read a plan may print it, with the own rights.
    """

    _name = "report.expat_kpi.report_plan"
    _description = "KPI Plan on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        plans = self.env["expat.kpi.plan"].browse(docids).exists()
        plans.check_access("read")
        return {
            "docs": plans,
            "sheets": [(plan, self._sheet(plan)) for plan in plans],
            "terms": [(name, label) for name, label in term_labels(self.env).items()],
            "today": fields.Date.context_today(self),
        }

    def _sheet(self, plan):
        """What the paper says of one plan."""
        revision = plan.revision_id or plan.latest_revision_id
        content = revision._content() if revision else plan._content()
        return {
            "revision": revision,
            "is_intact": not revision or revision._is_intact(),
            "fingerprint": revision.content_hash[:SHORT] if revision else False,
            "content": content,
            "first": fields.Date.to_date(content["plan"]["date_from"]),
            "last": fields.Date.to_date(content["plan"]["date_to"]),
            # sudo: expat.posting – the zone that the days of a readable plan are in
            "zone": plan.sudo()._zone(),
            "lines": [self._line(plan, line) for line in content["lines"]],
            "weight_total": format_term(
                self.env, "weight", sum(line["weight"] for line in content["lines"]), {}
            ),
            "signatures": [self._signature(one) for one in revision.signature_ids.sorted("id")],
            "missing": plan.party_ids.filtered(lambda party: not party.signature_id)
            if plan.state == "negotiation"
            else plan.party_ids.browse(),
            "versions": [
                (one, one.content_hash[:SHORT]) for one in plan.revision_ids.sorted("number")
            ],
        }

    def _line(self, plan, line):
        """One line of the content, in the reader's language where its name still is the same."""
        indicator = plan.line_ids.indicator_id.filtered(lambda one: one.id == line["indicator"])
        dimensions = dict(
            self.env["expat.kpi.indicator"]._fields["dimension"]._description_selection(self.env)
        )
        is_same = indicator and indicator.with_context(lang="en_US").name == line["name"]
        return {
            "name": indicator.name if is_same else line["name"],
            "dimension": dimensions.get(line.get("dimension")),
            "formula": line.get("formula"),
            "measures": ", ".join(
                self.env._("%(measure)s (version %(number)s)", measure=code, number=number)
                for code, number in sorted(line.get("measures", {}).items())
            ),
            "terms": {
                name: format_term(self.env, name, line.get(name) or 0.0, line) for name in TERMS
            },
        }

    def _signature(self, signature):
        roles = dict(signature._fields["role"]._description_selection(self.env))
        return {
            "title": signature.label or roles[signature.role],
            "name": signature.user_id.name,
            "date": signature.date,
            "kind": signature.kind,
            "reason": signature.reason,
            "fingerprint": signature.content_hash[:SHORT],
        }
