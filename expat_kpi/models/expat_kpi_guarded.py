from odoo import api, models
from odoo.exceptions import UserError


class ExpatKpiGuarded(models.AbstractModel):
    """Fields that the product sets itself, and nobody by create, write, import or context.

    A model lists them in ``_guarded_fields``. Views make them readonly, but a
    view is no protection: any call over RPC ends in `create` or `write`, and both
    refuse here, whoever calls. Business methods set them by `_set_guarded`.
    """

    _name = "expat.kpi.guarded"
    _description = "Guarded Fields"

    _guarded_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        # default_… keys of the context would be values nobody looked at
        context = {
            key: value
            for key, value in self.env.context.items()
            if not (key.startswith("default_") and key[8:] in self._guarded_fields)
        }
        cleaned = self.with_env(self.env(context=context))
        return super(ExpatKpiGuarded, cleaned).create(vals_list)

    def write(self, vals):
        self._check_guarded(vals)
        return super().write(vals)

    def _set_guarded(self, vals):
        """Write guarded fields; for the methods that own them."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    @api.model
    def _create_guarded(self, vals_list):
        """Create with guarded fields; for the methods that own them.

        Takes no default from the context: those would be values nobody looked at.
        """
        context = {
            key: value for key, value in self.env.context.items() if not key.startswith("default_")
        }
        cleaned = self.with_env(self.env(context=context))
        # pylint: disable-next=super-method-mismatch
        return super(ExpatKpiGuarded, cleaned).create(vals_list)

    def _spoken_to(self, user):
        """These records with their words in the language of a user who is told of them."""
        return self.with_context(lang=user.lang or self.env.lang)

    def _check_guarded(self, vals):
        touched = self._guarded_fields.intersection(vals)
        if touched:
            raise UserError(
                self.env._(
                    "“%(field)s” is set by the system and cannot be entered.",
                    field=self._fields[min(touched)].string,
                )
            )
