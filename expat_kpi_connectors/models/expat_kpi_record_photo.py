import base64
import binascii
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.arrival import arriving_once
from ..tools.photo import cleaned

MEGABYTE = 1024 * 1024
# Only the erasure has it: no key of a context that comes over RPC is this object.
ERASE = object()


class ExpatKpiRecordPhoto(models.Model):
    """A photo that belongs to a field record.

    The person and HR officers see it; managers see that there is one. The person adds
    photos while the record may be edited, and takes away own ones as long.
    """

    _name = "expat.kpi.record.photo"
    _description = "Photo of a Field Record"
    _inherit = ["expat.kpi.guarded"]
    _order = "id"

    record_id = fields.Many2one("expat.kpi.record", required=True, index=True, ondelete="cascade")
    employee_id = fields.Many2one(related="record_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="record_id.company_id", store=True)
    name = fields.Char(default="photo.jpg", required=True)
    image = fields.Binary(attachment=True, required=True)
    client_uuid = fields.Char(
        string="Identifier", required=True, copy=False, default=lambda self: str(uuid4())
    )

    _uuid_uniq = models.UniqueIndex("(record_id, client_uuid)", "This photo has arrived already.")

    @api.model_create_multi
    def create(self, vals_list):
        records = self.env["expat.kpi.record"].browse(
            {vals["record_id"] for vals in vals_list if vals.get("record_id")}
        )
        records.check_access("write")
        records._check_editable()
        records._check_period()
        records._check_photos_allowed()
        by_id = {record.id: record for record in records}
        photos = super().create(
            [
                {**vals, "image": self._cleaned(by_id.get(vals.get("record_id")), vals)}
                for vals in vals_list
            ]
        )
        records._set_guarded({"has_photo": True})
        records._refresh_marks()
        return photos

    @api.model
    def _receive(self, vals):
        """A photo sent by a phone; the same one again is the one that is there.

        :return: (photo, whether it is new)
        """
        known = self.search(
            [("record_id", "=", vals["record_id"]), ("client_uuid", "=", vals["client_uuid"])]
        )
        if known:
            return known, False
        with arriving_once(self.env.cr):
            photo = self.create(vals)
            photo.flush_recordset()
        return photo, True

    # pylint: disable=method-required-super
    def write(self, vals):
        if vals:
            raise UserError(self.env._("A photo is added or taken away, not changed."))
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_while_editable(self):
        if self.env.context.get("expat_kpi_erase") is not ERASE:
            self.record_id._check_editable()
            self.record_id._check_period()

    def unlink(self):
        """Without a photo the record is shown by one no more, unless its time was over."""
        records = self.record_id
        result = super().unlink()
        if self.env.context.get("expat_kpi_erase") is not ERASE:
            bare = records.filtered(lambda record: not record.photo_ids)
            bare._set_guarded({"has_photo": False})
            bare._refresh_marks()
        return result

    def _erase_rows(self):
        """Take photos away whose time is over; that there was one stays known."""
        self.with_context(expat_kpi_erase=ERASE).unlink()

    @api.model
    def _cleaned(self, record, vals):
        company = (record or self.env["expat.kpi.record"]).company_id or self.env.company
        try:
            content = base64.b64decode(vals.get("image") or b"", validate=False)
        except (binascii.Error, ValueError, TypeError) as error:
            raise self._unreadable() from error
        self._check_size(len(content), company, vals.get("name"))
        content = cleaned(content)
        if not content:
            raise self._unreadable()
        return base64.b64encode(content)

    @api.model
    def _unreadable(self):
        return ValidationError(
            self.env._("This is no photo that can be read; HEIC is not. Take it as JPEG or PNG.")
        )

    @api.model
    def _check_size(self, size, company, name):
        # sudo: res.company – the limit is no secret
        limit = company.sudo().expat_kpi_file_mb
        if size > limit * MEGABYTE:
            raise ValidationError(
                self.env._(
                    "“%(file)s” has %(size)s MB, and at most %(limit)s MB are taken. Take the "
                    "photo in a smaller format, or make the file smaller.",
                    file=name or "photo",
                    size=-(-size // MEGABYTE),
                    limit=limit,
                )
            )


class ExpatKpiRecord(models.Model):
    _inherit = "expat.kpi.record"

    def _check_photos_allowed(self):
        for record, policy in self._policies().items():
            if not policy._rules().use_photos:
                raise ValidationError(
                    self.env._(
                        "No photos are kept in %(country)s: the policy of your company says so.",
                        country=record.country_id.name or "",
                    )
                )
