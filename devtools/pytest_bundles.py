"""Builds the pages' bundles of scripts and styles once a run, where several classes need them.

Odoo builds a bundle when a browser first asks for it. In a test that happens inside of the test's
transaction and is rolled back with it, so each class would pay for it again.
"""

import inspect

import pytest

from devtools import settings

OURS = ("tests.", *(f"odoo.addons.{name}." for name in settings.ADDONS))
DESK = ("web.assets_web", "web.assets_tests")
UNIT_TESTS = ("web.assets_unit_tests_setup", "web.assets_unit_tests")


@pytest.fixture(scope="session", autouse=True)
def bundles(request, load_registry):
    """In the database before the first test; ``load_registry`` is of pytest-odoo."""
    wanted = _wanted(request.session.items)
    if wanted:
        _build(wanted)


def _wanted(items):
    """Names of the bundles that more than one of the collected classes uses."""
    sources = [_source(cls) for cls in {item.cls for item in items if getattr(item, "cls", None)}]
    desks = sum("start_tour(" in source or "browser_js(" in source for source in sources)
    units = sum("/web/tests" in source for source in sources)
    return (DESK if desks - units > 1 else ()) + (UNIT_TESTS if units > 1 else ())


def _source(cls):
    """Text of a class and of the bases that stand in our own tests."""
    return "\n".join(
        inspect.getsource(base) for base in cls.__mro__ if base.__module__.startswith(OURS)
    )


def _build(names):
    from odoo import SUPERUSER_ID
    from odoo.api import Environment
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    with Registry(get_db_name()).cursor() as cursor:
        qweb = Environment(cursor, SUPERUSER_ID, {})["ir.qweb"]
        for name in names:
            bundle = qweb._get_asset_bundle(name, css=True, js=True)
            bundle.js()
            bundle.css()
