"""Runs statements that come as JSON on stdin; the answer is JSON on stdout.

Started with the virtual environment's Python, which has psycopg2; see devtools.sql.
"""

import json
import sys

import psycopg2


def main():
    order = json.load(sys.stdin)
    try:
        connection = psycopg2.connect(dbname=order["database"], connect_timeout=15)
        # CREATE DATABASE and its like do not run in a transaction.
        connection.autocommit = True
        answers = [_answer(connection, *statement) for statement in order["statements"]]
        connection.close()
    except psycopg2.Error as error:
        return {"error": str(error).strip(), "code": error.pgcode}
    return {"rows": answers}


def _answer(connection, statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


if __name__ == "__main__":
    json.dump(main(), sys.stdout, default=str)
