"""An order book that the lasers of a small region have no time for, and what could be bought for it."""

from pathlib import Path

GROUP = """{process: laser-cutting, machines: 1, envelope_mm: [900, 600, 50], materials: [plywood],
      tolerance: medium, hourly_cost: 12, weekly_hours: [{agreed: 30, actual: 30, maximum: 30}]}"""
INVESTMENTS = f"""
machines:
  - id: laser
    name: Laser
    group: {GROUP}
    price: 50000
    yearly_cost: 50
    lifetime_years: 5
workshops:
  - {{id: corner, name: Corner, machines: {{laser: 1}}, price: 9000000, lifetime_years: 5}}
candidates: [{{place: all workshops}}, {{place: home}}]
"""
#: 4 weeks x 2 lasers x 10 h hold 160 of them
BUSY_ORDERS = """id,design,version,quantity,place,due_date,release_date,priority,splittable,minimum_lot,max_distance_km
BIG,us~lamp,1.0.0,40,home,2026-09-13,,normal,yes,5,
MORE,us~lamp,1.0.0,60,home,2026-09-13,,normal,yes,5,
FAR,us~lamp,*,1,home,2026-09-25,,normal,no,1,0.1
"""


def make_busy(region: Path) -> None:
    """Give a small region more orders than its lasers have time for, and something to buy."""
    text = (region / "region.yaml").read_text()
    (region / "region.yaml").write_text(
        text.replace("max_lots_per_order: 2", "max_lots_per_order: 8, max_late_weeks: 0")
    )
    (region / "orders" / "busy.csv").write_text(BUSY_ORDERS)
    (region / "investments.yaml").write_text(INVESTMENTS)
