"""What a currency was worth on a day, for statements over many records."""

from odoo.tools import SQL

from ..engine.periods import Span


def rates(span: Span):
    """Common table expression `rate`: what each currency was worth on each day, per
    company and its own currency.

    Made once and joined; looking a rate up per record is an order of
    magnitude dearer. As in Odoo, a company's own rates go before shared ones,
    and the last one on or before the day is taken; unlike there, no rate
    before the day is no rate. A company's own currency has rate 1 unless the
    company keeps one.
    """
    return SQL(
        """, home AS (
            SELECT DISTINCT root_id, currency_id FROM span
        ), daily AS MATERIALIZED (
            SELECT DISTINCT ON (home.root_id, known.currency_id, day)
                   home.root_id, known.currency_id, day::date AS day, known.rate::numeric
              FROM (SELECT DISTINCT root_id FROM home) home
              JOIN (SELECT company_id, currency_id, rate, name AS since,
                           LEAD(name - 1, 1, 'infinity') OVER kept AS until
                      FROM res_currency_rate
                    WINDOW kept AS (PARTITION BY currency_id, company_id ORDER BY name, id)
                   ) known ON known.company_id IS NULL OR known.company_id = home.root_id
             CROSS JOIN generate_series(GREATEST(known.since, %(first)s::date),
                                        LEAST(known.until, %(last)s::date), '1 day') day
             WHERE known.since <= %(last)s::date AND known.until >= %(first)s::date
             ORDER BY home.root_id, known.currency_id, day, known.company_id NULLS LAST
        ), rate AS MATERIALIZED (
            SELECT theirs.root_id, home.currency_id AS home_id, theirs.currency_id, theirs.day,
                   theirs.rate, COALESCE(ours.rate, 1) AS home_rate
              FROM home
              JOIN daily theirs ON theirs.root_id = home.root_id
              LEFT JOIN daily ours ON ours.root_id = home.root_id
               AND ours.currency_id = home.currency_id AND ours.day = theirs.day
        )""",
        first=span.date_from,
        last=span.date_to,
    )
