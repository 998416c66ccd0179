"""SQL from the standard library: a child with psycopg2 does the talking."""

import json
import subprocess
from pathlib import Path

from .problem import Problem


class SqlError(Problem):
    def __init__(self, message, code):
        super().__init__(f"PostgreSQL says: {message}")
        self.message = message
        self.code = code


def run(ctx, *statements, database="postgres"):
    """Run statements (text, or a tuple of text and values); return the rows of each."""
    order = {
        "database": database,
        "statements": [
            (part, None) if isinstance(part, str) else (part[0], part[1]) for part in statements
        ],
    }
    done = subprocess.run(
        [str(ctx.python), str(Path(__file__).with_name("sql_child.py"))],
        input=json.dumps(order),
        env=ctx.env(),
        text=True,
        capture_output=True,
    )
    if done.returncode:
        raise Problem(f"PostgreSQL could not be asked: {done.stderr.strip().splitlines()[-1]}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise SqlError(answer["error"], answer["code"])
    return answer["rows"]
