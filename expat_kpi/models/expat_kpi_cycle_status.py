from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import formatLang

from ..engine.attainment import attainment
from ..engine.periods import Span
from ..engine.suggestion import MIN_PEERS
from ..engine.values import Number
from ..engine.workdays import months


class ExpatKpiCycle(models.Model):
    """Where a cycle stands: plans by state, who is waited for, and the company's goals."""

    _inherit = "expat.kpi.cycle"

    status_html = fields.Html(
        string="Status", compute="_compute_status_html", sanitize=False, groups="base.group_user"
    )
    coverage_html = fields.Html(
        string="Coverage of the Company's Goals", compute="_compute_coverage_html", sanitize=False
    )

    waiting_count = fields.Integer(compute="_compute_waiting_count")

    def _waiting_domain(self):
        """Who is waited for in these cycles."""
        return [
            ("plan_id.cycle_id", "in", self.ids),
            ("signature_id", "=", False),
            "|",
            ("plan_id.state", "=", "negotiation"),
            ("plan_id.open_adjustment_id", "!=", False),
        ]

    @api.depends("plan_ids.state", "plan_ids.party_ids.signature_id")
    @api.depends_context("uid")
    def _compute_waiting_count(self):
        # Of parties that the reader may see
        parties = self.env["expat.kpi.plan.party"].search_fetch(self._waiting_domain(), ["plan_id"])
        by_cycle = parties.grouped(lambda party: party.plan_id.cycle_id)
        for cycle in self:
            cycle.waiting_count = len(by_cycle.get(cycle._origin, ()))

    def action_open_waiting(self):
        """Who is waited for, longest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "expat_kpi.expat_kpi_plan_party_action"
        )
        action["domain"] = self._waiting_domain()
        return action

    def action_nudge(self):
        """Remind everybody who is waited for in this cycle."""
        self.ensure_one()
        return self.env["expat.kpi.plan.party"].search(self._waiting_domain()).action_nudge()

    @api.depends(
        "plan_ids.state",
        "plan_ids.party_ids.signature_id",
        "employee_domain",
        "date_from",
        "date_to",
        "date_deadline",
    )
    @api.depends_context("lang", "uid")
    def _compute_status_html(self):
        may_create = self.env["expat.kpi.plan"].has_access("create")
        for cycle in self:
            cycle.status_html = may_create and self.env["ir.qweb"]._render(
                "expat_kpi.cycle_status", {"cycle": cycle, **cycle._status()}
            )

    def _status(self):
        """Numbers of plans: to create, by state, and by who is waited for."""
        self.ensure_one()
        cycle = self._origin
        by_state = dict(
            self.env["expat.kpi.plan"]._read_group(
                [("cycle_id", "=", cycle.id)], ["state"], ["__count"]
            )
        )
        waiting = dict(
            self.env["expat.kpi.plan.party"]._read_group(
                cycle._waiting_domain(),
                ["role"],
                ["plan_id:count_distinct"],
            )
        )
        to_create = sum(not row.reason for row in cycle._candidates()) if cycle else 0
        total = sum(number for state, number in by_state.items() if state != "cancelled")
        agreed = sum(
            by_state.get(state, 0) for state in ("approved", "adjusted", "review", "closed")
        )
        roles = dict(
            self.env["expat.kpi.plan.party"]._fields["role"]._description_selection(self.env)
        )
        return {
            "to_create": to_create,
            "draft": by_state.get("draft", 0),
            "negotiation": by_state.get("negotiation", 0),
            "waiting": [(roles[role], number) for role, number in waiting.items()],
            "agreed": agreed,
            "total": total,
        }

    # ------------------------------------------------------------------
    # Company goals
    # ------------------------------------------------------------------

    @api.depends("plan_ids.line_ids.target", "plan_ids.state", "date_from", "date_to")
    @api.depends_context("lang", "uid", "su")
    def _compute_coverage_html(self):
        for cycle in self:
            rows = cycle._origin._coverage() if cycle._origin else []
            cycle.coverage_html = rows and self.env["ir.qweb"]._render(
                "expat_kpi.cycle_coverage", {"rows": rows}
            )

    def _coverage(self):
        """What the targets of all plans add up to, for each goal of the company.

        To those who do not see all plans, only sums of three and more are told.
        """
        self.ensure_one()
        # sudo: expat.kpi.plan.line – sums only, see above
        cycle = self.sudo()
        goals = cycle.env["expat.kpi.goal"].search(
            [("company_id", "=", cycle.company_id.id), ("year", "=", cycle.date_from.year)]
        )
        sees_all = self.env.su or self.env.user.has_group("expat_kpi.group_officer")
        lines = cycle.plan_ids.filtered(lambda plan: plan.state != "cancelled").line_ids
        rows = []
        for goal in goals.with_env(self.env).sudo():
            counted = lines.filtered(
                lambda line, goal=goal: (
                    line.indicator_id == goal.indicator_id
                    and (not goal.region_id or line.region_id == goal.region_id)
                )
            )
            if counted and (sees_all or len(counted.employee_id) >= MIN_PEERS):
                rows.append(self._coverage_row(goal, counted.mapped("target")))
        return rows

    def _coverage_row(self, goal, targets):
        indicator = goal.indicator_id
        is_additive = indicator._is_additive()
        total = sum(targets) if is_additive else sum(targets) / len(targets)
        row = {
            "name": indicator.name,
            "region": goal.region_id.name,
            "sum": indicator._format_value(total, self.company_id.currency_id),
            "count": len(targets),
            "is_additive": is_additive,
            "goal": goal._value_text(),
            "share": None,
            "text": "",
        }
        if goal.kind == "amount":
            part = months(Span(self.date_from, self.date_to)) / 12 if is_additive else 1.0
            amount = indicator._format_value(goal.value * part, self.company_id.currency_id)
            # Within a band nothing is covered or not.
            if indicator.direction != "band":
                share = attainment(indicator.direction, Number(total), goal.value * part)
                row["share"] = share.value if isinstance(share, Number) else None
            row["text"] = self.env._(
                "%(sum)s of %(goal)s for this period", sum=row["sum"], goal=amount
            )
            return row
        before = self._year_before(goal)
        if not isinstance(before, Number) or before.value <= 0:
            row["text"] = self.env._(
                "%(sum)s; there are no figures of the year before to compare the goal of "
                "%(goal)s with",
                sum=row["sum"],
                goal=row["goal"],
            )
            return row
        change = 100 * (total / before.value - 1)
        row["share"] = 100 * change / goal.value if goal.value else None
        row["text"] = self.env._(
            "%(change)s of the %(goal)s goal: %(sum)s after %(before)s in the year before",
            change=self.env._(
                "%(sign)s%(percent)s %%",
                sign="+" if change >= 0 else "−",
                percent=formatLang(self.env, abs(change), digits=0),
            ),
            goal=row["goal"],
            sum=row["sum"],
            before=indicator._format_value(before.value, self.company_id.currency_id),
        )
        return row

    def _year_before(self, goal):
        """What everybody posted then reached together, on the same days a year before."""
        span = Span(self.date_from - relativedelta(years=1), self.date_to - relativedelta(years=1))
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date_from", "<=", span.date_to),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", span.date_from),
        ]
        if goal.region_id:
            domain = [("region_id", "=", goal.region_id.id), *domain]
        # sudo: expat.posting – whose facts belong to the sum
        cells = []
        for posting in self.env["expat.posting"].sudo().search(domain):
            days = Span(posting.date_from, posting.date_to or date.max).intersection(span)
            cells.append((goal.id, posting.employee_id.id, days.date_from, days.date_to))
        if not cells:
            return None
        return goal.indicator_id._actuals(cells)[goal.indicator_id.id, goal.id].value
