from odoo import api, fields, models


class ReportExpatKpiEvent(models.AbstractModel):
    """A market event on paper: what changes, whose plans, and who has agreed to it.

    Made with the reader's own rights: the plans that somebody may not read are not there, and
    those that were left out or alone are HR's to know.
    """

    _name = "report.expat_kpi.report_event"
    _description = "Market Event on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        events = self.env["expat.kpi.event"].browse(docids).exists()
        events.check_access("read")
        # Rules decide which; the names of employees are what the reader sorts them by.
        rows = self.env["expat.kpi.event.plan"].search(
            [("event_id", "in", events.ids)], order="employee_id, id"
        )
        return {
            "docs": events,
            "sheets": [
                (event, self._sheet(event, rows.filtered(lambda row, e=event: row.event_id == e)))
                for event in events
            ],
            "today": fields.Date.context_today(self),
        }

    def _sheet(self, event, rows):
        """What the paper says of one event."""
        made = rows.filtered("adjustment_id")
        return {
            "places": ", ".join(
                event.region_ids.mapped("display_name") + event.country_ids.mapped("display_name")
            ),
            "method": dict(event._fields["method"]._description_selection(self.env))[event.method],
            "kind": dict(event._fields["kind"]._description_selection(self.env))[event.kind],
            "touched": [self._row(row) for row in rows if row.status not in ("left", "excepted")],
            "out": [
                {"employee": row.employee_id.display_name, "reason": row.exception_reason}
                for row in rows.filtered(lambda row: row.status == "excepted")
            ],
            "alone": [
                {"employee": row.employee_id.display_name, "reason": row.left_text}
                for row in rows.filtered(lambda row: row.status == "left")
            ],
            "answers": [
                (label, count)
                for answer, label in row_answers(made)
                if (count := len(made.filtered(lambda row, a=answer: row.answer == a)))
            ],
        }

    def _row(self, row):
        """What becomes of one plan, and who has said what to it."""
        status = dict(row._fields["status"]._description_selection(self.env))
        adjustment = row.adjustment_id
        return {
            "employee": row.employee_id.display_name,
            "country": row.country_id.display_name,
            "cycle": row.plan_id.cycle_id.display_name,
            "change": row.change_text,
            "weights": row.weight_text,
            "share": row.share_text,
            "answer": row.answer,
            "answer_text": dict(row_answers(row)).get(row.answer) or status[row.status],
            "failure": row.failure if row.status == "failed" else False,
            "signatures": row._signatures(),
            "missing": row._missing_parties(),
            "ended_by": adjustment.answer_user_id.name
            if row.answer in ("refused", "withdrawn")
            else False,
            "ended_on": adjustment.date_answer,
            "reason": row.answer_reason,
        }


def row_answers(rows):
    """[(answer, how it is called)] in the order in which it comes about."""
    return rows._fields["answer"]._description_selection(rows.env)
