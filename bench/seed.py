"""Records for the bench, written by SQL: employees, leads, meetings, orders, rates, postings.

The shape: 24 months up to the end of the present one; people differ in how much they do;
30 % of leads are won, 40 % lost (and archived), 30 % open; 70 % of meetings belong to an
opportunity; 60 % of orders are confirmed. Rows lie in date order, as they do in a database
that grew. Users and employees get the least that is valid.
"""

import datetime

# (zone, country): eight zones, among them half-hour ones and changing clocks of both halves.
PLACES = (
    ("Asia/Ho_Chi_Minh", "VN"),
    ("Asia/Kolkata", "IN"),
    ("Europe/Berlin", "DE"),
    ("America/New_York", "US"),
    ("America/Sao_Paulo", "BR"),
    ("Asia/Dubai", "AE"),
    ("Australia/Sydney", "AU"),
    ("America/St_Johns", "CA"),
)
CURRENCIES = ("USD", "EUR", "GBP", "VND", "INR")
CUSTOMERS = 20_000
TABLES = ("crm_lead", "calendar_event", "sale_order")


def months():
    """The first days of the 24 months, the present one last, and the day after them."""
    day = datetime.date.today().replace(day=1)
    result = [(day + datetime.timedelta(days=32)).replace(day=1)]
    for _month in range(24):
        result.append((result[-1] - datetime.timedelta(days=1)).replace(day=1))
    return result[::-1]


def records(cr, sizes):
    """All but the postings, whose table is our addon's."""
    first, *_between, end = months()
    cr.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
    cr.execute("SET work_mem = '128MB'; SET jit = off; SELECT setseed(0.42)")
    cr.execute("SELECT id FROM res_company ORDER BY id LIMIT 1")
    known = {"company": cr.fetchone()[0], "first": first, "end": end, "customers": CUSTOMERS}
    known |= {"employees": sizes.employees, "currencies": list(CURRENCIES)}
    known |= {"zones": [zone for zone, _country in PLACES]}
    for name, query in {
        "won": "SELECT min(id) FROM crm_stage WHERE is_won",
        "open": "SELECT array_agg(id ORDER BY sequence) FROM crm_stage WHERE is_won IS NOT TRUE",
        "team": "SELECT min(id) FROM crm_team",
        "groups": "SELECT array_agg(res_id) FROM ir_model_data WHERE model = 'res.groups' AND"
        " (module, name) IN (('base', 'group_user'), ('sales_team', 'group_sale_salesman'))",
    }.items():
        cr.execute(query)
        known[name] = cr.fetchone()[0]
    for statement in PEOPLE:
        cr.execute(statement, known)
    # Indexes and foreign keys cost most of a bulk load: made again, or checked, afterwards.
    cr.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND indexdef NOT LIKE '%%UNIQUE%%'",
        [list(TABLES)],
    )
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f'DROP INDEX "{name}"')
    cr.execute("SET session_replication_role = replica")
    for statement, count in ((LEADS, sizes.leads), (EVENTS, sizes.events), (ORDERS, sizes.orders)):
        cr.execute(statement, {**known, "count": count, "leads": sizes.leads})
    cr.execute("SET session_replication_role = origin")
    for _name, definition in indexes:
        cr.execute(definition)
    vacuum(cr)


def postings(cr):
    """Everybody is posted; a quarter of the people moved to another zone in mid-month."""
    first, *_between, end = months()
    moved = first + (end - first) // 2 + datetime.timedelta(days=11)
    cr.execute(
        """
        INSERT INTO expat_posting (employee_id, company_id, country_id, tz, date_from, date_to)
        SELECT b.employee_id, e.company_id, c.id, place.tz, span.date_from, span.date_to
          FROM bench_person b
          JOIN hr_employee e ON e.id = b.employee_id
         CROSS JOIN LATERAL (
            SELECT '2015-01-01'::date AS date_from, NULL::date AS date_to, 0 AS step
             WHERE b.n %% 4 > 0
             UNION ALL
            SELECT '2015-01-01', %(moved)s::date - 1, 0 WHERE b.n %% 4 = 0
             UNION ALL
            SELECT %(moved)s, NULL, 1 WHERE b.n %% 4 = 0) span
          JOIN unnest(%(zones)s, %(countries)s) WITH ORDINALITY AS place(tz, country, position)
            ON place.position - 1 = (b.n / 4 + span.step) %% %(places)s
          JOIN res_country c ON c.code = place.country
        """,
        {
            "moved": moved,
            "zones": [zone for zone, _country in PLACES],
            "countries": [country for _zone, country in PLACES],
            "places": len(PLACES),
        },
    )
    vacuum(cr, "expat_posting", *TABLES)


def vacuum(cr, *tables):
    for table in tables or (
        *TABLES,
        "res_users",
        "res_partner",
        "hr_employee",
        "hr_version",
        "resource_resource",
        "res_currency_rate",
        "bench_person",
    ):
        cr.execute(f"VACUUM (ANALYZE) {table}")


