from odoo import api, models
from odoo.tools import SQL, sql


class ExpatKpiSourceView(models.AbstractModel):
    """A statement over an application's tables, to be published as a source.

    For what the application keeps in no field: whether one date is before another, when
    something happened first. Nobody has access to it; records are opened in the
    application's own model, under the reader's rights.

    The application may be missing, come later and go: then the view is empty, and the
    source is not available. Each such model says itself that it has no table (`_auto`).
    """

    _name = "expat.kpi.source.view"
    _description = "Statement as a Source"
    _auto = False
    _log_access = False

    # {table: columns} without which there is nothing to be read
    _tables_read = {}
    # The model whose records are behind it, and the field that tells which
    _records_model = None
    _records_field = "id"

    @api.model
    def _is_readable(self):
        """Whether the application's tables are there, with the columns that are read."""
        return self._records_model in self.env and all(
            self._has_columns(table, *columns) for table, columns in self._tables_read.items()
        )

    @api.model
    def _has_columns(self, table, *columns):
        return sql.table_exists(self.env.cr, table) and set(columns) <= set(
            sql.table_columns(self.env.cr, table)
        )

    def init(self):
        self._create_view(self._is_readable())

    @api.model
    def _create_view(self, is_readable):
        """Make the view anew: the real one, or one without rows."""
        sql.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL(
                "CREATE VIEW %s AS (%s)",
                SQL.identifier(self._table),
                self._statement() if is_readable else self._empty_statement(),
            )
        )

    def _statement(self):
        """SELECT with a column for each stored field."""
        raise NotImplementedError

    def _empty_statement(self):
        columns = [
            SQL(
                "NULL::%s AS %s",
                SQL(field.column_type[1]),  # pylint: disable=sql-injection
                SQL.identifier(name),
            )
            for name, field in self._fields.items()
            if field.store and field.column_type
        ]
        return SQL("SELECT %s WHERE FALSE", SQL(", ").join(columns))

    def _records_behind(self):
        """The application's records that rows of the view are about."""
        ids = self.ids
        if self._records_field != "id":
            rows = self.env.execute_query(
                SQL(
                    "SELECT %s FROM %s WHERE id = ANY(%s)",
                    SQL.identifier(self._records_field),
                    SQL.identifier(self._table),
                    ids,
                )
            )
            ids = [row[0] for row in rows]
        return self.env[self._records_model].browse(dict.fromkeys(ids))
