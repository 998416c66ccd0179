from contextlib import contextmanager

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tools import SQL, formatLang

from ..tools.fact_query import FactQuery
from ..tools.index_build import IndexBusy, create_index

# Below so many records a pass over all of them is as fast.
LARGE = 20_000


class ExpatKpiMeasure(models.Model):
    """An index for measures on large tables.

    Without one, each refresh passes over the records of the whole time. HR
    officers are told; an administrator makes the index with one click.
    """

    _inherit = "expat.kpi.measure"

    index_hint = fields.Char(compute="_compute_index_hint", groups="expat_kpi.group_officer")

    @api.depends(lambda self: self._definition_fields())
    @api.depends_context("lang")
    def _compute_index_hint(self):
        for measure in self:
            count = measure._records_without_index()
            measure.index_hint = bool(count) and self.env._(
                "There are about %(count)s records and no index on “%(owner)s” and “%(date)s”. "
                "An administrator can make one: refreshing this measure gets faster.",
                count=formatLang(self.env, count, digits=0),
                owner=measure.owner_field_id.display_name,
                date=measure.date_field_id.display_name,
            )

    def _records_without_index(self):
        """About how many records are looked through for want of an index; 0: few, or
        no index could help."""
        self.ensure_one()
        query = self._index_query()
        if not query or not query.index_columns() or query.has_index():
            return 0
        [(count,)] = self.env.execute_query(
            SQL(
                "SELECT GREATEST(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass",
                query.model._table,
            )
        )
        return count if count > LARGE else 0

    def _index_query(self):
        try:
            return FactQuery(self.env, self._definition())
        except (ValidationError, UserError):
            return None

    def action_create_index(self):
        """Make the index that the hint asks for; for administrators.

        What was entered before this call is committed: PostgreSQL waits for all
        transactions that began before the build, and would wait for this one too.
        """
        self.ensure_one()
        if not self.env.user.has_group("expat_kpi.group_administrator"):
            raise AccessError(self.env._("Indexes are made by an administrator."))
        query = self._index_query()
        columns = query.index_columns() if query else ()
        if not columns:
            raise UserError(
                self.env._(
                    "No index would help here: the owner or the date is not a column of the "
                    "records themselves."
                )
            )
        try:
            with self._index_cursor() as (cr, concurrently):
                is_new = create_index(cr, query.model._table, columns, concurrently)
        except IndexBusy as error:
            raise UserError(
                self.env._("This index is being made at the moment. Look again in some minutes.")
            ) from error
        except psycopg2.Error as error:
            raise UserError(
                self.env._(
                    "The index could not be made, and nothing has changed: %(error)s "
                    "Try again when the database is less busy.",
                    error=str(error).strip().split("\n")[0],
                )
            ) from error
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The index is made.")
                if is_new
                else self.env._("The index was there already."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @contextmanager
    def _index_cursor(self):
        """A connection of its own, without a transaction around its statements."""
        self.env.flush_all()
        # See action_create_index.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        with db_connect(self.env.cr.dbname).cursor() as cr:
            cr._cnx.autocommit = True
            try:
                yield cr, True
            finally:
                cr._cnx.autocommit = False