PEOPLE = (
    "DROP TABLE IF EXISTS bench_person, bench_customer",
    """
    INSERT INTO res_partner (name, complete_name, email, email_normalized, active, type, tz, lang,
                             autopost_bills, partner_share)
    SELECT 'Expat ' || i, 'Expat ' || i, e, e, true, 'contact',
           (%(zones)s::text[])[1 + i %% array_length(%(zones)s::text[], 1)], 'en_US', 'ask', false
      FROM generate_series(1, %(employees)s) i, LATERAL (SELECT 'bench' || i || '@example.com' e) x
    """,
    "UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL",
    """
    INSERT INTO res_users (company_id, partner_id, active, login, share, notification_type)
    SELECT %(company)s, id, true, email, false, 'email'
      FROM res_partner WHERE email LIKE 'bench%%@example.com' ORDER BY id
    """,
    """
    INSERT INTO res_company_users_rel (cid, user_id)
    SELECT %(company)s, id FROM res_users WHERE login LIKE 'bench%%@example.com'
    """,
    """
    INSERT INTO res_groups_users_rel (gid, uid)
    SELECT g, u.id FROM res_users u, unnest(%(groups)s::int[]) g
     WHERE u.login LIKE 'bench%%@example.com'
    """,
    """
    INSERT INTO resource_resource (name, resource_type, tz, active, time_efficiency, company_id,
                                   user_id)
    SELECT p.name, 'user', p.tz, true, 100, %(company)s, u.id
      FROM res_users u JOIN res_partner p ON p.id = u.partner_id
     WHERE u.login LIKE 'bench%%@example.com' ORDER BY u.id
    """,
    """
    INSERT INTO hr_employee (resource_id, company_id, user_id, work_contact_id, name, active)
    SELECT r.id, %(company)s, u.id, u.partner_id, r.name, true
      FROM resource_resource r JOIN res_users u ON u.id = r.user_id
     WHERE u.login LIKE 'bench%%@example.com' ORDER BY u.id
    """,
    """
    INSERT INTO hr_version (employee_id, company_id, last_modified_uid, hr_responsible_id,
                            distance_home_work_unit, marital, employee_type, date_version,
                            last_modified_date, active)
    SELECT e.id, e.company_id, 1, 2, 'kilometers', 'single', 'employee', %(first)s, now(), true
      FROM hr_employee e JOIN res_users u ON u.id = e.user_id
     WHERE u.login LIKE 'bench%%@example.com'
    """,
    """
    UPDATE hr_employee e SET current_version_id = v.id
      FROM hr_version v WHERE v.employee_id = e.id AND e.current_version_id IS NULL
    """,
    """
    CREATE TABLE bench_person AS
    SELECT row_number() OVER (ORDER BY u.id) - 1 AS n, u.id AS user_id, e.id AS employee_id
      FROM res_users u JOIN hr_employee e ON e.user_id = u.id
     WHERE u.login LIKE 'bench%%@example.com'
    """,
    "CREATE UNIQUE INDEX ON bench_person (n)",
    """
    INSERT INTO res_partner (name, complete_name, active, type, is_company, autopost_bills,
                             partner_share)
    SELECT 'Customer ' || i, 'Customer ' || i, true, 'contact', true, 'ask', true
      FROM generate_series(1, %(customers)s) i
    """,
    "UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL",
    """
    CREATE TABLE bench_customer AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, name
      FROM res_partner WHERE name LIKE 'Customer %%'
    """,
    "CREATE UNIQUE INDEX ON bench_customer (n)",
    "ANALYZE bench_person; ANALYZE bench_customer",
    "UPDATE res_currency SET active = true WHERE name = ANY(%(currencies)s)",
    """
    INSERT INTO res_currency_rate (currency_id, company_id, name, rate)
    SELECT c.id, %(company)s, d::date,
           1 + 0.1 * known.position + 0.05 * sin(extract(doy FROM d) / 58.0 + known.position)
      FROM unnest(%(currencies)s::text[]) WITH ORDINALITY AS known(name, position)
      JOIN res_currency c ON c.name = known.name
      JOIN res_company company ON company.id = %(company)s AND company.currency_id <> c.id
     CROSS JOIN generate_series(%(first)s::date - 1, %(end)s::date, interval '1 day') d
        ON CONFLICT DO NOTHING
    """,
)

