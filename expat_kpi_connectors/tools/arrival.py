"""What two phones send at the same moment arrives once."""

from contextlib import contextmanager

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ConcurrencyError


@contextmanager
def arriving_once(cr):
    """Insert within it what has an identifier of the phone's, and was not found before.

    Phone A and phone B send the same at once: both look, find nothing, and insert. B waits
    for A at the unique index and fails. What B then sees is still the time before A's
    commit, so B's whole request begins anew, and finds what A has sent.
    """
    try:
        with cr.savepoint():
            yield
    except UniqueViolation as error:
        if "uuid_uniq" not in (error.diag.constraint_name or ""):
            raise
        raise ConcurrencyError("the same arrives twice at once") from error
