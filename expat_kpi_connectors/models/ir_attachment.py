import base64

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.photo import cleaned, is_picture
from ..tools.video import PositionTrack, without_position

RECORD = "expat.kpi.record"
_CONTENT = frozenset({"datas", "raw"})
_PLACE = _CONTENT | {"res_id", "res_model"}


class IrAttachment(models.Model):
    """Files of field records: no larger than the company allows, pictures and videos without
    a place."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        if any(self._is_of_record(vals) for vals in vals_list):
            vals_list = [
                self._record_file(vals) if self._is_of_record(vals) else vals for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        """Files come to a record later, too: what the composer of the chatter has uploaded is
        of the record once the message is sent."""
        if _PLACE.isdisjoint(vals) or vals.get("res_model", RECORD) != RECORD:
            return super().write(vals)
        files = self.filtered(lambda one: vals.get("res_model", one.res_model) == RECORD)
        for file in files:
            values = {"res_id": file.res_id, "name": file.name, **vals, "res_model": RECORD}
            if not _CONTENT.intersection(vals):
                values["raw"] = file.raw
            if self._is_of_record(values):
                values = self._record_file(values)
            super(IrAttachment, file).write(values)
        return super(IrAttachment, self - files).write(vals)

    @api.model
    def _is_of_record(self, vals):
        return vals.get("res_model") == RECORD and (vals.get("raw") or vals.get("datas"))

    @api.model
    def _record_file(self, vals):
        record = self.env[RECORD].browse(vals.get("res_id") or [])
        content = vals.get("raw") or base64.b64decode(vals["datas"])
        if isinstance(content, str):
            content = content.encode()
        # sudo: expat.kpi.record – its company and country; rights are checked by the attachment
        record = record.sudo().exists()
        self.env["expat.kpi.record.photo"]._check_size(
            len(content), record.company_id or self.env.company, vals.get("name")
        )
        kept, is_photo = self._kept_of_record(content)
        vals = {key: value for key, value in vals.items() if key not in _CONTENT}
        if not is_photo:
            return {**vals, "raw": kept}
        record._check_photos_allowed()
        return {**vals, "raw": kept, "mimetype": "image/jpeg"}

    @api.model
    def _kept_of_record(self, content):
        """(the bytes of a file as they are kept: without a position; whether it is a photo)

        :raise UserError: the position cannot be taken out
        """
        if picture := cleaned(content):
            return picture, True
        if is_picture(content):
            raise self.env["expat.kpi.record.photo"]._unreadable()
        try:
            return without_position(content), False
        except PositionTrack as error:
            raise UserError(
                self.env._(
                    "This video holds the positions of its whole way, which cannot be taken out. "
                    "Export it without GPS, or send photos."
                )
            ) from error
