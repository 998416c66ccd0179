"""The statement that makes the stored facts of a version equal to the records."""

from odoo.tools import SQL

from ..engine.periods import Span
from .fact_query import FactQuery


def refresh(query: FactQuery, version_id, span: Span):
    """Make the stored facts of ``span`` equal to the records; touch what differs.

    Whole spans are compared, not what changed lately: a deleted record, the
    old day of a re-dated one, a late commit and a new rate leave no trace
    that one could follow. Returns one row: cells added, changed, removed.
    """
    return SQL(
        """%(with)s, fresh AS (%(fresh)s), stored AS (
            SELECT id, employee_id, company_id, day, key, amount, count, fault_count
              FROM expat_kpi_fact
             WHERE version_id = %(version)s AND day BETWEEN %(first)s AND %(last)s
                   %(scope)s
        ), diff AS MATERIALIZED (
            SELECT stored.id, fresh.*
              FROM fresh
              FULL JOIN stored ON stored.day = fresh.day
               AND stored.employee_id = fresh.employee_id AND stored.key = fresh.key
             WHERE stored.id IS NULL
                OR fresh.employee_id IS NULL
                OR (stored.amount, stored.count, stored.fault_count, stored.company_id)
                   <> (fresh.amount, fresh.count, fresh.fault_count, fresh.company_id)
        ), gone AS (
            DELETE FROM expat_kpi_fact
             WHERE id = ANY(ARRAY(SELECT id FROM diff WHERE employee_id IS NULL))
            RETURNING id
        ), changed AS (
            UPDATE expat_kpi_fact fact
               SET amount = diff.amount, count = diff.count, company_id = diff.company_id,
                   fault_count = diff.fault_count
              FROM diff
             WHERE fact.id = ANY(ARRAY(
                    SELECT id FROM diff WHERE id IS NOT NULL AND employee_id IS NOT NULL))
               AND fact.id = diff.id
            RETURNING fact.id
        ), added AS (
            -- In the order of the unique index, whose pages then fill one by one.
            INSERT INTO expat_kpi_fact (version_id, employee_id, company_id, day, key,
                                        amount, count, fault_count)
            SELECT %(version)s, employee_id, company_id, day, key, amount, count, fault_count
              FROM diff WHERE id IS NULL
             ORDER BY day, employee_id, key
            RETURNING id
        )
        SELECT (SELECT COUNT(*) FROM added), (SELECT COUNT(*) FROM changed),
               (SELECT COUNT(*) FROM gone)""",
        **{"with": query._with(span)},
        fresh=query._fresh(span),
        version=version_id,
        first=span.date_from,
        last=span.date_to,
        scope=SQL("AND company_id = %s", query.company.id) if query.company else SQL(),
    )
