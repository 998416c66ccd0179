from odoo import fields, models
from odoo.exceptions import ValidationError

from ..engine.place import metres, place_fault


class ExpatKpiRecordPlace(models.Model):
    """Where a phone was when it made a record.

    Kept only where the policy of the country allows it and the person has confirmed the
    notice. The person and HR officers read it; managers see that there is one. Nobody
    enters or changes it.
    """

    _name = "expat.kpi.record.place"
    _description = "Position"
    _inherit = ["expat.kpi.history"]
    _rec_name = "record_id"

    record_id = fields.Many2one("expat.kpi.record", required=True, index=True, ondelete="cascade")
    employee_id = fields.Many2one(related="record_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="record_id.company_id", store=True)
    latitude = fields.Float(digits=(10, 5), required=True, aggregator=None)
    longitude = fields.Float(digits=(10, 5), required=True, aggregator=None)
    accuracy = fields.Float(string="Within", aggregator=None, help="In metres, as the phone says.")

    _one_per_record = models.UniqueIndex("(record_id)", "This record has a position already.")


class ExpatKpiRecord(models.Model):
    _inherit = "expat.kpi.record"

    def _keep_position(self, latitude, longitude, accuracy=None):
        """Keep where the phone was, if the country's policy and the person allow it.

        :return: whether it was kept
        :raise ValidationError: it is no place on earth
        """
        self.ensure_one()
        policy = self._policies()[self]
        if not policy._rules().use_position or not policy._has_consent(self.employee_id):
            return False
        if place_fault(latitude, longitude):
            raise ValidationError(
                self.env._(
                    "The phone sent a position that cannot be: the record is kept without it. "
                    "Enter the place instead."
                )
            )
        if self.place_ids:
            return False
        # sudo: expat.kpi.record.place – the person's own, just checked
        self.env["expat.kpi.record.place"].sudo()._create_guarded(
            [
                {
                    "record_id": self.id,
                    "latitude": latitude,
                    "longitude": longitude,
                    "accuracy": metres(accuracy),
                }
            ]
        )
        self._set_guarded({"has_place": True})
        self._refresh_marks()
        return True

    def _policies(self):
        """{record: the policy of where it was}; an empty one where there is none."""
        places = {(record.company_id, record.country_id) for record in self}
        by_place = self.env["expat.kpi.policy"]._by_place(places)
        return {record: by_place[record.company_id, record.country_id] for record in self}
