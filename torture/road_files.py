"""Road files for the region of the lamp: small, found in a moment."""

from pathlib import Path

CONSUMPTION = """\
year: 2026
categories:
- id: signs
  name: Signs & boards
  eur_per_year: {value: 600000, low: 500000, high: 700000, source: a survey of the tests}
  kg_per_year: {value: 9000, provenance: assumed}
  growth_percent: {value: 0, provenance: assumed}
  local_percent: {value: 10, provenance: assumed}
  outside_percent: {value: 20, provenance: assumed}
  hours_per_1000_eur: {laser-cutting: {value: 10, provenance: assumed}}
"""
ROAD = """\
road:
  first_year: 2027
  target: {percent: 40, year: 2030, source: the council of the tests}
  milestones: [{percent: 30, year: 2028}]
  yearly_budget: {value: 40000, provenance: assumed}
  machines_added_per_workshop: {value: 3, provenance: assumed}
  open_weeks: {value: 46, provenance: assumed}
  price_percent: {value: 100, low: 90, high: 125, provenance: assumed}
  discount_percent: {value: 3, provenance: assumed}
  samples: 20
"""
INVESTMENTS = """\
machines:
- id: laser
  name: Laser <cutter>
  group: {process: laser-cutting, machines: 1, hourly_cost: 20, weekly_hours: [{agreed: 20, actual: 30, maximum: 40}]}
  price: 9000
  yearly_cost: 600
  lifetime_years: 8
  provenance: assumed
"""


def write_road(folder: Path) -> None:
    """Let a region have a road."""
    for name, text in (("consumption", CONSUMPTION), ("road", ROAD), ("investments", INVESTMENTS)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
