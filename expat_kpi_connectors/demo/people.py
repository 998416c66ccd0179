"""Who is posted where, under whom, and which days are worked there."""

from collections import namedtuple
from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from odoo import Command

Place = namedtuple("Place", "country tz")

PLACES = {
    "vn": Place("vn", "Asia/Ho_Chi_Minh"),
    "th": Place("th", "Asia/Bangkok"),
    "my": Place("my", "Asia/Kuala_Lumpur"),
    "id": Place("id", "Asia/Jakarta"),
    "de": Place("de", "Europe/Berlin"),
    "at": Place("at", "Europe/Vienna"),
    "ch": Place("ch", "Europe/Zurich"),
    "pl": Place("pl", "Europe/Warsaw"),
    "br": Place("br", "America/Sao_Paulo"),
}

# Below Zhang Min, the manager who can log in. These have no password: an administrator gives one.
MANAGERS = {
    "huang": "Huang Lei",
    "zhao": "Zhao Jing",
    "sun": "Sun Hao",
    "becker": "Julia Becker",
    "nowak": "Anna Nowak",
}


class Expat:
    """One of the 15, and how they did.

    :param manager: login
    :param won: opportunities won in the quarter under way
    :param lost: and lost
    :param new: of those won, with customers who had never bought before
    :param visits: a month
    :param happy: good ratings of ten
    :param days: from order to delivery
    """

    def __init__(self, login, name, place, manager, won, lost, new, visits, happy, days):
        self.login = login
        self.name = name
        self.place = PLACES[place]
        self.manager = manager
        self.won, self.lost, self.new = won, lost, new
        self.visits, self.happy, self.days = visits, happy, days
        self.is_new = not won
        self.user = self.employee = self.posting = None


# The first four can log in; they stand in the demo data of expat_kpi. Chen Wei has only arrived.
LOGGING_IN = 4
EXPATS = (
    ("lan", "Nguyen Thi Lan", "vn", "manager", 7, 17, 5, 13, 9, 38),
    ("somchai", "Somchai Prasert", "th", "manager", 4, 13, 3, 11, 8, 44),
    ("ana", "Ana Souza", "br", "manager", 2, 12, 1, 9, 7, 58),
    ("wei", "Chen Wei", "de", "manager", 0, 0, 0, 7, 0, 0),
    ("yang", "Liu Yang", "vn", "huang", 6, 17, 4, 12, 9, 41),
    ("bao", "Pham Quoc Bao", "vn", "huang", 5, 15, 3, 10, 8, 47),
    ("fang", "Wang Fang", "th", "zhao", 8, 19, 6, 15, 10, 36),
    ("aisyah", "Nurul Aisyah", "my", "zhao", 5, 14, 4, 12, 9, 43),
    ("ming", "Xu Ming", "id", "sun", 3, 15, 2, 8, 7, 53),
    ("dewi", "Dewi Lestari", "id", "sun", 6, 18, 5, 13, 8, 40),
    ("chao", "Ma Chao", "de", "becker", 5, 16, 3, 11, 9, 42),
    ("lukas", "Lukas Huber", "at", "becker", 6, 15, 4, 12, 10, 35),
    ("yan", "Zhou Yan", "pl", "nowak", 3, 14, 2, 8, 8, 50),
    ("piotr", "Piotr Zieliński", "pl", "nowak", 7, 18, 5, 14, 9, 39),
    ("peng", "Gao Peng", "ch", "nowak", 4, 13, 3, 10, 8, 46),
)

