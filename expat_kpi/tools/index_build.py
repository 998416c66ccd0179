"""Making an index beside the running business, without holding up its writes."""

import hashlib

from odoo.tools import SQL

# How long to wait for others' locks and for transactions that are still open.
LOCK_TIMEOUT = "30s"


class IndexBusy(Exception):
    """Somebody else is making this index at the moment."""


def index_name(table, columns):
    """Name of our index; PostgreSQL cuts names at 63 characters."""
    name = "_".join(["expat_kpi", table, *columns])
    if len(name) <= 63:
        return name
    return f"{name[:54]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def create_index(cr, table, columns, concurrently=True):
    """Make the index (owner, date) of a source's table, if it is not there.

    An interrupted build leaves an index that is invalid: written to and never
    read. It is dropped first. The lock keeps a second call from taking the build
    of the first for such a leftover; it ends with the session or by itself.

    :param cr: a cursor in autocommit if ``concurrently``: PostgreSQL builds in
        several transactions, and waits for all that were open before, the
        caller's own included
    :raise IndexBusy: another session is at it
    :return: whether an index was made
    """
    name = index_name(table, columns)
    cr.execute(SQL("SELECT pg_try_advisory_lock(hashtext(%s))", name))
    if not cr.fetchone()[0]:
        raise IndexBusy(name)
    try:
        return _create_locked(cr, name, table, columns, concurrently)
    finally:
        cr.execute(SQL("SELECT pg_advisory_unlock(hashtext(%s))", name))


def _create_locked(cr, name, table, columns, concurrently):
    cr.execute(
        SQL(
            """SELECT i.indisvalid
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE c.relname = %s AND i.indrelid = %s::regclass""",
            name,
            table,
        )
    )
    found = cr.fetchone()
    if found and found[0]:
        return False
    how = SQL("CONCURRENTLY") if concurrently else SQL()
    cr.execute(SQL("SET lock_timeout = %s", LOCK_TIMEOUT))
    try:
        if found:
            cr.execute(SQL("DROP INDEX %s IF EXISTS %s", how, SQL.identifier(name)))
        cr.execute(
            SQL(
                "CREATE INDEX %s IF NOT EXISTS %s ON %s (%s) WHERE %s IS NOT NULL",
                how,
                SQL.identifier(name),
                SQL.identifier(table),
                SQL(", ").join(SQL.identifier(column) for column in columns),
                SQL.identifier(columns[-1]),
            )
        )
    finally:
        if concurrently:
            cr.execute(SQL("RESET lock_timeout"))
    return True
