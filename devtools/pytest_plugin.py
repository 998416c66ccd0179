"""Makes a skip that hides a missing tool a failure.

On CI (variable CI) nothing may be skipped. Elsewhere a test that skips because the browser does
not come up fails too, unless there is none: then ``./dev test`` has said so.
"""

import os
import re

import pytest

from devtools.browser import NAMES, REMEDY

TOOL_REASON = re.compile(
    r"chrome|chromium|websocket-client|--odoo-http|dev ?tools|page' target", re.IGNORECASE
)
NO_BROWSER = re.compile(r"Chrome executable not found")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    _judge(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    _judge(outcome.get_result())


def _judge(report):
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    path, line, reason = report.longrepr
    if NO_BROWSER.search(reason):
        reason = f"Chromium is missing ({', '.join(NAMES)}): {REMEDY}"
        report.longrepr = (path, line, reason)
        hides = False
    else:
        hides = bool(TOOL_REASON.search(reason))
    if hides or os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{path}:{line}: skipped, which counts as a failure here: {reason}"