# Of each country (month, day, how many days, name)
FIXED = {
    "vn": [
        (1, 1, 1, "New Year"),
        (4, 30, 2, "Reunification and Labour Day"),
        (9, 2, 2, "National Day"),
    ],
    "th": [
        (1, 1, 1, "New Year"),
        (4, 13, 3, "Songkran"),
        (5, 1, 1, "Labour Day"),
        (10, 13, 1, "King Bhumibol Memorial Day"),
        (12, 5, 1, "Father's Day"),
        (12, 10, 1, "Constitution Day"),
        (12, 31, 1, "New Year's Eve"),
    ],
    "my": [
        (1, 1, 1, "New Year"),
        (5, 1, 1, "Labour Day"),
        (8, 31, 1, "Merdeka"),
        (9, 16, 1, "Malaysia Day"),
        (12, 25, 1, "Christmas"),
    ],
    "id": [
        (1, 1, 1, "New Year"),
        (5, 1, 1, "Labour Day"),
        (6, 1, 1, "Pancasila Day"),
        (8, 17, 1, "Independence Day"),
        (12, 25, 1, "Christmas"),
    ],
    "de": [
        (1, 1, 1, "New Year"),
        (1, 6, 1, "Epiphany"),
        (5, 1, 1, "Labour Day"),
        (10, 3, 1, "Unity Day"),
        (11, 1, 1, "All Saints"),
        (12, 25, 2, "Christmas"),
    ],
    "at": [
        (1, 1, 1, "New Year"),
        (1, 6, 1, "Epiphany"),
        (5, 1, 1, "Labour Day"),
        (8, 15, 1, "Assumption"),
        (10, 26, 1, "National Day"),
        (11, 1, 1, "All Saints"),
        (12, 8, 1, "Immaculate Conception"),
        (12, 25, 2, "Christmas"),
    ],
    "ch": [
        (1, 1, 2, "New Year"),
        (5, 1, 1, "Labour Day"),
        (8, 1, 1, "National Day"),
        (12, 25, 2, "Christmas"),
    ],
    "pl": [
        (1, 1, 1, "New Year"),
        (1, 6, 1, "Epiphany"),
        (5, 1, 1, "Labour Day"),
        (5, 3, 1, "Constitution Day"),
        (8, 15, 1, "Assumption"),
        (11, 1, 1, "All Saints"),
        (11, 11, 1, "Independence Day"),
        (12, 24, 3, "Christmas"),
    ],
    "br": [
        (1, 1, 1, "New Year"),
        (4, 21, 1, "Tiradentes"),
        (5, 1, 1, "Labour Day"),
        (9, 7, 1, "Independence Day"),
        (10, 12, 1, "Our Lady of Aparecida"),
        (11, 2, 1, "All Souls"),
        (11, 15, 1, "Republic Day"),
        (11, 20, 1, "Black Awareness Day"),
        (12, 25, 1, "Christmas"),
    ],
}
GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI = -2, 1, 39, 50, 60
# Days after Easter
BY_EASTER = {
    "de": {
        GOOD_FRIDAY: "Good Friday",
        EASTER_MONDAY: "Easter Monday",
        ASCENSION: "Ascension",
        WHIT_MONDAY: "Whit Monday",
        CORPUS_CHRISTI: "Corpus Christi",
    },
    "at": {
        EASTER_MONDAY: "Easter Monday",
        ASCENSION: "Ascension",
        WHIT_MONDAY: "Whit Monday",
        CORPUS_CHRISTI: "Corpus Christi",
    },
    "ch": {
        GOOD_FRIDAY: "Good Friday",
        EASTER_MONDAY: "Easter Monday",
        ASCENSION: "Ascension",
        WHIT_MONDAY: "Whit Monday",
    },
    "pl": {EASTER_MONDAY: "Easter Monday", CORPUS_CHRISTI: "Corpus Christi"},
    "br": {
        -48: "Carnival",
        -47: "Carnival",
        GOOD_FRIDAY: "Good Friday",
        CORPUS_CHRISTI: "Corpus Christi",
    },
}
# By the moon; in years that are not here these holidays are missing, and the demo stands.
LUNAR_NEW_YEAR = [
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
    date(2031, 1, 23),
]
# Country: (days before, how many days, name)
BY_LUNAR_NEW_YEAR = {"vn": (1, 5, "Tết"), "my": (0, 2, "Chinese New Year")}
EID = [
    date(2026, 3, 20),
    date(2027, 3, 10),
    date(2028, 2, 27),
    date(2029, 2, 14),
    date(2030, 2, 5),
    date(2031, 1, 24),
]
BY_EID = {"my": (0, 2, "Hari Raya"), "id": (1, 5, "Idul Fitri")}


def make(env, days):
    """Managers, expats, calendars and postings. Those who can log in are there already."""
    _make_people(env, days)
    expats = found(env)
    _make_calendars(env, days, expats)
    return expats


def found(env):
    """The 15 as they are in the database."""
    expats = [Expat(*row) for row in EXPATS]
    logins = [expat.login for expat in expats]
    users = env["res.users"].search([("login", "in", logins)]).grouped("login")
    for expat in expats:
        expat.user = users[expat.login]
        expat.employee = expat.user.employee_ids[:1]
        expat.posting = expat.employee.posting_ids[:1]
    return expats


