"""The rules of expat_kpi in plain Python: no Odoo import, no database, no clock.

Models fetch, call the engine, and store what it answers. Import the piece you need, as in
``from ..engine import formula, periods``: nothing is imported here, so that one piece costs no
other.

=============  ==================================================================================
values         a number, no data, or a failure; how they combine
formula        text of an indicator -> tree -> text, and tree -> number
periods        spans of local days, and the instants in UTC at which they begin and end
stay           where somebody is at a moment, and on which day, posted one time after another
attainment     how far an actual reaches its target, in percent
lifecycle      the states of a plan: who may do what, and what must hold
adjustment     an approved plan that changes from a day on: slices, and what holds over the period
revision       what is agreed on: content, hash, difference
event          one change for many plans: their lines after it, the days it touches
=============  ==================================================================================
"""
