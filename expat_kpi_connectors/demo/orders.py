"""Orders and deliveries, where Sales and Inventory are there."""

from datetime import timedelta
from itertools import count

from odoo import Command


def make(env, days, expats, customers):
    """Parts that are delivered some weeks after the order, and tools that need no delivery."""
    parts, tools = env["product.product"].create(
        [
            {"name": "Set of brake parts", "type": "consu", "list_price": 6400},
            {"name": "Tooling and samples", "type": "service", "list_price": 1800},
        ]
    )
    rows = [row for expat in expats if not expat.is_new for row in _ordered(days, expat, customers)]
    delivered = [row for row in rows if row[-1]]
    orders = _confirmed(env, delivered, parts)
    if "picking_ids" in orders._fields:
        _deliver(orders, delivered)
    _confirmed(env, [row for row in rows if not row[-1]], tools)


def _ordered(days, expat, customers):
    """(expat, customer, when it was ordered, when it was delivered or None)"""
    zone = expat.place.tz
    own = customers[expat.login]
    number = count()

    def customer():
        place = next(number)
        # The first two new ones are for those who have not come back.
        new = own.new[2 + place % (len(own.new) - 2)]
        return new if place % 4 == 3 else own.regulars[place % len(own.regulars)]

    # Delivered: two in each quarter
    for ago, how_many in ((3, 2), (2, 2), (1, 2), (0, 2)):
        for place, day in enumerate(days.spread(ago, how_many)):
            took = timedelta(days=expat.days + 7 * (place + ago) % 16 - 8)
            done = days.moment(day, zone, 14)
            yield expat, customer(), done - took, done
    # A year before the days of the market event four customers ordered, of whom some have not
    # come back; and in the quarter a regular and a new one
    first = min(days.event, days.today) - timedelta(days=365)
    length = max(0, (days.today - days.event).days)
    back = 3 if expat.happy > 8 else 2
    for place in range(4):
        day = first + timedelta(days=place * length // 4)
        partner = own.regulars[place] if place < back else own.new[place - back]
        yield expat, partner, days.moment(day, zone, 11), None
    for place, day in enumerate(days.spread(0, 2)):
        partner = own.new[-1] if place else own.regulars[0]
        yield expat, partner, days.moment(day, zone, 16), None


def _confirmed(env, rows, product):
    orders = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "user_id": expat.user.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": 1 + (expat.days + place) % 7}
                    )
                ],
            }
            for place, (expat, partner, _moment, _done) in enumerate(rows)
        ]
    )
    orders.action_confirm()
    # Odoo says that they were confirmed now.
    for order, (_expat, _partner, moment, _done) in zip(orders, rows, strict=True):
        order.date_order = moment
    return orders


def _deliver(orders, rows):
    """Send everything, and say that it was on its day."""
    pickings = orders.picking_ids
    for move in pickings.move_ids:
        move.write({"quantity": move.product_uom_qty, "picked": True})
    pickings.with_context(skip_backorder=True, skip_sms=True).button_validate()
    for order, (*_ordered, done) in zip(orders, rows, strict=True):
        order.picking_ids.date_done = done
