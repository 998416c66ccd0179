import json
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..engine.attainment import attainment
from ..engine.values import Failure, NoData, Number
from ..tools.plan_sentences import check_finite, terms_text
from ..tools.sentences import reason_sentence
from ..tools.slice_sentences import slice_rows


class ExpatKpiPlanLine(models.Model):
    """One indicator of a plan: what was agreed, and what came of it so far.

    The actual is written by the engine alone. Where there is none, the columns
    are empty and not zero, and ``actual_status`` says which kind of none it is.
    """

    _name = "expat.kpi.plan.line"
    _description = "KPI Plan Line"
    _inherit = ["expat.kpi.guarded", "expat.kpi.terms"]
    _order = "plan_id, sequence, id"
    _rec_name = "indicator_id"
    _guarded_fields = frozenset(
        {
            "actual",
            "attainment",
            "actual_status",
            "actual_reason",
            "actual_terms",
            "actual_from",
            "actual_to",
            "fault_count",
            "date_actual",
            "is_dropped",
            "slices",
        }
    )

    plan_id = fields.Many2one("expat.kpi.plan", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="restrict"
    )

    # Of the plan and the indicator, to search and group by
    employee_id = fields.Many2one(related="plan_id.employee_id", store=True, index=True)
    cycle_id = fields.Many2one(related="plan_id.cycle_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    region_id = fields.Many2one(related="plan_id.region_id", store=True)
    country_id = fields.Many2one(related="plan_id.country_id")
    state = fields.Selection(related="plan_id.state", store=True)
    date_from = fields.Date(
        string="From",
        compute="_compute_window",
        store=True,
        help="The first day of the plan on which this line holds.",
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_window",
        store=True,
        help="The last day of the plan on which this line holds.",
    )
    dimension = fields.Selection(related="indicator_id.dimension", store=True)
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")
    digits = fields.Integer(related="indicator_id.digits", aggregator=None)
    currency_id = fields.Many2one(related="company_id.currency_id")

    # What was agreed
    target = fields.Float(required=True, aggregator="avg")

    slices = fields.Json(
        readonly=True,
        copy=False,
        help="After an adjustment: the days, and the numbers that hold on them.",
    )
    slices_text = fields.Text(
        compute="_compute_slices_text",
        help="What holds on which days; the numbers beside it are those over the period.",
    )

    is_dropped = fields.Boolean(
        readonly=True, copy=False, help="Set on the way out, when the parties drop the line."
    )

    # What is proposed
    proposal_ids = fields.One2many("expat.kpi.proposal", "line_id", readonly=True)
    proposal_text = fields.Text(string="Proposed", compute="_compute_proposal_text")

    # What came of it
    actual = fields.Float(readonly=True, copy=False, aggregator="avg", digits=(16, 4))
    attainment = fields.Float(
        string="Attainment (%)", readonly=True, copy=False, aggregator="avg", digits=(16, 2)
    )
    actual_status = fields.Selection(
        [("ok", "Computed"), ("no_data", "No data"), ("error", "Cannot be computed")],
        string="Status",
        readonly=True,
        copy=False,
        default="no_data",
    )
    actual_reason = fields.Char(readonly=True, copy=False)
    actual_terms = fields.Json(readonly=True, copy=False)
    actual_from = fields.Date(readonly=True, copy=False)
    actual_to = fields.Date(readonly=True, copy=False)
    fault_count = fields.Integer(readonly=True, copy=False, aggregator=None)
    date_actual = fields.Datetime(
        string="As Of", readonly=True, copy=False, help="When the actual was computed."
    )
    is_stale = fields.Boolean(
        compute="_compute_is_stale", help="A measure behind it could not be refreshed."
    )
    actual_text = fields.Char(compute="_compute_texts")
    target_text = fields.Char(compute="_compute_texts")
    explanation = fields.Text(compute="_compute_texts")

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    @api.depends("plan_id.date_from", "plan_id.date_to", "slices")
    def _compute_window(self):
        for line in self:
            slices = line.slices or []
            line.date_from = slices[0]["from"] if slices else line.plan_id.date_from
            line.date_to = slices[-1]["to"] if slices else line.plan_id.date_to

    def _spans(self):
        """The days on which this line holds, in pieces; empty: all of the plan's."""
        self.ensure_one()
        spans = []
        for part in self.slices or ():
            first, last = fields.Date.to_date(part["from"]), fields.Date.to_date(part["to"])
            if spans and (first - spans[-1][1]).days == 1:
                spans[-1] = (spans[-1][0], last)
            else:
                spans.append((first, last))
        whole = (self.plan_id.date_from, self.plan_id.date_to)
        return () if spans == [whole] else tuple(spans)

    @api.depends("slices", "indicator_id")
    @api.depends_context("lang")
    def _compute_slices_text(self):
        for line in self:
            rows = slice_rows(
                self.env,
                {
                    "unit": line.unit,
                    "digits": line.digits,
                    "currency": line.currency_id.name,
                    "slices": line.slices,
                },
                partial(terms_text, self.env),
            )
            line.slices_text = (
                "; ".join(
                    self.env._(
                        "%(start)s – %(stop)s: %(terms)s",
                        start=row["start"],
                        stop=row["stop"],
                        terms=row["terms"],
                    )
                    for row in rows
                )
                or False
            )

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("target", "target_max", "threshold", "stretch", "weight", "indicator_id")
    def _check_terms(self):
        self._raise_unsound()

    # ------------------------------------------------------------------
    # Who may write, and when
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_granted(vals_list):
            return super().create(vals_list)
        for vals in vals_list:
            check_finite(self.env, vals)
        plans = self.env["expat.kpi.plan"].browse(
            {vals.get("plan_id") or self.env.context.get("default_plan_id") for vals in vals_list}
            - {None, False}
        )
        plans._lock()
        plans._check_draft()
        return super().create(vals_list)

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self._check_guarded(vals)
        check_finite(self.env, vals)
        if "plan_id" in vals and any(line.plan_id.id != vals["plan_id"] for line in self):
            raise UserError(self.env._("A line stays in its plan. Add it to the other one."))
        self.plan_id._lock()
        self.plan_id._check_draft()
        return super().write(vals)

    def unlink(self):
        self.plan_id._lock()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self.filtered(lambda line: not line.is_dropped).plan_id._check_draft()

    @api.model
    def _add(self, vals):
        """Create a line that was agreed on, in a plan that is no draft any more."""
        return self._create_guarded([vals])

    def _change(self, vals):
        """Write what was agreed on, in a plan that is no draft any more."""
        return self._set_guarded(vals)

    def _drop(self):
        """Remove lines as agreed, from a plan that is no draft any more."""
        self._set_guarded({"is_dropped": True})
        return self.unlink()

    def _content(self):
        """This line in the content of a revision: what it says, and what it is counted by."""
        self.ensure_one()
        slices = {"slices": self.slices} if self.slices else {}
        return {
            **self._definition(self.indicator_id, self.currency_id),
            **self._terms(),
            **slices,
        }

    @api.model
    def _definition(self, indicator, currency):
        """An indicator in the content of a revision: what it is counted by."""
        # A name has one spelling in what is signed, whoever's language it is.
        indicator = indicator.with_context(lang="en_US")
        content = {
            "indicator": indicator.id,
            "code": indicator.code,
            "name": indicator.name,
            "formula": indicator.formula,
            "dimension": indicator.dimension,
            "direction": indicator.direction,
            "unit": indicator.unit,
            "digits": indicator.digits,
            "measures": {
                measure.code: measure.version_id.number for measure in indicator.measure_ids
            },
        }
        if indicator.unit == "money":
            content["currency"] = currency.name
        return content

    # ------------------------------------------------------------------
    # Actuals
    # ------------------------------------------------------------------

    def _store_actuals(self, spans):
        """Compute and write the actuals of these lines, in two statements for all.

        :param spans: {plan id: (first local day, last local day)}; a plan that is
            missing has not begun
        """
        now = fields.Datetime.now()
        cells, keys = {}, {}
        for line in self:
            plan = line.plan_id
            # Lines that hold on the same days of a plan share a cell.
            keys[line.id] = key = (plan.id, line._spans())
            if key not in cells and plan.id in spans:
                cells[key] = self._elapsed(key[1], spans[plan.id])
        # sudo: expat.kpi.indicator – facts of the plans' own employees only
        actuals = self.indicator_id.sudo()._actuals(
            [
                (key, plan.employee_id.id, *span)
                for key, parts in cells.items()
                for plan in self.plan_id.browse(key[0])
                for span in parts
            ],
            pinned=self._pinned(cells),
        )
        rows = []
        for line in self:
            key = keys[line.id]
            parts = cells.get(key)
            actual = actuals.get((line.indicator_id.id, key)) if parts else None
            rows.append(line._prepare_actual(actual, parts and (parts[0][0], parts[-1][1])))
        if not rows:
            return
        # The ORM writes no NULL into a number, and "no data" is not zero.
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """UPDATE expat_kpi_plan_line line
                      SET actual = new.actual, attainment = new.attainment,
                          actual_status = new.status, actual_reason = new.reason,
                          actual_terms = new.terms::jsonb, fault_count = new.faults,
                          actual_from = new.first, actual_to = new.last, date_actual = %(now)s
                     FROM unnest(%(ids)s::int[], %(actuals)s::numeric[], %(attainments)s::numeric[],
                                 %(status)s::text[], %(reasons)s::text[], %(terms)s::text[],
                                 %(faults)s::int[], %(firsts)s::date[], %(lasts)s::date[])
                       AS new(id, actual, attainment, status, reason, terms, faults, first, last)
                    WHERE line.id = new.id""",
                now=now,
                **{
                    name: list(column)
                    for name, column in zip(
                        (
                            "ids",
                            "actuals",
                            "attainments",
                            "status",
                            "reasons",
                            "terms",
                            "faults",
                            "firsts",
                            "lasts",
                        ),
                        zip(*rows, strict=True),
                        strict=True,
                    )
                },
            )
        )
        self.invalidate_recordset()

    def _elapsed(self, parts, elapsed):
        """Of the days on which a line holds, those that have come; all of them for no parts."""
        return [
            (max(first, elapsed[0]), min(last, elapsed[1]))
            for first, last in parts or [elapsed]
            if first <= elapsed[1]
        ]

    def _pinned(self, keys):
        """The plans' pinned versions, by the keys of `_store_actuals`."""
        pinned = self.plan_id.sudo()._pinned_versions()
        by_plan = {}
        for (plan_id, measure), version in pinned.items():
            by_plan.setdefault(plan_id, []).append((measure, version))
        return {
            (key, measure): version for key in keys for measure, version in by_plan.get(key[0], ())
        }

    def _prepare_actual(self, actual, days):
        """The row that `_store_actuals` writes for one line."""
        self.ensure_one()
        if actual is None:
            return (self.id, None, None, "no_data", "not_started", None, 0, None, None)
        value, share = actual.value, None
        if isinstance(value, Number):
            number, status, reason = value.value, "ok", None
            reached = attainment(
                self.direction,
                value,
                self.target if self.direction != "band" else None,
                **(
                    {"lower": self.target, "upper": self.target_max}
                    if self.direction == "band"
                    else {}
                ),
            )
            share = reached.value if isinstance(reached, Number) else None
        else:
            number = None
            status = "no_data" if isinstance(value, NoData) else "error"
            reason = value.reason
        terms = json.dumps(
            {
                code: list(term)
                for code, term in actual.terms.items()
                if not isinstance(term[0], Failure)
            }
        )
        return (self.id, number, share, status, reason, terms, actual.fault_count, *days)

    # ------------------------------------------------------------------
    # Texts
    # ------------------------------------------------------------------

    @api.depends("proposal_ids.state", "plan_id.open_adjustment_id")
    @api.depends_context("lang")
    def _compute_proposal_text(self):
        for line in self:
            proposals = line.proposal_ids.filtered(lambda proposal: proposal.state == "open")
            # What the open adjustment would make of the line stands beside what holds.
            changes = line.plan_id.open_adjustment_id.line_ids.filtered(
                lambda change, line=line: change.indicator_id == line.indicator_id
            )
            told = proposals.mapped("summary") + [text for _name, text in changes._told_changes()]
            line.proposal_text = "; ".join(told) or False

    @api.depends("indicator_id.measure_ids.version_id.error")
    def _compute_is_stale(self):
        for line in self:
            # sudo: expat.kpi.measure.version – whether a refresh failed is no secret
            versions = line.sudo().indicator_id.measure_ids.version_id
            line.is_stale = any(version.error for version in versions)

    @api.depends("target", "target_max", "actual", "actual_status", "actual_terms", "indicator_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        for line in self:
            indicator, currency = line.indicator_id, line.currency_id
            line.target_text = line._format_target() if indicator else ""
            if line.actual_status == "ok":
                line.actual_text = indicator._format_value(line.actual, currency)
            elif line.actual_status == "error":
                line.actual_text = self.env._("Cannot be computed")
            else:
                line.actual_text = self.env._("No data")
            line.explanation = line._explain()

    def _format_target(self):
        indicator, currency = self.indicator_id, self.currency_id
        target = indicator._format_value(self.target, currency, as_agreed=True)
        if indicator.direction == "band":
            upper = indicator._format_value(self.target_max, currency, as_agreed=True)
            return self.env._("%(lower)s to %(upper)s", lower=target, upper=upper)
        return target

    def _no_data_reason(self):
        """Why there is no actual; before the first refresh the days say it."""
        if self.actual_reason:
            return self.actual_reason
        has_begun = not self.plan_id.date_from or self.plan_id.date_from <= self.plan_id._today()
        return "never_computed" if has_begun else "not_started"

    def _explain(self):
        """The actual in a sentence: what it was made of, over which days, in which zone."""
        self.ensure_one()
        if self.actual_status != "ok":
            return reason_sentence(self.env, self._no_data_reason())
        names = {measure.code: measure for measure in self.indicator_id.measure_ids}
        parts = [
            self.env._(
                "%(number)s %(measure)s",
                number=names[code]._format_amount(amount, self.currency_id),
                measure=names[code].name,
            )
            for code, (amount, _count) in (self.actual_terms or {}).items()
            if code in names
        ]
        place = {
            "parts": ", ".join(parts),
            "start": format_date(self.env, self.actual_from),
            "stop": format_date(self.env, self.actual_to),
            "zone": self.plan_id._zone().split("/")[-1].replace("_", " "),
        }
        if self.indicator_id.formula.strip() in names:
            # The number is that of its only measure: once is enough.
            sentence = self.env._("%(parts)s, from %(start)s to %(stop)s, %(zone)s time.", **place)
        else:
            sentence = self.env._(
                "%(actual)s: %(parts)s, from %(start)s to %(stop)s, %(zone)s time.",
                actual=self.actual_text,
                **place,
            )
        if self.fault_count:
            sentence += " " + self.env._(
                "%(count)s more could not be computed.", count=self.fault_count
            )
        return sentence

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_propose(self):
        """Open the form of a proposal on this line."""
        self.ensure_one()
        return self.plan_id.with_context(
            default_kind="change", default_line_id=self.id
        ).action_propose()

    def action_open_records(self):
        """Open the records behind the actual, under the reader's own rights.

        What the reader may not read is counted and said, not shown. Records of several
        kinds are asked for one by one.
        """
        self.ensure_one()
        counted = self._counted_by_model()
        if len(counted) > 1:
            return self.env["expat.kpi.plan.line.records"]._ask(self, counted)
        return self._open_counted(*next(iter(counted.items())))

    def _counted_by_model(self):
        """{model: ids of the records behind the actual}; of one without records, the first
        measure's model."""
        self.check_access("read")
        if not self.actual_from:
            raise UserError(reason_sentence(self.env, self._no_data_reason()))
        # sudo: expat.kpi.measure – finds ids; lists of them are under the reader's rights
        line = self.sudo()
        ids = {}
        for measure, version in line._counting_versions().items():
            for span in line._elapsed(line._spans(), (line.actual_from, line.actual_to)):
                ids.setdefault(measure.model, []).extend(
                    measure._counted_ids(line.employee_id, *span, version=version)
                )
        counted = {}
        for source_model in ids:
            behind = self.env["expat.kpi.source"]._records_behind(source_model, ids[source_model])
            for model, record_id in behind.values():
                counted.setdefault(model, {})[record_id] = True
        return counted or {next(iter(ids)): {}}

    def _open_counted(self, model, ids):
        """The list of those of ``ids`` that the reader may read."""
        records = self.env[model].with_context(active_test=False)
        if not records.has_access("read"):
            raise UserError(
                self.env._(
                    "%(count)s records were counted. You have no access to “%(records)s”, so they "
                    "cannot be shown to you.",
                    count=len(ids),
                    # sudo: ir.model – what records of a model are called
                    records=self.env["ir.model"].sudo()._get(model).name,
                )
            )
        readable = records.search([("id", "in", list(ids))])
        name = self.env._(
            "%(indicator)s: %(count)s records", indicator=self.indicator_id.name, count=len(ids)
        )
        if len(readable) < len(ids):
            name = self.env._(
                "%(indicator)s: %(shown)s of %(count)s records, the others are not open to you",
                indicator=self.indicator_id.name,
                shown=len(readable),
                count=len(ids),
            )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", readable.ids)],
            "context": {"active_test": False, "create": False},
        }
