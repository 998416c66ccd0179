"""Where a phone says that it is."""

from math import isfinite

# Around the point where the equator meets the meridian of Greenwich, in the open sea: what devices
# send that do not know. In degrees; about a kilometre.
NOWHERE = 0.01


def place_fault(latitude, longitude):
    """What is wrong with a position in degrees: "number", "range", "nowhere"; None: nothing.

    >>> place_fault(21.03, 105.85)
    >>> place_fault(-90, 180)
    >>> place_fault(0.0, 0.0), place_fault(0.0, 105.85)
    ('nowhere', None)
    >>> place_fault(91, 0), place_fault(0, -180.5)
    ('range', 'range')
    >>> place_fault(float("nan"), 0), place_fault("21", 105), place_fault(True, 1)
    ('number', 'number', 'number')
    """
    for degrees in (latitude, longitude):
        if isinstance(degrees, bool) or not isinstance(degrees, (int, float)):
            return "number"
        if not isfinite(degrees):
            return "number"
    if abs(latitude) > 90 or abs(longitude) > 180:
        return "range"
    if abs(latitude) < NOWHERE and abs(longitude) < NOWHERE:
        return "nowhere"
    return None


def metres(accuracy):
    """How exact a position is, in metres; 0 where that is not told.

    >>> metres(12.5), metres(None), metres(-1), metres(float("inf")), metres("5")
    (12.5, 0.0, 0.0, 0.0, 0.0)
    """
    if isinstance(accuracy, bool) or not isinstance(accuracy, (int, float)):
        return 0.0
    return float(accuracy) if isfinite(accuracy) and 0 <= accuracy <= 1e7 else 0.0
