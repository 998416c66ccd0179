from functools import partial

from odoo import api, fields, models

from ..engine.revision import TERMS
from ..tools.plan_sentences import format_term, term_labels, terms_text
from ..tools.slice_sentences import slice_rows

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
        lines = [self._line(plan, line) for line in content["lines"]]
        return {
            "revision": revision,
            "is_intact": not revision or revision._is_intact(),
            "fingerprint": revision.content_hash[:SHORT] if revision else False,
            "content": content,
            "first": fields.Date.to_date(content["plan"]["date_from"]),
            "last": fields.Date.to_date(content["plan"]["date_to"]),
            # sudo: expat.posting – the zone that the days of a readable plan are in
            "zone": plan.sudo()._zone(),
            "lines": lines,
            "groups": self._groups(lines),
            "is_sliced": any(line["slices"] for line in lines),
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

    def _groups(self, lines):
        """The lines by dimension, in the order of the dimensions, with what they weigh."""
        groups = []
        # What was signed before contents named it has no dimension.
        for key, title in [*self._dimensions().items(), (None, False)]:
            own = [line for line in lines if line["dimension"] == key]
            weight = format_term(self.env, "weight", sum(line["weight"] for line in own), {})
            groups.append({"title": title, "weight": weight, "lines": own})
        return [group for group in groups if group["lines"]]

    def _dimensions(self):
        field = self.env["expat.kpi.indicator"]._fields["dimension"]
        return dict(field._description_selection(self.env))

    def _line(self, plan, line):
        """One line of the content, in the reader's language where its name still is the same."""
        indicator = plan.line_ids.indicator_id.filtered(lambda one: one.id == line["indicator"])
        is_same = indicator and indicator.with_context(lang="en_US").name == line["name"]
        return {
            "name": indicator.name if is_same else line["name"],
            "dimension": line.get("dimension"),
            "weight": line["weight"],
            "formula": line.get("formula"),
            "measures": ", ".join(
                self.env._("%(measure)s (version %(number)s)", measure=code, number=number)
                for code, number in sorted(line.get("measures", {}).items())
            ),
            "slices": slice_rows(self.env, line, partial(terms_text, self.env)),
            "terms": {
                name: format_term(self.env, name, line.get(name) or 0.0, line) for name in TERMS
            },
        }

    def _signature(self, signature):
        return {
            "title": signature.title,
            "name": signature.user_id.name,
            "date": signature.date,
            "kind": signature.kind,
            "reason": signature.reason,
            "fingerprint": signature.content_hash[:SHORT],
        }
