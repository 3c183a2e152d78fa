"""Geodesics on WGS 84."""

import math

#: [m], ratio: WGS 84 (NGA.STND.0036, table 3.1)
EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
_POLE_M = EQUATOR_M * (1 - FLATTENING)


def geodesic_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the shortest distance on the ellipsoid between two (lat, lon) in degrees.

    Vincenty's inverse formula (Survey Review 23, 1975), good to 0.1 mm; between nearly opposite points of the
    earth, where it does not settle, the sphere's distance is returned, good to 0.6 %.
    """
    if first == second:
        return 0.0
    lon = math.radians(second[1] - first[1])
    low, high = (math.atan((1 - FLATTENING) * math.tan(math.radians(lat))) for lat, _ in (first, second))
    turn = lon
    for _ in range(100):
        across = math.hypot(
            math.cos(high) * math.sin(turn),
            math.cos(low) * math.sin(high) - math.sin(low) * math.cos(high) * math.cos(turn),
        )
        along = math.sin(low) * math.sin(high) + math.cos(low) * math.cos(high) * math.cos(turn)
        angle = math.atan2(across, along)
        if across == 0:
            return 0.0 if along > 0 else math.pi * _POLE_M
        sine = math.cos(low) * math.cos(high) * math.sin(turn) / across
        square = 1 - sine * sine
        # on the equator the middle has no meaning
        middle = along - 2 * math.sin(low) * math.sin(high) / square if square else 0.0
        share = FLATTENING / 16 * square * (4 + FLATTENING * (4 - 3 * square))
        swing = middle + share * along * (2 * middle * middle - 1)
        turned = lon + (1 - share) * FLATTENING * sine * (angle + share * across * swing)
        if abs(turned - turn) < 1e-13:
            return _arc_m(angle, square, middle)
        turn = turned
    return angle * EQUATOR_M


def _arc_m(angle: float, square: float, middle: float) -> float:
    ratio = square * (EQUATOR_M**2 - _POLE_M**2) / _POLE_M**2
    scale = 1 + ratio / 16384 * (4096 + ratio * (-768 + ratio * (320 - 175 * ratio)))
    bend = ratio / 1024 * (256 + ratio * (-128 + ratio * (74 - 47 * ratio)))
    across, along = math.sin(angle), math.cos(angle)
    inner = along * (2 * middle**2 - 1) - bend / 6 * middle * (4 * across**2 - 3) * (4 * middle**2 - 3)
    return _POLE_M * scale * (angle - bend * across * (middle + bend / 4 * inner))
