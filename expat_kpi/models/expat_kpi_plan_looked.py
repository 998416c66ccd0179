from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# Looks that are nearer to each other belong to one visit, in which the marks stay.
VISIT = timedelta(minutes=15)


class ExpatKpiPlan(models.Model):
    """What has changed since the reader looked at a plan.

    A list tells what is newer than the last look; the page of a plan, opening which is
    a look itself, what is newer than the visit before. What has never been looked at
    has not changed since.
    """

    _inherit = "expat.kpi.plan"

    is_changed = fields.Boolean(
        string="Changed Since You Looked", compute="_compute_change", search="_search_is_changed"
    )
    change_text = fields.Char(string="Since You Looked", compute="_compute_change")
    visit_text = fields.Char(string="Since Your Last Visit", compute="_compute_visit_text")

    @api.depends("latest_revision_id", "proposal_ids")
    @api.depends_context("uid", "lang")
    def _compute_change(self):
        looks = self._looks()
        told = self._changes_since(
            {plan: (look.revision_id, look.date) for plan, look in looks.items()}
        )
        for plan in self:
            plan.change_text = told.get(plan._origin)
            plan.is_changed = bool(plan.change_text)

    @api.depends("latest_revision_id", "proposal_ids", "line_ids")
    @api.depends_context("uid", "lang", "tz")
    def _compute_visit_text(self):
        looks = self._looks()
        told = self._changes_since(
            {plan: (look.before_id, look.date_before) for plan, look in looks.items()},
            with_dropped=True,
        )
        for plan in self:
            text = told.get(plan._origin)
            plan.visit_text = text and self.env._(
                "Changed since you looked on %(day)s: %(what)s",
                day=format_date(
                    self.env,
                    fields.Datetime.context_timestamp(self, looks[plan._origin].date_before),
                ),
                what=text,
            )

    def _search_is_changed(self, operator, value):
        if operator != "in":
            return NotImplemented
        if len(set(value)) != 1:
            return Domain.TRUE if value else Domain.FALSE
        self.flush_model(["latest_revision_id"])
        self.env["expat.kpi.proposal"].flush_model(["plan_id", "user_id", "date"])
        changed = SQL(
            """(SELECT plan.id
                  FROM expat_kpi_plan plan
                  JOIN expat_kpi_plan_look look ON look.plan_id = plan.id
                 WHERE look.user_id = %(user)s AND (look.revision_id <> plan.latest_revision_id
                    OR EXISTS (SELECT FROM expat_kpi_proposal proposal
                                WHERE proposal.plan_id = plan.id
                                  AND proposal.user_id <> %(user)s
                                  AND proposal.date > look.date)))""",
            user=self.env.uid,
        )
        return Domain("id", "in" if True in value else "not in", changed)

    def _looks(self):
        """{plan: the reader's look at it}"""
        looks = self.env["expat.kpi.plan.look"].search(
            [("user_id", "=", self.env.uid), ("plan_id", "in", self._origin.ids)]
        )
        # Versions are of plans that the reader may read: one query for all of them.
        (looks.revision_id | looks.before_id | self.latest_revision_id).fetch(["number"])
        return {look.plan_id: look for look in looks}

    def _others_proposals(self, since):
        """{plan: the proposals that others have made since}, for {plan: moment}."""
        if not since:
            return {}
        plans = self.browse().union(*since)
        found = self.env["expat.kpi.proposal"].search_fetch(
            [
                ("plan_id", "in", plans.ids),
                ("user_id", "!=", self.env.uid),
                ("date", ">", min(since.values())),
            ],
            ["plan_id", "indicator_id", "date"],
        )
        return {
            plan: proposals.filtered(lambda one, plan=plan: one.date > since[plan])
            for plan, proposals in found.grouped("plan_id").items()
        }

    def _changes_since(self, seen, *, with_dropped=False):
        """{plan: in words, what is newer}, for {plan: (version, moment)}."""
        proposals = self._others_proposals({plan: moment for plan, (_one, moment) in seen.items()})
        result = {}
        for plan, (version, _moment) in seen.items():
            parts = []
            if version != plan.latest_revision_id:
                parts.append(
                    self.env._(
                        "version %(old)s → %(new)s",
                        old=version.number,
                        new=plan.latest_revision_id.number,
                    )
                )
            count = len(proposals.get(plan, ()))
            if count == 1:
                parts.append(self.env._("a proposal"))
            elif count:
                parts.append(self.env._("%(count)s proposals", count=count))
            if with_dropped and parts:
                parts += plan._dropped_since(version)
            if parts:
                result[plan] = ", ".join(parts)
        return result

    def _dropped_since(self, version):
        """Lines that are not there to be marked any more, in words."""
        kept = self.line_ids.indicator_id
        return [
            self.env._("dropped: %(line)s", line=line["name"])
            for line in version._content()["lines"]
            if line["indicator"] not in kept.ids
        ]

    def _contents_since(self):
        """{plan: lines of the content seen before this visit, of the latest, and the proposals
        that others have made since}; lines are by indicator id."""
        looks = self._looks()
        proposals = self._others_proposals({plan: look.date_before for plan, look in looks.items()})

        def lines(version):
            return {line["indicator"]: line for line in version._content()["lines"]}

        return {
            plan: (
                lines(look.before_id),
                lines(plan.latest_revision_id),
                proposals.get(plan, self.env["expat.kpi.proposal"]),
            )
            for plan, look in looks.items()
            if plan.latest_revision_id
        }

    def note_look(self):
        """The reader has opened these plans; called by their page, never by a list.

        One statement: two pages that open at once do not fall over each other.
        """
        self.check_access("read")
        seen = self.filtered("latest_revision_id")
        if not seen:
            return False
        now = fields.Datetime.now()
        self.env["expat.kpi.plan.look"].flush_model()
        self.env.execute_query(
            SQL(
                """INSERT INTO expat_kpi_plan_look AS look
                          (user_id, plan_id, revision_id, date, before_id, date_before)
                   SELECT %(user)s, new.plan, new.revision, %(now)s, new.revision, %(now)s
                     FROM unnest(%(plans)s::int[], %(revisions)s::int[]) AS new(plan, revision)
                       ON CONFLICT (user_id, plan_id) DO UPDATE
                      SET revision_id = EXCLUDED.revision_id, date = EXCLUDED.date,
                          before_id = CASE WHEN look.date < %(visit)s
                                           THEN look.revision_id ELSE look.before_id END,
                          date_before = CASE WHEN look.date < %(visit)s
                                             THEN look.date ELSE look.date_before END
                RETURNING id""",
                user=self.env.uid,
                now=now,
                visit=now - VISIT,
                plans=seen.ids,
                revisions=[plan.latest_revision_id.id for plan in seen],
            )
        )
        self.env["expat.kpi.plan.look"].invalidate_model(flush=False)
        self.invalidate_model(["is_changed", "change_text", "visit_text"], flush=False)
        return True