LEADS = """
    INSERT INTO crm_lead (name, type, user_id, team_id, company_id, stage_id, partner_id,
        partner_name, contact_name, email_from, email_normalized, description, priority, active,
        won_status, probability, automated_probability, expected_revenue, prorated_revenue,
        date_open, date_conversion, date_last_stage_update, date_closed, day_open, day_close,
        create_uid, write_uid, create_date, write_date)
    SELECT 'Opportunity ' || i, 'opportunity', p.user_id, %(team)s, %(company)s,
           CASE WHEN status = 'won' THEN %(won)s
                ELSE (%(open)s::int[])[1 + i %% array_length(%(open)s::int[], 1)] END,
           c.id, c.name, 'Contact ' || c.n, 'c' || c.n || '@example.org',
           'c' || c.n || '@example.org', '<p>' || repeat('lorem ipsum ', 10) || '</p>', '1',
           status <> 'lost', status, CASE status WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 40 END,
           40, revenue, revenue * 0.4, created + interval '1 day',
           CASE WHEN i %% 2 = 0 THEN created + interval '1 day' END,
           COALESCE(closed, created), closed, 1, extract(epoch FROM closed - created) / 86400,
           p.user_id, p.user_id, created, COALESCE(closed, created)
      FROM (SELECT i, floor(%(employees)s * power(random(), 1.2))::int AS person,
                   floor(%(customers)s * random())::int AS customer,
                   random() AS r1, random() AS r2, random() AS r3
              FROM generate_series(1, %(count)s) i OFFSET 0) dice
      JOIN bench_person p ON p.n = dice.person
      JOIN bench_customer c ON c.n = dice.customer
     CROSS JOIN LATERAL (
        SELECT CASE WHEN r1 < 0.3 THEN 'won' WHEN r1 < 0.7 THEN 'lost' ELSE 'pending' END AS status,
               date_trunc('second', %(first)s::timestamp
                   + i::float / %(count)s * (%(end)s::timestamp - %(first)s::timestamp)) AS created,
               round((200 + 20000 * r3 * r3)::numeric, 2) AS revenue) a
     CROSS JOIN LATERAL (
        SELECT CASE WHEN status <> 'pending' THEN GREATEST(created, LEAST(
                   date_trunc('second', created + (1 + 59 * r2) * interval '1 day'),
                   date_trunc('second', %(end)s::timestamp - 25 * r2 * interval '1 day'
                                        - interval '1 second'))) END AS closed) b
     ORDER BY i
"""

EVENTS = """
    INSERT INTO calendar_event (name, user_id, start, stop, duration, allday, active, show_as,
        opportunity_id, description, create_uid, write_uid, create_date, write_date)
    SELECT 'Visit ' || i, p.user_id, s, s + interval '1 hour', 1, false, true, 'busy',
           CASE WHEN r1 < 0.7 THEN low.id + floor(r2 * %(leads)s)::int END, '<p>notes</p>',
           p.user_id, p.user_id, s - interval '3 days', s - interval '3 days'
      FROM (SELECT i, floor(%(employees)s * power(random(), 1.2))::int AS person,
                   random() AS r1, random() AS r2
              FROM generate_series(1, %(count)s) i OFFSET 0) dice
      JOIN bench_person p ON p.n = dice.person
     CROSS JOIN (SELECT min(id) AS id FROM crm_lead WHERE name LIKE 'Opportunity %%') low
     CROSS JOIN LATERAL (SELECT date_trunc('minute', %(first)s::timestamp
            + i::float / %(count)s * (%(end)s::timestamp - %(first)s::timestamp)) AS s) a
     ORDER BY i
"""

ORDERS = """
    INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id,
        user_id, team_id, currency_id, currency_rate, state, amount_untaxed, amount_tax,
        amount_total, invoice_status, date_order, create_uid, write_uid, create_date, write_date)
    SELECT 'B' || i, %(company)s, c.id, c.id, c.id, p.user_id, %(team)s, cur.id,
           COALESCE(rate.rate, 1),
           CASE WHEN r1 < 0.6 THEN 'sale' WHEN r1 < 0.85 THEN 'draft' ELSE 'cancel' END,
           amount, round(amount * 0.2, 2), amount + round(amount * 0.2, 2), 'to invoice', d,
           p.user_id, p.user_id, d - interval '2 days', d
      FROM (SELECT i, floor(%(employees)s * power(random(), 1.2))::int AS person,
                   floor(%(customers)s * random())::int AS customer,
                   random() AS r1, random() AS r2, random() AS r3
              FROM generate_series(1, %(count)s) i OFFSET 0) dice
      JOIN bench_person p ON p.n = dice.person
      JOIN bench_customer c ON c.n = dice.customer
      JOIN res_currency cur
        ON cur.name = (%(currencies)s::text[])[1 + floor(5 * r3 * r3)::int]
     CROSS JOIN LATERAL (
        SELECT date_trunc('second', %(first)s::timestamp
                   + i::float / %(count)s * (%(end)s::timestamp - %(first)s::timestamp)) AS d,
               round((50 + 5000 * r2 * r2)::numeric, 2) AS amount) a
      LEFT JOIN res_currency_rate rate ON rate.currency_id = cur.id AND rate.name = d::date
            AND rate.company_id = %(company)s
     ORDER BY i
"""
