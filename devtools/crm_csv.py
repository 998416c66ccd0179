"""A CRM history as CSV files, read and checked. Plain Python.

A folder holds four files, as sales tools export them; columns may stand in any order, and
others are ignored::

    sales_teams.csv     sales_agent, manager, regional_office
    products.csv        product
    accounts.csv        account, sector, office_location, subsidiary_of
    sales_pipeline.csv  opportunity_id, sales_agent, product, account, deal_stage,
                        engage_date, close_date, close_value

and may hold a fifth that says where offices are, instead of OFFICES below::

    offices.csv         regional_office, country_code, time_zone

How to use it: ``read_history(folder)`` gives a `History`, or raises a `HistoryError` that lists
every fault of every file: nothing of a history with a fault is used.

An opportunity is open (Prospecting, Engaging) or closed (Won, Lost). Dates are local days of
whoever owns it. A closed one has the days it was engaged and closed; an open one has no closing.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytz

PROSPECTING, ENGAGING, WON, LOST = STAGES = ("Prospecting", "Engaging", "Won", "Lost")
CLOSED = (WON, LOST)

COLUMNS = {
    "sales_teams.csv": ("sales_agent", "manager", "regional_office"),
    "products.csv": ("product",),
    "accounts.csv": ("account", "sector", "office_location", "subsidiary_of"),
    "sales_pipeline.csv": (
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ),
    "offices.csv": ("regional_office", "country_code", "time_zone"),
}
OPTIONAL = ("offices.csv",)

# Words that the exports spell in their own way.
SPELLING = {
    "Philipines": "Philippines",
    "Korea": "South Korea",
    "technolgy": "technology",
}


@dataclass(frozen=True)
class Office:
    """Where the people of an office live and sell."""

    name: str
    country_code: str
    tz: str


# The exports do not say where an office is. One behind UTC, one ahead of it with clocks that
# never change, one that changes them twice a year: a product that mixes up a server's day and a
# person's day gives wrong numbers in each of them, and in each at other hours.
OFFICES = (
    Office("Central", "US", "America/Chicago"),
    Office("East", "VN", "Asia/Ho_Chi_Minh"),
    Office("West", "DE", "Europe/Berlin"),
)


@dataclass(frozen=True)
class Agent:
    name: str
    manager: str  # empty: nobody
    office: str


@dataclass(frozen=True)
class Account:
    name: str
    sector: str
    country: str  # English name or ISO code, empty: unknown
    parent: str  # empty: none
    row: int  # in accounts.csv


@dataclass(frozen=True)
class Opportunity:
    """``value`` is in the company's currency; 0 where none is known."""

    reference: str
    agent: str
    product: str
    account: str  # empty: unknown
    stage: str
    engaged: date | None
    closed: date | None
    value: Decimal


@dataclass(frozen=True)
class History:
    offices: tuple[Office, ...]
    agents: tuple[Agent, ...]
    products: tuple[str, ...]
    accounts: tuple[Account, ...]
    opportunities: tuple[Opportunity, ...]


@dataclass(frozen=True)
class Fault:
    """``row`` as a spreadsheet counts: the header is 1. None: the whole file."""

    file: str
    row: int | None
    problem: str

    def __str__(self):
        where = f"{self.file}, row {self.row}" if self.row else self.file
        return f"{where}: {self.problem}"


