"""Errors that a model turns into a sentence: a code, and what the sentence may name."""

from __future__ import annotations


class CodedError(ValueError):
    """What a rule refuses.

    :cvar errors: every code there is, with the parameters that its sentence may name
    :param code: one of them
    :param params: exactly those that it has
    """

    errors: dict[str, tuple[str, ...]] = {}

    def __init__(self, code: str, **params):
        if sorted(params) != sorted(self.errors[code]):
            raise TypeError(f"{code} takes {self.errors[code]}, not {tuple(params)}")
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self):
        return ", ".join([self.code, *(f"{name}={told}" for name, told in self.params.items())])
