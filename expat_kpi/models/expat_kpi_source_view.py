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
    # {model: field}: the records that rows are about. The field tells which; of several, the
    # first that is set.
    _records_fields = {}
    # Of a statement with an `active` of its own: the selection that tells why a row is not.
    _left_out_field = None

    @api.model
    def _is_readable(self):
        """Whether the application's tables are there, with the columns that are read."""
        models = self._records_fields
        return (
            bool(models)
            and all(model in self.env for model in models)
            and all(
                self._has_columns(table, *columns) for table, columns in self._tables_read.items()
            )
        )

    @api.model
    def _has_columns(self, table, *columns):
        # Asked with each refresh: the information schema would take ten times as long.
        rows = self.env.execute_query(
            SQL(
                """SELECT attname FROM pg_attribute
                    WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0
                      AND NOT attisdropped""",
                table,
            )
        )
        return bool(rows) and set(columns) <= {name for (name,) in rows}

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
        """{id of a row: (model, id) of the application's record that it is about}"""
        names = self._records_fields.values()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL.identifier(self._table),
                list(self.ids),
            )
        )
        return {
            row_id: next(
                (model, record_id)
                for model, record_id in zip(self._records_fields, found, strict=True)
                if record_id
            )
            for row_id, *found in rows
        }
