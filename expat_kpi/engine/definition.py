"""What a measure counts, as a value: comparable, storable, free of Odoo."""

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Definition:
    """All that decides which records a measure counts, on which day, for whom.

    Two measures with equal definitions find the same facts. A measure's version
    keeps its definition as JSON (`to_json`, `from_json`); unknown keys of a
    newer release are refused rather than dropped, since they change the count.

    Paths are chains of field names that start at the model, `order_id.user_id`.
    """

    model: str
    domain: str = "[]"
    include_archived: bool = False
    owner_path: str = ""
    owner_moment: str = "now"  # "now" | "event": who is credited after a hand-over
    credit: str = "whole"  # "whole" | "share": what each of several owners gets
    date_path: str = ""
    local_date_path: str = ""  # a date that, where it is set, is the local day itself
    aggregate: str = "count"  # "count" | "days" | "sum" | "money" | "distinct" | "duration"
    amount_path: str = ""
    currency_path: str = ""
    key_path: str = ""
    start_path: str = ""
    end_path: str = ""
    duration_unit: str = "days"  # "days" | "hours"
    occurrence: str = "every"  # "every" | "first" | "again" | "kept": among those of its key
    window_days: int = 0  # how far away the other record may be; 0: however far
    delay_days: int = 0  # a record counts so many days after its own day

    def to_json(self) -> dict:
        """Only what differs from the defaults, so that a new field with a
        neutral default leaves stored definitions equal."""
        defaults = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def from_json(cls, values: dict) -> "Definition":
        """Inverse of `to_json`. Raises TypeError on a key that it does not know."""
        return cls(**values)

    def changed(self, other: "Definition") -> tuple[str, ...]:
        """Names of the settings in which the two differ, in their order."""
        return tuple(
            field.name
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        )