class HistoryError(ValueError):
    """A history that cannot be used. ``faults`` are all that was found, file by file."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def read_history(directory) -> History:
    """Read and check the whole of a history.

    :raise HistoryError: with every fault; those of files and columns alone where there are
        any, since every row that refers to such a file would seem to be wrong too
    """
    faults = []
    tables = {name: _read_table(Path(directory), name, faults) for name in COLUMNS}
    _stop_at(faults)
    offices = _read_offices(tables["offices.csv"]) or OFFICES
    agents = _read_agents(tables["sales_teams.csv"], offices)
    products = _unique(tables["products.csv"], "product", _product_key)
    accounts = _read_accounts(tables["accounts.csv"])
    opportunities = _read_opportunities(
        tables["sales_pipeline.csv"],
        agents={agent.name for agent in agents},
        products=products,
        accounts={account.name for account in accounts},
    )
    _stop_at(faults)
    return History(
        tuple(office for office in offices if office.name in {agent.office for agent in agents}),
        agents,
        tuple(products.values()),
        accounts,
        opportunities,
    )


def _stop_at(faults):
    if faults:
        order = list(COLUMNS)
        raise HistoryError(sorted(faults, key=lambda f: (order.index(f.file), f.row or 0)))


# ----------------------------------------------------------------------
# Files and rows
# ----------------------------------------------------------------------


class _Row:
    """A row whose values are asked for by column; what is wrong becomes a fault."""

    def __init__(self, file, number, values, faults):
        self.file, self.number = file, number
        self.values, self._faults = values, faults

    def fault(self, problem):
        self._faults.append(Fault(self.file, self.number, problem))

    def text(self, column, required=True):
        value = self.values[column]
        if required and not value:
            self.fault(f"{column} is empty")
        return value

    def one_of(self, column, known, required=True, remedy=""):
        value = self.text(column, required)
        if value and value not in known:
            self.fault(f"{column}: {value!r} is not known{remedy}")
        return value

    def day(self, column):
        value = self.values[column]
        try:
            return datetime.strptime(value, "%Y-%m-%d").date() if value else None
        except ValueError:
            self.fault(f"{column}: {value!r} is no date; write 2017-03-31")
            return None

    def number_of(self, column):
        """A finite number; 0 where there is none."""
        value = self.values[column]
        try:
            number = Decimal(value or "0")
        except InvalidOperation:
            number = Decimal("NaN")
        # Beyond this a float no longer holds cents.
        if not number.is_finite() or abs(number) >= 10**12:
            self.fault(f"{column}: {value!r} is no number that can be added up")
            return Decimal(0)
        return number


def _read_table(directory, name, faults):
    """The rows of a file; what keeps it from being read at all is a fault."""
    path = directory / name
    if not path.is_file():
        if name not in OPTIONAL:
            faults.append(Fault(name, None, f"is missing in {directory}"))
        return []
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except UnicodeDecodeError:
        faults.append(Fault(name, None, "is not in UTF-8; export it as CSV UTF-8"))
        return []
    except (OSError, csv.Error) as error:
        faults.append(Fault(name, None, f"cannot be read: {error}"))
        return []
    header = [column.strip() for column in lines[0]] if lines else []
    missing = [column for column in COLUMNS[name] if column not in header]
    if missing:
        faults.append(Fault(name, None, f"has no column {', '.join(missing)}"))
        return []
    return list(_rows(name, header, lines[1:], faults))


def _rows(name, header, lines, faults):
    for number, line in enumerate(lines, start=2):
        if not any(value.strip() for value in line):
            continue
        if len(line) != len(header):
            problem = f"has {len(line)} values under {len(header)} columns"
            faults.append(Fault(name, number, problem))
            continue
        values = dict(zip(header, (value.strip() for value in line), strict=True))
        yield _Row(name, number, values, faults)


def _unique(rows, column, key_of=str):
    """{key: value} of the column that names a file's rows; a name given twice is a fault."""
    found = {}
    for row in rows:
        value = row.text(column)
        key = key_of(value)
        if key and key in found:
            row.fault(f"{column}: {value!r} is there already")
        found.setdefault(key, value)
    return found


def _check_no_circle(rows, column, upper_column):
    """Nobody may be above themselves, directly or over others."""
    above = {row.values[column]: row.values[upper_column] for row in rows}
    for row in rows:
        seen, upper = set(), row.values[upper_column]
        while upper and upper not in seen:
            seen.add(upper)
            upper = above.get(upper)
        if row.values[column] in seen:
            row.fault(f"{upper_column}: {row.values[column]!r} is above itself")


# ----------------------------------------------------------------------
# What each file holds
# ----------------------------------------------------------------------


def _read_offices(rows):
    _unique(rows, "regional_office")
    return tuple(
        Office(
            row.text("regional_office"),
            row.text("country_code").upper(),
            row.one_of("time_zone", pytz.all_timezones_set),
        )
        for row in rows
    )


def _read_agents(rows, offices):
    _unique(rows, "sales_agent")
    _check_no_circle(rows, "sales_agent", "manager")
    names = {office.name for office in offices}
    return tuple(
        Agent(
            row.text("sales_agent"),
            row.text("manager", required=False),
            row.one_of("regional_office", names, remedy="; say where it is in offices.csv"),
        )
        for row in rows
    )


def _read_accounts(rows):
    names = _unique(rows, "account")
    _check_no_circle(rows, "account", "subsidiary_of")
    return tuple(
        Account(
            row.text("account"),
            _spelt(row.text("sector", required=False)),
            _spelt(row.text("office_location", required=False)),
            row.one_of("subsidiary_of", names, required=False),
            row.number,
        )
        for row in rows
    )


def _spelt(word):
    return SPELLING.get(word, word)


def _product_key(name):
    """“GTXPro” and “GTX Pro” are one product."""
    return "".join(name.split()).casefold()


def _read_opportunities(rows, agents, products, accounts):
    _unique(rows, "opportunity_id")
    return tuple(_read_opportunity(row, agents, products, accounts) for row in rows)


def _read_opportunity(row, agents, products, accounts):
    product = row.text("product")
    known = products.get(_product_key(product), "")
    if product and not known:
        row.fault(f"product: {product!r} is not known")
    opportunity = Opportunity(
        reference=row.text("opportunity_id"),
        agent=row.one_of("sales_agent", agents),
        product=known,
        account=row.one_of("account", accounts, required=False),
        stage=row.one_of("deal_stage", STAGES),
        engaged=row.day("engage_date"),
        closed=row.day("close_date"),
        value=row.number_of("close_value"),
    )
    _check_course(row, opportunity)
    return opportunity


def _check_course(row, opportunity):
    """A deal is engaged, then closed; what its stage says has happened needs its date."""
    stage = opportunity.stage
    needed = {
        ENGAGING: ("engage_date",),
        LOST: ("engage_date", "close_date"),
        WON: ("engage_date", "close_date", "close_value"),
    }
    for column in needed.get(stage, ()):
        if not row.values[column]:
            row.fault(f"{column} is empty, and the opportunity is {stage}")
    if stage in STAGES and stage not in CLOSED and row.values["close_date"]:
        row.fault(f"close_date is set, and the opportunity is {stage}")
    engaged, closed = opportunity.engaged, opportunity.closed
    if engaged and closed and closed < engaged:
        row.fault(f"close_date {closed} is before engage_date {engaged}")
