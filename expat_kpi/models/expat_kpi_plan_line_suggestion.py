from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..engine import suggestion
from ..engine.periods import Span


class ExpatKpiPlanLine(models.Model):
    """What stands beside a target: own months, peers, benchmark, goal, and the odds.

    Computed when it is read, for all lines at once. Whoever may read the line may
    read it: peers are a range and a number, and neither where they are fewer than
    three. Who may not write the line cannot try targets on it either, and so finds out
    no more about peers.
    """

    _inherit = "expat.kpi.plan.line"

    suggested_target = fields.Float(
        string="Suggested",
        compute="_compute_suggestion",
        digits=(16, 4),
        help="From the employee's own months and the peers', see the sentence beside it.",
    )
    suggested_text = fields.Char(string="Suggested Target", compute="_compute_suggestion")
    has_suggestion = fields.Boolean(compute="_compute_suggestion")
    evidence_text = fields.Text(
        string="For Comparison",
        compute="_compute_suggestion",
        help="Median of the employee's own months, range of peers in the region, benchmark and "
        "company goal, for the period of the plan.",
    )
    odds_text = fields.Text(
        string="Odds",
        compute="_compute_suggestion",
        help="How often the target was reached before, by the employee and by peers.",
    )
    hardness = fields.Selection(
        [
            ("too_loose", "Too loose"),
            ("fair", "Within reach"),
            ("too_harsh", "Too harsh"),
            ("little_history", "Too little history"),
        ],
        compute="_compute_suggestion",
        help="Too loose: reached in at least ten of twelve months. Too harsh: in two or fewer.",
    )
    suggestion_text = fields.Text(
        string="How It Was Found",
        compute="_compute_suggestion",
        help="Own median, pulled towards the peers' by Bühlmann's credibility, raised by the "
        "company's goal as far as the best quarter of months reached.",
    )

    @api.depends(
        "indicator_id",
        "target",
        "target_max",
        "plan_id.employee_id",
        "plan_id.date_from",
        "plan_id.date_to",
        "plan_id.posting_id",
    )
    @api.depends_context("lang", "uid", "su", "allowed_company_ids")
    def _compute_suggestion(self):
        lines = self._open_to_reader()
        known = lines._known()
        for line in self:
            found = known.get(line)
            if not found:
                line.update(
                    {
                        "suggested_target": 0.0,
                        "suggested_text": False,
                        "has_suggestion": False,
                        "evidence_text": False,
                        "odds_text": False,
                        "hardness": False,
                        "suggestion_text": False,
                    }
                )
                continue
            line.update(line._told(found))

    def _open_to_reader(self):
        """The lines whose evidence the reader may see: those of plans open to the reader, and of
        employees of the reader's companies, whatever a form puts in before it is saved."""
        stored = self._origin._filtered_access("read")
        plans = self.plan_id._origin._filtered_access("read")

        def is_open(line):
            # sudo: hr.employee – the company only
            employee = line.plan_id.employee_id.sudo()
            if not line.indicator_id or not employee or not line.plan_id.date_from:
                return False
            if not self.env.su and employee.company_id not in self.env.companies:
                return False
            if line._origin:
                return line._origin in stored
            return not line.plan_id._origin or line.plan_id._origin in plans

        return self.filtered(is_open)

    def _known(self):
        """{line: what is known}, in one computation for all."""
        asked, keys = {}, {}
        # sudo: expat.posting – where the employee of a plan that may be read is posted
        lines = self.sudo()
        # `_origin` one by one would read them one by one
        employees = {employee.id: employee for employee in lines.plan_id.employee_id._origin}
        postings = {posting.id: posting for posting in lines.plan_id.posting_id._origin}
        nowhere = self.env["expat.posting"].sudo()
        for line in lines:
            plan = line.plan_id
            if plan.date_to < plan.date_from:
                continue
            employee_id, posting_id = plan.employee_id._origin.id, plan.posting_id._origin.id
            key = (employee_id, posting_id, plan.date_from, plan.date_to)
            asked[key] = (
                employees[employee_id],
                postings.get(posting_id, nowhere),
                Span(plan.date_from, plan.date_to),
            )
            keys[line.id] = key
        indicators = self.indicator_id._origin
        evidence = indicators._evidence(asked, fields.Date.today())
        return {
            line: evidence[line.indicator_id._origin.id, keys[line.id]]
            for line in self
            if line.id in keys
        }

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _told(self, known):
        indicator, evidence = self.indicator_id, known.evidence
        direction = indicator.direction
        found = suggestion.suggest(direction, evidence)
        target, upper = self.target / known.months, self.target_max / known.months
        value = indicator._suggested_target(known)
        return {
            "suggested_target": value or 0.0,
            "suggested_text": value is not None
            and indicator._format_value(value, self.currency_id),
            "has_suggestion": value is not None,
            "evidence_text": self._evidence_sentence(known),
            "odds_text": self._odds_sentence(evidence, direction, target, upper),
            "hardness": suggestion.verdict(direction, target, evidence, upper)
            if self.target
            else False,
            "suggestion_text": self._basis_sentence(found),
        }

    def _evidence_sentence(self, known):
        evidence = known.evidence

        def shown(value):
            return self.indicator_id._format_value(value * known.months, self.currency_id)

        parts = []
        if len(evidence.own) >= suggestion.MIN_MONTHS:
            middle = suggestion.quantile(sorted(evidence.own), 0.5)
            parts.append(self.env._("own median %(value)s", value=shown(middle)))
        else:
            parts.append(
                self.env._("too little history: %(count)s months", count=len(evidence.own))
            )
        if evidence.peers.count:
            low, high = evidence.peers.range
            parts.append(
                self.env._(
                    "%(count)s peers %(low)s to %(high)s",
                    count=evidence.peers.count,
                    low=shown(low),
                    high=shown(high),
                )
            )
        if known.benchmark:
            value, spread = known.benchmark.value, known.benchmark.spread
            parts.append(
                self.env._(
                    "benchmark %(value)s (%(publisher)s, %(year)s)",
                    value=self.env._(
                        "%(value)s ± %(spread)s", value=shown(value), spread=shown(spread)
                    )
                    if spread
                    else shown(value),
                    publisher=known.benchmark.source,
                    year=known.benchmark.year,
                )
            )
        if known.goal:
            parts.append(self.env._("company goal %(value)s", value=known.goal._value_text()))
        return " · ".join(parts)

    def _odds_sentence(self, evidence, direction, target, upper):
        if not self.target:
            return False
        reached, months = suggestion.odds(direction, target, evidence.own, upper)
        by, peers = suggestion.peer_odds(direction, target, evidence.peers, upper)
        params = {"reached": reached, "months": months, "by": by, "peers": peers}
        if months and peers:
            return self.env._(
                "Reached in %(reached)s of the last %(months)s months; by %(by)s of %(peers)s "
                "peers.",
                **params,
            )
        if months:
            return self.env._("Reached in %(reached)s of the last %(months)s months.", **params)
        if peers:
            return self.env._("Reached by %(by)s of %(peers)s peers.", **params)
        return self.env._("No months to compare with.")

    def _basis_sentence(self, found):
        sentences = {
            "own_and_peers": self.env._(
                "Own months count for %(share)s %%, peers for the rest.",
                share=formatLang(self.env, 100 * found.credibility, digits=0),
            ),
            "own": self.env._("From own months; there are too few peers."),
            "peers": self.env._("From peers; there are too few own months."),
            "benchmark": self.env._("The benchmark; there is too little history."),
            "none": self.env._("Too little history to suggest a target."),
            "band": self.env._("A band is set by hand."),
        }
        sentence = sentences[found.basis]
        if found.is_limited:
            goal = self.env._("Raised by the company goal as far as was reached before.")
        elif found.is_raised:
            goal = self.env._("Raised by the company goal.")
        else:
            return sentence
        return f"{sentence} {goal}"

    # ------------------------------------------------------------------
    # One click
    # ------------------------------------------------------------------

    def action_take_suggestion(self):
        """Replace the targets by the suggested ones; threshold and stretch move along."""
        self.check_access("write")
        self.plan_id._check_draft()
        taken = self.filtered("has_suggestion")
        if not taken:
            raise UserError(self.env._("There is too little history to suggest a target."))
        for line in taken:
            terms = {name: line[name] for name in ("target", "target_max", "threshold", "stretch")}
            line.write(line.indicator_id._moved_terms(line.direction, terms, line.suggested_target))
        return True
