from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .expat_kpi_source import SUBDOMAIN_OPERATORS


class ExpatKpiSource(models.Model):
    """Sub-domains without conditions.

    ``("message_ids", "any", [])`` names no field of a message, and still tells
    whether there is one: the relation itself must be published.
    """

    _inherit = "expat.kpi.source"

    def _check_conditions(self, domain, prefix):
        published = self._published_paths("condition")
        for condition in domain.iter_conditions():
            path = prefix + condition.field_expr
            if (
                condition.operator in SUBDOMAIN_OPERATORS
                and path not in published
                and isinstance(condition.value, (Domain, list, tuple))
                and not any(Domain(condition.value).iter_conditions())
            ):
                raise ValidationError(
                    self.env._(
                        "“%(path)s” of “%(records)s” is not published for conditions. "
                        "An administrator can publish it.",
                        path=path,
                        records=self.name,
                    )
                )
        return super()._check_conditions(domain, prefix)
