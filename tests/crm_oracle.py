"""What a CRM history comes to, computed straight from its CSV rows.

Knows nothing of Odoo, of the loader or of the product: dates are compared as the text they are,
and nothing but the csv module is used; days between two of them are of the calendar.
"""

import csv
from datetime import date
from pathlib import Path

# A month is named by how its days begin; a quarter is its three months.
MONTHS = ("2016-10", "2016-11", "2016-12", *(f"2017-{month:02}" for month in range(1, 13)))
QUARTERS = {
    "2017-Q1": ("2017-01", "2017-02", "2017-03"),
    "2017-Q2": ("2017-04", "2017-05", "2017-06"),
    "2017-Q3": ("2017-07", "2017-08", "2017-09"),
    "2017-Q4": ("2017-10", "2017-11", "2017-12"),
}
PERIODS = {**{month: (month,) for month in MONTHS}, **QUARTERS}


def _rows(directory, name):
    with open(Path(directory) / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def agents(directory):
    """Names of all agents, also of those who never had a deal."""
    return [row["sales_agent"] for row in _rows(directory, "sales_teams.csv")]


def opportunities(directory):
    """How many there are."""
    return len(_rows(directory, "sales_pipeline.csv"))


def results(directory):
    """{(agent, period): (won, closed, conversion in percent or None, amount won)}

    for every agent and every period of PERIODS. None: nothing was closed.
    """
    deals = _rows(directory, "sales_pipeline.csv")
    table = {}
    for agent in agents(directory):
        for period, months in PERIODS.items():
            won = lost = amount = 0
            for deal in deals:
                if deal["sales_agent"] == agent and deal["close_date"][:7] in months:
                    won += deal["deal_stage"] == "Won"
                    lost += deal["deal_stage"] == "Lost"
                    amount += float(deal["close_value"]) if deal["deal_stage"] == "Won" else 0
            closed = won + lost
            table[agent, period] = (won, closed, 100 * won / closed if closed else None, amount)
    return table


def days_to_close(directory):
    """{(agent, period): days from engaging to closing of each deal won}"""
    table = {(agent, period): [] for agent in agents(directory) for period in PERIODS}
    for deal in _rows(directory, "sales_pipeline.csv"):
        if deal["deal_stage"] != "Won":
            continue
        engaged, closed = (date.fromisoformat(deal[f"{name}_date"]) for name in ("engage", "close"))
        for period, months in PERIODS.items():
            if deal["close_date"][:7] in months:
                table[deal["sales_agent"], period].append((closed - engaged).days)
    return table
