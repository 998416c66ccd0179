from . import field
