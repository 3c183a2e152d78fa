"""What the API says of plans, as schemas."""

from marshmallow import fields as ma

from cosmolocal.planning.metrics import GroupLoad, Kpis, Matching
from cosmolocal.records import (
    PRIVATE_FIELDS,
    Allocation,
    Alternative,
    CostTerms,
    Fix,
    Order,
    Plan,
    PlanSummary,
    Price,
    Reason,
    RunInfo,
    Unmet,
)
from cosmolocal.web.api.schemas import any_of, build_schema, field_of, list_of, members_of, nested, schema_of

_values = ma.Dict(keys=ma.String(), values=any_of(str, int), required=True)
_text = field_of(str, "the sentence in English")
_address = field_of(str, "where more is told")

CostSchema = build_schema(
    "Cost",
    **members_of(CostTerms),
    money_cents=field_of(int, "what is really paid"),
    total_cents=field_of(int, "what the plan minimises"),
)
ReasonSchema = build_schema("ToldReason", **members_of(Reason, "values"), values=_values, text=_text)
FixSchema = build_schema("ToldFix", **members_of(Fix, "values"), values=_values, text=_text)

PlanRow = build_schema(
    "PlanRow",
    **members_of(PlanSummary),
    gap=field_of(float, "[ratio of its cost] how far the plan is at most from the best"),
    address=_address,
)
PlansPage = list_of("plans", PlanRow)

FiguresSchema = build_schema(
    "Figures", **members_of(Kpis, "matching"), matching=nested(schema_of(Matching), "of all items together")
)
PlanDocument = build_schema(
    "Plan",
    **members_of(Plan, "allocations", "unmet", "prices", "changes", "settings"),
    settings=ma.Dict(keys=ma.String(), values=any_of(str, int, type(None)), required=True),
    gap=field_of(float, "[ratio of its cost] how far the plan is at most from the best"),
    previous=field_of(str | None, "id of the plan that it follows"),
    figures=nested(FiguresSchema),
    run=nested(build_schema("Run", **members_of(RunInfo, "progress"))),
    addresses=ma.Dict(keys=ma.String(), values=ma.String(), required=True, metadata={"description": "of its parts"}),
)

_asked = members_of(Order, *PRIVATE_FIELDS)
_of_order = {name: _asked[name] for name in ("place", "due_date", "priority")}
AllocationSchema = build_schema(
    "AllocationRow",
    **members_of(Allocation, "alternatives", "cost"),
    cost=nested(CostSchema),
    **_of_order,
    monday=field_of(str, "first day of its week"),
)
AllocationsPage = list_of("allocations", AllocationSchema, total=field_of(int, "rows on all pages"))

UnmetSchema = build_schema(
    "UnmetRow",
    **members_of(Unmet, "cost", "reasons", "fixes"),
    cost=nested(CostSchema),
    reasons=nested(ReasonSchema, many=True),
    fixes=nested(FixSchema, many=True),
    **_of_order,
)
UnmetPage = list_of("unmet", UnmetSchema, total=field_of(int, "rows on all pages"))
PricesPage = list_of("prices", schema_of(Price))
LoadsPage = list_of("loads", schema_of(GroupLoad))

OrderRow = build_schema(
    "OrderRow",
    **_asked,
    made=field_of(int, "[units] made in the region"),
    imported=field_of(int, "[units]"),
    late_weeks=field_of(int, "[weeks] that its latest lot is late"),
    address=_address,
)
OrdersPage = list_of("orders", OrderRow)

_placed = {"workshop_name": field_of(str), "monday": field_of(str, "first day of its week")}
LackSchema = build_schema(
    "Lack",
    resource=field_of(str, "machine group `workshop/group` or link `a–b`"),
    week=field_of(int),
    minutes=ma.Integer(metadata={"description": "[machine minutes] of a machine group"}),
    kg=ma.Integer(metadata={"description": "[kg] of a link"}),
    text=_text,
)
AlternativeSchema = build_schema(
    "ToldAlternative", **members_of(Alternative, "lacks"), **_placed, lacks=nested(LackSchema, many=True)
)
MadeSchema = build_schema(
    "ToldAllocation",
    **members_of(Allocation, "cost", "alternatives"),
    **_placed,
    cost=nested(CostSchema),
    alternatives=nested(AlternativeSchema, many=True),
)
ImportedSchema = build_schema(
    "Imported",
    quantity=field_of(int, "[units]"),
    lots=field_of(tuple[str, ...]),
    total_cents=field_of(int),
    reasons=nested(ReasonSchema, many=True),
    fixes=nested(FixSchema, many=True),
)
OrderDocument = build_schema(
    "ExplainedOrder",
    plan=field_of(str),
    order=field_of(str),
    asked=nested(build_schema("AskedOrder", **_asked, place_name=field_of(str)), allow_none=True),
    allocations=nested(MadeSchema, many=True),
    unmet=nested(ImportedSchema),
)
