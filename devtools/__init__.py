"""What ``./dev`` does: set-up, databases, server, tests.

Standard library only, Python 3.10 or newer: it must run before anything is installed.
"""
