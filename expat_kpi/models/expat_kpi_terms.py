from odoo import fields, models
from odoo.exceptions import ValidationError

from ..engine.revision import TERMS, rounded, terms_problem
from ..tools.plan_sentences import terms_sentence


class ExpatKpiTerms(models.AbstractModel):
    """The numbers of a line that people negotiate: see the engine's `revision.TERMS`.

    Whoever has them has an ``indicator_id`` too. Models say for themselves how the
    numbers are entered and added up.
    """

    _name = "expat.kpi.terms"
    _description = "Negotiated Numbers"

    target = fields.Float(aggregator=None, digits=(16, 4))
    target_max = fields.Float(
        string="Upper Target",
        aggregator=None,
        digits=(16, 4),
        help="For an indicator that is to stay within a band: its upper end.",
    )
    threshold = fields.Float(
        aggregator=None,
        digits=(16, 4),
        help="The least that counts, on the worse side of the target. Empty or 0: none, whatever "
        "was reached counts.",
    )
    stretch = fields.Float(
        aggregator=None,
        digits=(16, 4),
        help="The best that is rewarded, on the better side of the target. Empty or 0: none, no "
        "more than the target is rewarded.",
    )
    weight = fields.Float(
        digits=(6, 2),
        help="Share of this line in the whole. The weights of all lines are 100 together.",
    )

    def _terms(self):
        """The numbers that are negotiated, rounded as they are kept."""
        self.ensure_one()
        return {name: rounded(name, self[name]) for name in TERMS}

    def _raise_unsound(self):
        """Refuse numbers that nobody could agree on."""
        for line in self:
            problem = terms_problem(line.indicator_id.direction or "more", **line._terms())
            if problem:
                raise ValidationError(terms_sentence(self.env, problem, line.indicator_id.name))
