"""What the 15 did in the last year: opportunities, visits, meetings, and what customers said."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from .people import holidays

PRODUCTS = (
    "Brake discs",
    "Wheel hubs",
    "Control arms",
    "Door seals",
    "Wiring harnesses",
    "Steering knuckles",
    "Radiator fans",
    "Air filters",
    "Shock absorbers",
)
# A customer is a town and a trade.
TOWNS = {
    "vn": "Bac Ninh,Bien Hoa,Binh Duong,Can Tho,Da Nang,Hai Duong,Ha Nam,Hue,Hung Yen,Long An,"
    "Nam Dinh,Quang Nam,Thai Nguyen,Vinh Phuc",
    "th": "Ayutthaya,Bangna,Chachoengsao,Chonburi,Khon Kaen,Korat,Lamphun,Nonthaburi,"
    "Pathum Thani,Prachinburi,Samut Prakan,Saraburi,Sriracha,Thonburi",
    "my": "Bangi,Ipoh,Johor,Klang,Kulim,Malacca,Muar,Pahang,Penang,Perai,Rawang,Selangor,"
    "Seremban,Shah Alam",
    "id": "Bandung,Batam,Bekasi,Bogor,Cikarang,Depok,Gresik,Karawang,Malang,Medan,Semarang,"
    "Sidoarjo,Solo,Tangerang",
    "de": "Aalen,Augsburg,Bochum,Chemnitz,Esslingen,Fulda,Heilbronn,Ingolstadt,Kassel,Leipzig,"
    "Neckarsulm,Reutlingen,Ulm,Zwickau",
    "at": "Bregenz,Dornbirn,Graz,Innsbruck,Klagenfurt,Krems,Leoben,Linz,Salzburg,Steyr,Villach,"
    "Wels,Wien,Wolfsberg",
    "ch": "Aarau,Baden,Basel,Bern,Biel,Chur,Frauenfeld,Luzern,Olten,Schaffhausen,Thun,Winterthur,"
    "Zug,Zürich",
    "pl": "Bielsko,Częstochowa,Gdańsk,Gliwice,Katowice,Kielce,Kraków,Lublin,Opole,Poznań,Radom,"
    "Rzeszów,Tychy,Wrocław",
    "br": "Betim,Caxias,Curitiba,Diadema,Guarulhos,Jundiaí,Joinville,Osasco,Piracicaba,Resende,"
    "Santos,Sorocaba,Sumaré,Taubaté",
}
TRADES = (
    "Auto Parts",
    "Motor Works",
    "Trucks",
    "Chassis",
    "Precision",
    "Bus and Coach",
    "Drives",
    "Components",
)
# Those who stand in the other demo files
KNOWN = {
    "lan": ("red_river", "haiphong"),
    "somchai": ("siam", "rayong"),
    "ana": ("paulista", "campinas"),
    "wei": ("neckar",),
}
REGULARS = 3
# Whoever logs a visit says one of these; the form asks for no more.
TOLD = (
    ("The line stops twice a month for want of parts.", False, "need"),
    (False, "Wants the drawings in metric and a first sample.", "sample"),
    ("400 sets a month from spring on.", False, "quote"),
    (False, "Two boxes had been wet. Photos are with Quality.", "complaint"),
    (False, False, "nothing"),
    (False, "Met the new head of purchasing.", False),
)
# A field record may not be older than that; what is older stands in the calendar.
OLDEST_RECORD = 390


class Customers:
    """Those of one expat: regulars since long ago, and who bought for the first time since."""

    def __init__(self):
        self.regulars = []
        self.new = []

    def all(self):
        return [*self.regulars, *self.new]


def make(env, days, expats):
    """:return: {login: Customers}"""
    wins = {expat.login: _quarters(expat, number) for number, expat in enumerate(expats)}
    customers = _make_customers(env, expats, wins)
    env["crm.lead"].create(
        [
            values
            for expat in expats
            for values in (
                *_closed(env, days, expat, wins[expat.login], customers[expat.login]),
                *_open(env, days, expat, customers[expat.login]),
            )
        ]
    )
    _make_visits(env, days, expats, customers)
    _make_ratings(env, days, expats, customers)
    return customers


def _quarters(expat, number):
    """[(won, lost, of the won with new customers)], the quarter under way first."""
    if expat.is_new:
        return [(0, 0, 0)]
    result = [(expat.won, expat.lost, expat.new)]
    is_strong = expat.happy > 8
    for ago in range(1, 5):
        new = 4 + is_strong + (2 * ago + number) % 3
        won = new + (ago + number) % 2
        lost = round((2.5 if is_strong else 3) * won) + (3 * ago + number) % 3
        result.append((won, lost, new))
    return result


def _make_customers(env, expats, wins):
    result, values, places = {}, [], {}
    for expat in expats:
        result[expat.login] = found = Customers()
        for name in KNOWN.get(expat.login, ()):
            found.regulars.append(env.ref(f"expat_kpi_connectors.partner_{name}"))
        count = REGULARS - len(found.regulars) + sum(new for *_ends, new in wins[expat.login])
        country = expat.place.country
        start = places.get(country, 0)
        places[country] = start + count
        towns = TOWNS[country].split(",")
        for place in range(start, start + count):
            town = place % len(towns)
            trade = (place // len(towns) + town) % len(TRADES)
            values.append(
                {
                    "name": f"{towns[town]} {TRADES[trade]}",
                    "is_company": True,
                    "city": towns[town],
                    "country_id": env.ref(f"base.{country}").id,
                    "user_id": expat.user.id,
                }
            )
    made = iter(env["res.partner"].create(values))
    for expat in expats:
        found = result[expat.login]
        while len(found.regulars) < REGULARS:
            found.regulars.append(next(made))
        found.new = [next(made) for *_ends, new in wins[expat.login] for _number in range(new)]
    return result


# Opportunities


def _lead(env, expat, number, partner):
    return {
        "name": PRODUCTS[number % len(PRODUCTS)],
        "type": "opportunity",
        "user_id": expat.user.id,
        "team_id": env.ref("sales_team.team_sales_department").id,
        "partner_id": partner.id,
        "expected_revenue": 8000 + 1500 * (7 * number % 20),
    }


def _closed(env, days, expat, quarters, customers):
    """Won and lost ones take turns, and among the won regular and new customers."""
    if expat.is_new:
        return
    # The regulars had bought before all that.
    for number, partner in enumerate(customers.regulars):
        yield _ended(
            env, _lead(env, expat, number, partner), days, expat, days.start(5), number, True
        )
    fresh = iter(customers.new)
    for ago, (won, lost, new) in reversed(list(enumerate(quarters))):
        wins = 0
        for number, day in enumerate(days.spread(ago, won + lost)):
            is_won = _takes_turn(number, won, won + lost)
            is_new = is_won and _takes_turn(wins, new, won)
            wins += is_won
            partner = next(fresh) if is_new else customers.regulars[number % REGULARS]
            yield _ended(
                env, _lead(env, expat, number + ago, partner), days, expat, day, number, is_won
            )


def _takes_turn(place, some, count):
    """Whether, of ``count`` in a row, this is one of ``some`` that lie evenly."""
    return (place + 1) * some // count > place * some // count


def _ended(env, values, days, expat, day, number, is_won):
    closed = days.moment(day, expat.place.tz, 10 + number % 6, 13 * number % 60)
    created = closed - timedelta(days=70 + 7 * number % 50)
    return {
        **values,
        "stage_id": env.ref("crm.stage_lead4" if is_won else "crm.stage_lead3").id,
        "probability": 100 if is_won else 0,
        "active": is_won,
        "lost_reason_id": False if is_won else env.ref(f"crm.lost_reason_{number % 3 + 1}").id,
        "create_date": created,
        "date_conversion": created + timedelta(days=5 + number % 6),
        "date_closed": closed,
    }


def _open(env, days, expat, customers):
    """Qualified in the quarter under way, and not decided: customers take months."""
    # Lan has agreed on 20 a month, see `agreed`.
    count = round(0.6 * (days.today - days.quarter).days) if expat.login == "lan" else 8
    for number, day in enumerate(days.spread(0, count)):
        qualified = days.moment(day, expat.place.tz, 9 + number % 8, 7 * number % 60)
        yield {
            **_lead(env, expat, number + 3, customers.regulars[number % REGULARS]),
            "stage_id": env.ref(f"crm.stage_lead{number % 3 + 1}").id,
            "create_date": qualified - timedelta(days=4 + number % 5),
            "date_conversion": qualified,
        }


# Visits


def _make_visits(env, days, expats, customers):
    kind = env.ref("expat_kpi_connectors.record_kind_visit")
    records, meetings = [], []
    for number, expat in enumerate(expats):
        whom = customers[expat.login].all()
        for place, day in enumerate(_visit_days(days, expat, number)):
            moment = days.moment(day, expat.place.tz, 9 + place % 7, 15 * (place % 4))
            partner = whom[5 * place % len(whom)]
            if place % 6 == 5 or (days.today - day).days > OLDEST_RECORD:
                meetings.append(
                    {
                        "name": f"Visit: {partner.name}",
                        "user_id": expat.user.id,
                        "start": moment,
                        "stop": moment + timedelta(minutes=90),
                        "partner_ids": [
                            Command.set([expat.user.partner_id.id, partner.id]),
                        ],
                    }
                )
                continue
            need, note, result = TOLD[place % len(TOLD)]
            records.append(
                {
                    "employee_id": expat.employee.id,
                    "kind_id": kind.id,
                    "date": moment,
                    "partner_id": partner.id,
                    "need": need,
                    "note": note,
                    "result": result,
                }
            )
    env["expat.kpi.record"].create(records)
    env["calendar.event"].with_context(no_mail_to_attendees=True, dont_notify=True).create(meetings)


def _visit_days(days, expat, number):
    """Some working days of each month, so many as the expat usually makes; until yesterday."""
    closed = {
        day for back in (0, 1, 2) for day in holidays(expat.place.country, days.today.year - back)
    }
    for month, first in enumerate(days.months(15)):
        if expat.is_new and first < days.quarter:
            continue
        length = (first + relativedelta(months=1) - first).days
        worked = [
            day
            for day in (first + timedelta(days=place) for place in range(length))
            if day.weekday() < 5 and day not in closed
        ]
        count = min(len(worked), max(2, expat.visits + (3 * month + 2 * number) % 5 - 2))
        for place in range(count):
            day = worked[place * len(worked) // count]
            if day < days.today:
                yield day


# Ratings


def _make_ratings(env, days, expats, customers):
    """Customers rate the service after a delivery: ten in the quarter, two a month before."""
    company = env.ref("base.main_company")
    project = env["project.project"].create(
        {"name": "After-sales service abroad", "company_id": company.id}
    )
    expats = [expat for expat in expats if not expat.is_new]
    tasks = env["project.task"].create(
        [
            {
                "name": f"Service for the customers of {expat.name}",
                "project_id": project.id,
                "user_ids": [Command.set(expat.user.ids)],
            }
            for expat in expats
        ]
    )
    model = env["ir.model"]._get_id("project.task")
    values, moments = [], []
    for number, (expat, task) in enumerate(zip(expats, tasks, strict=True)):
        whom = customers[expat.login].regulars
        for place, (day, is_good) in enumerate(_answers(days, expat, number)):
            values.append(
                {
                    "res_model_id": model,
                    "res_id": task.id,
                    "rated_partner_id": expat.user.partner_id.id,
                    "partner_id": whom[place % REGULARS].id,
                    "rating": 5 if is_good else 1 + 2 * (place % 2),
                    "consumed": True,
                }
            )
            moments.append(days.moment(day, expat.place.tz, 11 + place % 5))
    # Odoo says that they were given now.
    for rating, moment in zip(env["rating.rating"].create(values), moments, strict=True):
        rating.rated_on = moment


def _answers(days, expat, number):
    """(day, whether it was a good one)"""
    for place, day in enumerate(days.spread(0, 10)):
        yield day, _takes_turn(place, expat.happy, 10)
    for ago in range(1, 5):
        for place, day in enumerate(days.spread(ago, 6)):
            yield day, (5 * ago + 3 * place + number) % 10 < expat.happy
