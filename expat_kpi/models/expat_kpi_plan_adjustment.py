from collections import defaultdict
from datetime import date

from odoo import api, fields, models

from ..engine import adjustment as engine
from ..engine.periods import Span
from ..engine.revision import TERMS
from ..engine.workdays import Stay, working_days
from ..tools.adjustment_sentences import past_sentence


class ExpatKpiPlan(models.Model):
    """An approved plan that changes with consent: what is proposed, signed, and comes of it.

    While an adjustment waits for signatures the plan's lines, state and version in
    force stay as they are; the latest version is the one that is signed.
    """

    _inherit = "expat.kpi.plan"

    adjustment_count = fields.Integer(compute="_compute_adjustment_count")
    adjustment_html = fields.Html(
        related="open_adjustment_id.preview_html", string="Before and After", sanitize=False
    )

    @api.depends("adjustment_ids")
    def _compute_adjustment_count(self):
        for plan in self:
            plan.adjustment_count = len(plan.adjustment_ids)

    def action_adjust(self):
        """Open the form of an adjustment of this plan."""
        self.ensure_one()
        self._check_verb("adjust")
        today = self._today()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjust the plan"),
            "res_model": "expat.kpi.adjustment",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_plan_id": self.id,
                "default_date_from": min(max(today, self.date_from), self.date_to),
            },
        }

    def action_view_adjustments(self):
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "expat_kpi.expat_kpi_adjustment_action"
            ),
            "domain": [("plan_id", "=", self.id)],
            "context": {"default_plan_id": self.id, "create": False},
        }

    def action_refuse(self):
        """Ask why the open adjustment is refused."""
        return self._ask_reason("refuse_adjustment", self.env._("Refuse the adjustment"))

    def action_retract(self):
        """Take back the own adjustment."""
        for record in self:
            plan, _row = record._step("retract")
            plan._end_adjustment("withdrawn")
        return True

    def _refuse_adjustment(self, reason):
        plan, _row = self._step("refuse", reason=reason)
        plan._end_adjustment("refused", reason.strip())

    # ------------------------------------------------------------------
    # What holds, and what would
    # ------------------------------------------------------------------

    def _is_consenting(self):
        """Whether parties are asked to sign."""
        self.ensure_one()
        return self.state == "negotiation" or bool(self.open_adjustment_id)

    def _working_days(self):
        """{plan id: its local days that are worked where the employee is posted on each}

        Days on which there is no posting are those of the latest place.
        """
        if not self:
            return {}
        whole = Span(min(self.mapped("date_from")), max(self.mapped("date_to")))
        # sudo: expat.posting – which days are worked is no secret to who may read the plan
        postings = (
            self.env["expat.posting"]
            .sudo()
            .search([("employee_id", "in", self.employee_id.ids)], order="date_from")
        )
        worked = postings._working_days(whole)
        stays = defaultdict(list)
        for posting in postings:
            span = Span(posting.date_from, posting.date_to or date.max)
            stays[posting.employee_id].append(Stay(span, worked[posting]))
        result = {}
        for plan in self:
            own = Span(plan.date_from, plan.date_to)
            here = [stay for stay in stays[plan.employee_id] if stay.span.intersection(own)]
            result[plan.id] = working_days(own, here) if here else plan._home_days(own)
        return result

    def _home_days(self, span):
        """The days that are worked without a posting: by the employee's own hours."""
        # sudo: hr.employee – working hours of a colleague
        employee = self.employee_id.sudo()
        calendar = employee.resource_calendar_id or self.company_id.sudo().resource_calendar_id
        return self.env["expat.posting"]._calendar_days(calendar, self._zone(), span)

    def _agreed_terms(self, day, revision=None):
        """{indicator id: the numbers that hold on a day}, by the version in force or another."""
        self.ensure_one()
        revision = revision or self.revision_id
        if not revision or not day:
            return {}
        _period, lines = engine.from_content(revision._content())
        return {line.indicator: terms for line in lines if (terms := line.terms_on(day))}

    def _adjusted_content(self, adjustment):
        """What the plan would say with an adjustment.

        :raises AdjustmentError: where nobody could agree on that
        """
        self.ensure_one()
        base = self.revision_id._content()
        known = {line["indicator"]: line for line in base["lines"]}
        indicators = (
            self.env["expat.kpi.indicator"].browse(known) | adjustment.line_ids.indicator_id._origin
        )
        # sudo: expat.kpi.indicator – whether its months add up
        additive = {one.id for one in indicators.sudo().exists() if one._is_additive()}
        period, lines = engine.from_content(base, additive)
        span = engine.edited_span(
            period, adjustment.method, adjustment.date_from, adjustment.date_to or None
        )
        working = self._working_days()[self.id]
        if working and not engine.days_in(span, working):
            raise engine.AdjustmentError("no_working_days", span=span)
        by_indicator = {line.indicator: line for line in lines}
        edits = [
            engine.Edit(
                one.kind,
                by_indicator.get(one.indicator_id._origin.id) or one._as_engine_line(additive),
                one._terms(),
            )
            for one in adjustment.line_ids
        ]
        after = engine.adjusted(period, lines, edits, span)
        totals = engine.over_period(period, after, working)
        # A plan counts a measure in one way: as the lines that were agreed on.
        pinned = dict(pair for line in base["lines"] for pair in line["measures"].items())
        content = {
            "plan": base["plan"],
            "adjustment": {
                "method": adjustment.method,
                "from": span.date_from.isoformat(),
                "to": span.date_to.isoformat(),
                "days": engine.days_in(span, working),
                "days_total": len(working),
            },
            "lines": [],
        }
        for line in after:
            told = known.get(line.indicator) or self.env["expat.kpi.plan.line"]._definition(
                self.env["expat.kpi.indicator"].browse(line.indicator), self.company_id.currency_id
            )
            slices = engine.slices_content(period, line, working)
            content["lines"].append(
                {
                    **{key: value for key, value in told.items() if key != "slices"},
                    "measures": {
                        code: pinned.get(code, number) for code, number in told["measures"].items()
                    },
                    **totals[line.indicator],
                    **({"slices": slices} if slices else {}),
                }
            )
        return content

    def _past_day(self):
        """The first day on which the open adjustment asks more of the expat, where that day is
        before today; else None. Today is where the expat is."""
        self.ensure_one()
        if not self.open_adjustment_id:
            return None
        period, before = engine.from_content(self.revision_id._content())
        _same, after = engine.from_content(self.latest_revision_id._content())
        day = engine.harder_from(period, before, after)
        return day if day and day < self._today() else None

    # ------------------------------------------------------------------
    # What comes of it. All of it with the plan's row taken.
    # ------------------------------------------------------------------

    def _renewed_parties(self):
        """The parties as they are, with who holds each place today.

        :return: as `_prepare_parties`, in the order of ``party_ids``
        """
        self.ensure_one()
        result = []
        for party in self.party_ids:
            user = party.user_id.filtered("active")
            if party.role != "person" and not (party.role == "hr" and self._is_officer(user)):
                user = self._party_user(self.env["expat.kpi.signatory"].new({"role": party.role}))
            if party.role != "expat" and user == self.employee_id.user_id:
                user = user.browse()  # nobody signs the own plan for somebody else
            result.append({"title": party.title, "user_id": user.id})
        return result

    def _begin_adjustment(self, adjustment, content, parties):
        """Ask the parties to sign what an adjustment makes of the plan."""
        for party, renewed in zip(self.party_ids, parties, strict=True):
            party._set_guarded({"user_id": renewed["user_id"]})
        self._set_guarded(
            {
                "open_adjustment_id": adjustment.id,
                "is_overdue_told": False,
                "date_deadline": self._next_deadline(),
            }
        )
        self._make_revision(
            self.env._("Adjustment: %(reason)s", reason=adjustment.reason.strip()), content=content
        )
        self.message_subscribe(self.party_ids.user_id.partner_id.ids)

    def _enter_adjustment(self):
        """Put in force what all have signed."""
        content = self.latest_revision_id._content()
        left = {line.indicator_id.id: line for line in self.line_ids}
        sequence = max(self.line_ids.mapped("sequence"), default=0)
        lines = self.env["expat.kpi.plan.line"]
        for told in content["lines"]:
            values = {name: told[name] for name in TERMS}
            values["slices"] = told.get("slices") or False
            line = left.pop(told["indicator"], None)
            if line:
                line._change(values)
                continue
            sequence += 10
            lines._add(
                {
                    "plan_id": self.id,
                    "indicator_id": told["indicator"],
                    "sequence": sequence,
                    **values,
                }
            )
        lines.union(*left.values())._drop()
        self.open_adjustment_id._close("in_force")
        self._set_guarded(
            {
                "state": "adjusted",
                "revision_id": self.latest_revision_id.id,
                "open_adjustment_id": False,
            }
        )
        self._tell(self.env._("Version %(number)s is in force.", number=self.revision_id.number))
        self._sync_activities()
        self._refresh_actuals()

    def _end_adjustment(self, state, reason=False):
        """Let the version in force stand; what was proposed stays to be read."""
        adjustment = self.open_adjustment_id
        number = self.latest_revision_id.number
        adjustment._close(state, reason)
        self._set_guarded({"open_adjustment_id": False, "latest_revision_id": self.revision_id.id})
        self._restore_signatures()
        if state == "refused":
            text = self.env._(
                "Refused the adjustment of %(user)s (version %(number)s): %(reason)s. Version "
                "%(in_force)s stays in force.",
                user=adjustment.user_id.name,
                number=number,
                reason=reason,
                in_force=self.revision_id.number,
            )
        elif state == "withdrawn":
            text = self.env._(
                "Withdrew the adjustment (version %(number)s). Version %(in_force)s stays in "
                "force.",
                number=number,
                in_force=self.revision_id.number,
            )
        else:
            text = self.env._(
                "The adjustment of %(user)s (version %(number)s) lapsed.",
                user=adjustment.user_id.name,
                number=number,
            )
        self._tell(text, adjustment.user_id)
        self._sync_activities()

    def _restore_signatures(self):
        """Let those on the version in force be the parties' signatures again."""
        signatures = self.signature_ids.filtered(
            lambda one: one.kind == "signature" and one.revision_id == self.revision_id
        )
        for party in self.party_ids:
            fitting = signatures.filtered(
                lambda one, party=party: one.role == party.role and one.label == party.label
            )
            own = fitting.filtered(lambda one, party=party: one.user_id == party.user_id)
            found = own or (fitting if party.role != "person" else own)
            party._set_guarded({"signature_id": found[:1].id})

    def _past_sentence(self):
        """What the expat is told, and agrees to by a tick; False where there is nothing."""
        day = self._past_day()
        return past_sentence(self.env, day) if day else False
