from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..engine.periods import Span
from ..models.expat_kpi_measure_preview import summed
from ..tools.definition_words import DefinitionWords
from ..tools.fact_query import FactQuery

# The months before this one whose numbers stand side by side.
MONTHS_BEFORE = 3
SHOWN = 100


class ExpatKpiMeasureAdopt(models.TransientModel):
    """What a change of a measure means for each expat, before it counts.

    For HR officers. The numbers of the version in force and of the new settings
    are computed side by side, by one statement each, and not stored. Nothing
    changes until the new version is adopted; plans keep the version that they
    were signed with.
    """

    _name = "expat.kpi.measure.adopt"
    _description = "Adopt a New Version of a Measure"

    measure_id = fields.Many2one("expat.kpi.measure", required=True, ondelete="cascade")
    comparison = fields.Json(compute="_compute_comparison")

    @api.depends("measure_id")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_comparison(self):
        for wizard in self:
            measure = wizard.measure_id.sudo(False)
            if not measure or not measure.version_id:
                wizard.comparison = {}
                continue
            measure.check_access("write")
            try:
                wizard.comparison = wizard._compare(measure)
            except (ValidationError, UserError) as error:
                # The version in force may count on what is no longer published.
                wizard.comparison = {
                    "settings": wizard._changed_settings(measure),
                    "problem": str(error),
                    "months": [],
                    "rows": [],
                }

    def action_adopt(self):
        self.ensure_one()
        action = self.measure_id.action_adopt()
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------

    def _compare(self, measure):
        span = self._compared_span()
        employees = self._compared_employees(measure, span)
        old = self._numbers(measure, measure.version_id._definition(), span, employees)
        new = self._numbers(measure, measure._definition(), span, employees)
        months = list(span.months())
        rows = []
        for employee in employees:
            # sudo: res.company – in which currency an employee's numbers are
            currency = employee.sudo().company_id.currency_id
            cells = [
                {
                    "old": measure._format_amount(old[employee.id, month], currency),
                    "new": measure._format_amount(new[employee.id, month], currency),
                    "is_changed": old[employee.id, month] != new[employee.id, month],
                }
                for month in (part.date_from for part in months)
            ]
            rows.append({"id": employee.id, "employee": employee.name, "cells": cells})
        rows.sort(key=lambda row: not any(cell["is_changed"] for cell in row["cells"]))
        changed = sum(any(cell["is_changed"] for cell in row["cells"]) for row in rows)
        return {
            "problem": False,
            "settings": self._changed_settings(measure),
            "months": [
                format_date(self.env, part.date_from, date_format="MMM y") for part in months
            ],
            "rows": rows[:SHOWN],
            "summary": self._summary(len(rows), changed),
        }

    def _compared_span(self):
        today = fields.Date.context_today(self)
        return Span(
            today + relativedelta(months=-MONTHS_BEFORE, day=1), today + relativedelta(day=31)
        )

    def _compared_employees(self, measure, span):
        """Expats posted in these months whom the reader may see, by name."""
        domain = [
            ("date_from", "<=", span.date_to),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", span.date_from),
        ]
        if measure.company_id:
            domain.append(("company_id", "=", measure.company_id.id))
        employees = self.env["expat.posting"].search(domain).employee_id
        return employees._filtered_access("read").sorted("name")

    def _numbers(self, measure, definition, span, employees):
        """{(employee id, first of month): amount} of one definition, in one statement."""
        query = FactQuery(self.env, definition, company=measure.company_id)
        self.env.flush_all()
        found = defaultdict(list)
        for row in self.env.execute_query(query.facts(span, employees.ids)):
            found[row[0], row[2].replace(day=1)].append(row)
        amounts = defaultdict(float)
        for cell, rows in found.items():
            amounts[cell] = round(summed(rows, definition.aggregate)[0], 6)
        return amounts

    def _changed_settings(self, measure):
        """[{label, old, new}] of the settings that differ, in words."""
        old, new = measure.version_id._definition(), measure._definition()
        sources = self.env["expat.kpi.source"].with_context(active_test=False)
        words = [
            DefinitionWords(sources.search([("model", "=", definition.model)]), definition)
            for definition in (old, new)
        ]
        changes = {}
        for name in old.changed(new):
            label, before = words[0].setting(name)
            changes[label] = {"label": label, "old": before, "new": words[1].setting(name)[1]}
        return list(changes.values())

    def _summary(self, count, changed):
        if not count:
            return self.env._("Nobody was posted abroad in these months.")
        if not changed:
            return self.env._("No number of these months changes.")
        return self.env._(
            "Numbers change for %(changed)s of %(count)s expats.", changed=changed, count=count
        )