def _make_people(env, days):
    company = env.ref("base.main_company")
    chief = env.ref("expat_kpi.employee_manager")
    manager_job = env.ref("expat_kpi.job_overseas_manager")
    job = env.ref("expat_kpi.job_overseas_sales")
    new = [Expat(*row) for row in EXPATS[LOGGING_IN:]]
    names = {
        **{login: (name, "Asia/Shanghai") for login, name in MANAGERS.items()},
        **{expat.login: (expat.name, expat.place.tz) for expat in new},
    }
    groups = [env.ref("base.group_user").id, env.ref("sales_team.group_sale_salesman").id]
    users = env["res.users"].create(
        [
            {
                "name": name,
                "login": login,
                "email": f"{login}@example.com",
                "tz": tz,
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set(groups)],
            }
            for login, (name, tz) in names.items()
        ]
    )
    there = [env.ref(f"expat_kpi.user_{row[0]}") for row in EXPATS[:LOGGING_IN]]
    hr, boss = env.ref("expat_kpi.user_hr"), env.ref("expat_kpi.user_manager")
    # What is told in the story waits in their inboxes and is not sent out.
    users.union(hr, boss, *there).notification_type = "inbox"
    by_login = users.grouped("login")

    def employees(values):
        """{login: employee}"""
        made = env["hr.employee"].create(
            [
                {
                    "name": names[login][0],
                    "user_id": by_login[login].id,
                    "company_id": company.id,
                    **more,
                }
                for login, more in values.items()
            ]
        )
        return dict(zip(values, made, strict=True))

    managers = {
        "manager": chief,
        **employees(
            {login: {"parent_id": chief.id, "job_id": manager_job.id} for login in MANAGERS}
        ),
    }
    posted = employees(
        {expat.login: {"parent_id": managers[expat.manager].id, "job_id": job.id} for expat in new}
    )
    env["expat.posting"].create(
        [
            {
                "employee_id": posted[expat.login].id,
                "country_id": env.ref(f"base.{expat.place.country}").id,
                "tz": expat.place.tz,
                "job_id": job.id,
                # Some years ago, not all on the same day
                "date_from": days.today + relativedelta(years=-3, day=1, months=number % 7),
            }
            for number, expat in enumerate(new)
        ]
    )


def _make_calendars(env, days, expats):
    """Working hours of each host country, with the public holidays of the year that begins with
    the quarter under way."""
    there = {}
    for expat in expats:
        there.setdefault(expat.place, []).append(expat)
    company = env.ref("base.main_company")
    calendars = env["resource.calendar"].create(
        [
            {
                "name": f"{env.ref(f'base.{place.country}').name}, 40 hours",
                "company_id": company.id,
                "tz": place.tz,
            }
            for place in there
        ]
    )
    wanted = []
    for (place, here), calendar in zip(there.items(), calendars, strict=True):
        env["expat.posting"].union(*(expat.posting for expat in here)).write(
            {"resource_calendar_id": calendar.id}
        )
        wanted += [
            (day, name, place, calendar)
            for year in (days.quarter.year, days.quarter.year + 1)
            for day, name in sorted(holidays(place.country, year).items())
            if days.quarter <= day < days.quarter + relativedelta(years=1)
        ]
    made = env["resource.calendar.leaves"].create(
        [
            {
                "name": name,
                "calendar_id": calendar.id,
                "company_id": company.id,
                "date_from": days.moment(day, "UTC", 0),
                "date_to": days.moment(day, "UTC", 23, 59),
            }
            for day, name, _place, calendar in wanted
        ]
    )
    # Time Off takes the hours for those of the calendar, Odoo without it for UTC.
    for leave, (day, _name, place, _calendar) in zip(made, wanted, strict=True):
        start = days.moment(day, place.tz, 0)
        if leave.date_from != start:
            leave.write({"date_from": start, "date_to": days.moment(day, place.tz, 23, 59)})


def holidays(country, year):
    """{day: name}"""
    found = [(date(year, month, day), length, name) for month, day, length, name in FIXED[country]]
    found += [
        (easter(year) + timedelta(days=after), 1, name)
        for after, name in BY_EASTER.get(country, {}).items()
    ]
    for moons, rules in ((LUNAR_NEW_YEAR, BY_LUNAR_NEW_YEAR), (EID, BY_EID)):
        if country in rules:
            before, length, name = rules[country]
            found += [
                (moon - timedelta(days=before), length, name) for moon in moons if moon.year == year
            ]
    return {
        first + timedelta(days=number): name
        for first, length, name in found
        for number in range(length)
    }
