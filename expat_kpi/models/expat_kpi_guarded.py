from odoo import api, models
from odoo.exceptions import UserError

_GRANT = "expat_kpi_grant"


class _Grant:
    """Leave to write these fields of these records, or to create with them, once.

    It travels in the context, since a guarded field takes the way of every other one:
    through `write` and `create`, where rules of automation and the tracking of changes
    look at it. A call over RPC brings plain values, never one of these.
    """

    def __init__(self, records, vals):
        self.covered = self._key(records, vals)

    @staticmethod
    def _key(records, vals):
        """What is covered; ``vals`` is a list where records are created.

        Another addon's `create` may add values of its own fields on the way.
        """
        if isinstance(vals, list):
            return records._name, [records._guarded_fields.intersection(one) for one in vals]
        return records._name, records._ids, frozenset(vals)

    def covers(self, records, vals):
        return self.covered == self._key(records, vals)


class ExpatKpiGuarded(models.AbstractModel):
    """Fields that the product sets itself, and nobody by create, write, import or context.

    A model lists them in ``_guarded_fields``; stored fields that are computed, or related,
    and not to be entered are among them anyway. Views make them readonly, but a
    view is no protection: any call over RPC ends in `create` or `write`, and both
    refuse here, whoever calls. Business methods set them by `_set_guarded`.
    """

    _name = "expat.kpi.guarded"
    _description = "Guarded Fields"

    _guarded_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        is_granted = self._is_granted(vals_list)
        if is_granted:
            self.env.context[_GRANT].covered = None
        for vals in [] if is_granted else vals_list:
            self._check_guarded(vals)
        # default_… keys of the context would be values nobody looked at
        context = {
            key: value
            for key, value in self.env.context.items()
            if key != _GRANT and not (key.startswith("default_") and self._is_guarded(key[8:]))
        }
        cleaned = self.with_env(self.env(context=context))
        return super(ExpatKpiGuarded, cleaned).create(vals_list)

    def write(self, vals):
        if not self._is_granted(vals):
            self._check_guarded(vals)
            return super().write(vals)
        # What follows from this write has no leave of its own.
        self.env.context[_GRANT].covered = None
        context = {key: value for key, value in self.env.context.items() if key != _GRANT}
        return super(ExpatKpiGuarded, self.with_env(self.env(context=context))).write(vals)

    def _set_guarded(self, vals):
        """Write guarded fields; for the methods that own them."""
        return self.with_context(**{_GRANT: _Grant(self, vals)}).write(vals)

    def _is_granted(self, vals):
        """Whether this very write comes from `_set_guarded`, or this very `create` from
        `_create_guarded`: what a model's own method asks of people does not apply."""
        grant = self.env.context.get(_GRANT)
        return isinstance(grant, _Grant) and grant.covers(self, vals)

    @api.model
    def _create_guarded(self, vals_list):
        """Create with guarded fields; for the methods that own them."""
        granted = self._granted_to_create(vals_list)
        made = granted.create(vals_list)
        context = {key: value for key, value in granted.env.context.items() if key != _GRANT}
        return made.with_env(self.env(context=context))

    def _granted_to_create(self, vals_list):
        """The model with leave to create just these. For a `create` that completes what it
        was given with guarded fields: it calls super's with it, so that there is one creation
        for whoever looks on.

        Takes no default from the context: those would be values nobody looked at.
        """
        context = {
            key: value for key, value in self.env.context.items() if not key.startswith("default_")
        }
        context[_GRANT] = _Grant(self, vals_list)
        return self.browse().with_env(self.env(context=context))

    def _spoken_to(self, user):
        """These records with their words in the language of a user who is told of them."""
        return self.with_context(lang=user.lang or self.env.lang)

    def _check_guarded(self, vals):
        touched = {name for name in vals if self._is_guarded(name)}
        if touched:
            raise UserError(
                self.env._(
                    "“%(field)s” is set by the system and cannot be entered.",
                    field=self._fields[min(touched)].string,
                )
            )

    @api.model
    def _is_guarded(self, name):
        # The ORM takes values for stored fields that follow from others, too.
        field = self._fields.get(name)
        follows = field and field.store and field.compute and field.readonly
        return bool(follows) or name in self._guarded_fields
