from collections import defaultdict
from typing import NamedTuple

import pytz

from odoo import fields, models
from odoo.tools.intervals import Intervals

from ..engine import reminder
from ..engine.periods import Span

# Where no signing rule says otherwise.
DAYS_BEFORE = 3


class Place(NamedTuple):
    """Where a party is now: name of the zone, working hours and resource, each maybe none."""

    zone: str
    calendar: models.BaseModel
    resource: models.BaseModel


class ExpatKpiPlanParty(models.Model):
    """Which day it is where a party is, and which days are worked there.

    All parties are looked at together: what is asked of the database does not grow with
    their number.
    """

    _inherit = "expat.kpi.plan.party"

    def _places(self):
        """{party: its place}. Whoever is posted abroad is where the posting is, by its hours."""
        # sudo: hr.employee, expat.posting – of a colleague only which day it is, and if it is
        # worked
        parties = self.sudo()
        employees = self.env["hr.employee"].sudo().search([("user_id", "in", parties.user_id.ids)])
        by_user = employees.grouped("user_id")
        today = fields.Date.today()
        posted = {}
        for posting in (
            self.env["expat.posting"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("date_from", "<=", fields.Date.add(today, days=1)),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", fields.Date.subtract(today, days=1)),
                ],
                order="date_from",
            )
        ):
            day = _local_day(posting.tz)
            if posting.date_from <= day <= (posting.date_to or day):
                posted[posting.employee_id] = posting
        result = {}
        for party, own in zip(parties, self, strict=True):
            if party.role == "expat":
                employee, posting = party.employee_id, party.plan_id.posting_id
            else:
                found = by_user.get(party.user_id, employees.browse())
                here = found.filtered(lambda one, party=party: one.company_id == party.company_id)
                employee = (here or found)[:1]
                posting = posted.get(employee, self.env["expat.posting"].sudo())
            calendar = (
                posting.resource_calendar_id
                or employee.resource_calendar_id
                or party.company_id.resource_calendar_id
            )
            if party.role == "expat":
                zone = party.plan_id._zone()
            else:
                zone = posting.tz or party.user_id.tz or calendar.tz or "UTC"
            result[own] = Place(zone, calendar, employee.resource_id)
        return result

    def _local_days(self):
        """{party: the day it is where the party is}"""
        return {party: _local_day(place.zone) for party, place in self._places().items()}

    def _worked_days(self, span):
        """{party: the local days in a span that are worked}: by the hours of the place, less its
        public holidays and the party's own approved time off."""
        places = self._places()
        by_place = defaultdict(list)
        for party, place in places.items():
            by_place[place.calendar, place.zone].append(party)
        off = self._time_off({place.resource.id for place in places.values()} - {False}, span)
        result = {}
        for (calendar, zone), parties in by_place.items():
            work = self.env["expat.posting"]._work_intervals(calendar, zone, span)
            whole = _hours(work)
            tz = pytz.timezone(zone)
            for party in parties:
                own = [
                    (tz.localize(start), tz.localize(stop), leave)
                    for start, stop, leave in off.get(places[party].resource.id, ())
                ]
                left = _hours(work - Intervals(own)) if own else whole
                result[party] = reminder.worked(whole, left)
        return result

    def _time_off(self, resource_ids, span):
        """{resource id: [(start, stop, leave)]}: when somebody is off in a span, as on the clock
        of the calendar that the leave is kept in.

        Who is off on the 14th is so on the 14th of the place, also where another calendar, as that
        of the headquarters, says from when to when that is.
        """
        found = defaultdict(list)
        # sudo: resource.calendar.leaves – when somebody is off, and not why
        leaves = self.env["resource.calendar.leaves"].sudo()
        for leave in leaves.search(
            [
                ("time_type", "=", "leave"),
                ("resource_id", "in", list(resource_ids)),
                # Days are local, and so is how a date is compared with a moment.
                ("date_from", "<", fields.Date.add(span.date_to, days=3)),
                ("date_to", ">", fields.Date.subtract(span.date_from, days=2)),
            ]
        ):
            tz = pytz.timezone(leave.calendar_id.tz or leave.resource_id.tz or "UTC")
            found[leave.resource_id.id].append(
                (
                    *(
                        pytz.utc.localize(moment).astimezone(tz).replace(tzinfo=None)
                        for moment in (leave.date_from, leave.date_to)
                    ),
                    leave,
                )
            )
        return found

    def _late(self):
        """Those that have not signed, and where they are the day to agree by is over."""
        # No day is over anywhere before it is so in the first of all zones.
        soonest = fields.Date.add(fields.Date.today(), days=1)
        waited = self.filtered(
            lambda party: (
                not party.signature_id
                and party.plan_id.date_deadline
                and party.plan_id.date_deadline < soonest
            )
        )
        days = waited._local_days()
        return waited.filtered(lambda party: party.plan_id.date_deadline < days[party])

    def _due(self):
        """{party: its day}, of those that are to be reminded now."""
        waited = self._waited_for().filtered("plan_id.date_deadline")
        days = waited._local_days()
        days = {
            party: day
            for party, day in days.items()
            if party.date_reminded != day and day <= party.plan_id.date_deadline
        }
        if not days:
            return {}
        waited = self.browse(party.id for party in days)
        span = Span(min(days.values()), max(waited.plan_id.mapped("date_deadline")))
        worked = waited._worked_days(span)
        rules = self.env["expat.kpi.signatory.rule"]._for_plans(waited.plan_id)
        return {
            party: day
            for party, day in days.items()
            if reminder.is_due(
                day,
                party.plan_id.date_deadline,
                rules[party.plan_id].remind_days if rules[party.plan_id] else DAYS_BEFORE,
                worked[party],
            )
        }


def _local_day(zone):
    """The day it is in a zone."""
    return pytz.utc.localize(fields.Datetime.now()).astimezone(pytz.timezone(zone)).date()


def _hours(intervals):
    """{day: hours in these intervals}"""
    found = defaultdict(float)
    for begin, end, _meta in intervals:
        found[begin.date()] += (end - begin).total_seconds() / 3600
    return found
