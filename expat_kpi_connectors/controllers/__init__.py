from . import field, session
