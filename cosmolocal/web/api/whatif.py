"""What if, in the API: scenarios, trade-offs, what a plan lacks, where new sites go, the road to the target."""

from typing import Any

from flask import Response
from marshmallow import fields as ma

from cosmolocal.errors import NotFoundError, say
from cosmolocal.records import (
    Apart,
    Band,
    Buy,
    Front,
    HourCheck,
    HourWorth,
    Measured,
    NextBest,
    Ranked,
    Road,
    RoadTerms,
    RoadYear,
    to_plain,
)
from cosmolocal.records.roads import RoadStatus
from cosmolocal.records.siting import Siting
from cosmolocal.scenarios import kind_of, plain_edit
from cosmolocal.web.api.answers import answer, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.plans import PLAN
from cosmolocal.web.api.reading import PageQuery
from cosmolocal.web.api.schemas import ProblemSchema, build_schema, field_of, list_of, members_of, nested, schema_of
from cosmolocal.web.shared import load_plan, load_region, workspace
from cosmolocal.workflows.fronts import COST, describe_front, find_stored, list_fronts
from cosmolocal.workflows.gaps import gaps_of, hour_rows, tell_gaps
from cosmolocal.workflows.roads import describe_road, kept_view
from cosmolocal.workflows.scenarios import Listed, find_scenario, list_scenarios
from cosmolocal.workflows.siting import load_siting, tell_siting

_scenario = {
    "id": field_of(str, "name of its file"),
    "title": field_of(str),
    "description": field_of(str),
    "plans": field_of(tuple[str, ...], "ids of its plans, newest first"),
    "problems": nested(ProblemSchema, "what is wrong with its file", many=True),
}
ScenarioRow = build_schema("ScenarioRow", **_scenario, address=field_of(str, "where more is told"))
ScenariosPage = list_of("scenarios", ScenarioRow)
EditSchema = build_schema(
    "Edit",
    kind=field_of(str, "as in the file: close-workshop, hours …"),
    values=ma.Dict(keys=ma.String(), required=True, metadata={"description": "its fields, as in the file"}),
)
ScenarioDocument = build_schema("Scenario", **_scenario, edits=nested(EditSchema, many=True))

FrontRow = build_schema(
    "FrontRow",
    **members_of(Front, "points", "lines", "whole", "digests", "aim"),
    aims=field_of(tuple[str, ...], "cost, and what it is traded for"),
    points=field_of(int, "plans to choose from"),
    made_at=field_of(str, "[ISO 8601, UTC]"),
    address=field_of(str, "where more is told"),
)
FrontsPage = list_of("fronts", FrontRow)
PointSchema = build_schema(
    "FrontPoint",
    front=field_of(str, "id of the front"),
    plan=field_of(str, "id of its plan"),
    cost_cents=field_of(int, "of money and of lateness"),
    bound_cents=field_of(int, "no plan that is as good by the aim costs less"),
    gap=field_of(float, "[ratio of its cost]"),
    co2e_g=field_of(int),
    local_value_permille=field_of(int | None),
    local_units_permille=field_of(int | None),
    local_mass_permille=field_of(int | None),
    busiest_permille=field_of(int, "load of the busiest workshop"),
    limit=field_of(int | None, "what its plan keeps; null: it is the cheapest of all"),
    next_step_cents=field_of(int | None, "what one more step of the aim costs up to the next point"),
)
LowestSchema = build_schema(
    "Lowest", value=field_of(int, "of the aim"), cents=field_of(int, "no plan of this value costs less")
)
FrontDocument = build_schema(
    "Front",
    front=field_of(str, "id"),
    region=field_of(str),
    book=field_of(str),
    aims=field_of(tuple[str, ...]),
    points=nested(PointSchema, many=True),
    bound=nested(LowestSchema, many=True),
    digests=ma.Dict(keys=ma.String(), values=ma.String(), required=True),
)

ProposalSchema = build_schema(
    "Proposal",
    **{name: field_of(str) for name in ("id", "offer", "name", "place", "workshop")},
    opens=field_of(bool, "does a workshop open?"),
    processes=field_of(tuple[str, ...]),
    **{name: field_of(int) for name in ("price_cents", "yearly_cents", "lifetime_years", "annuity_cents")},
)
MeasuredSchema = build_schema(
    "ToldMeasured",
    **members_of(Measured),
    saves_cents_a_year=field_of(int),
    saves_money_cents_a_year=field_of(int),
    gains_cents_a_year=field_of(int, "what is saved less what it costs"),
    payback_years=field_of(float | None, "null: never"),
    payback_money_years=field_of(float | None, "by money alone; null: never"),
)
RankedSchema = build_schema(
    "ToldRanked",
    **members_of(Ranked, "limit_cents", "own_limit_cents", "measured"),
    places=field_of(tuple[str, ...]),
    proposal=nested(ProposalSchema, "null: the row speaks of several places", allow_none=True),
    saves_at_most_cents=field_of(int, "in the weeks planned"),
    of_it_own_cents=field_of(int, "the rest is what the plan at hand may be from its best"),
    gains_at_most_cents_a_year=field_of(int),
    measured=nested(MeasuredSchema, "null: only its limit is known", allow_none=True),
)
NextSchema = build_schema(
    "ToldNext",
    **members_of(NextBest, "plan", "ranked", "open_cents"),
    open_cents_a_year=field_of(int, "most that what was not planned may gain more than the best that was"),
    scaled_to_weeks=field_of(int),
    is_safe=field_of(bool, "can nothing else be better than the best that was planned?"),
    ranked=nested(RankedSchema, many=True),
)
GapsDocument = build_schema(
    "Gaps",
    plan=field_of(str),
    lots=field_of(int, "that hours would mend"),
    units=field_of(int),
    worth=nested(schema_of(HourWorth), many=True),
    apart=nested(schema_of(Apart), many=True),
    checked=nested(schema_of(HourCheck), many=True),
    next=nested(NextSchema, "what to buy or open next; null: nobody has asked yet", allow_none=True),
)
HourSchema = build_schema(
    "MissingHours",
    plan=field_of(str),
    process=field_of(str),
    place=field_of(str, "where the orders go to"),
    district=field_of(str),
    week=field_of(int),
    monday=field_of(str),
    least_minutes=field_of(int, "on the machines that need least for it"),
    mean_minutes=field_of(int, "on the machines of the region in the mean"),
    lots=field_of(int),
    worth_cents=field_of(int, "what one more hour of the process would save in that week"),
)
HoursPage = list_of("hours", HourSchema)

SitingDocument = build_schema(
    "ToldSiting",
    **members_of(Siting),
    gap=field_of(float, "[ratio of its objective]"),
    open_cents=field_of(int, "of all sites, in the weeks planned"),
    model_saves_cents=field_of(int, "by the model"),
    planned_saves_cents=ma.Integer(metadata={"description": "really planned; left out: not planned yet"}),
    proved_savings_cents=ma.List(
        ma.Integer(),
        metadata={"description": "least and most that the best plan with them saves; left out: not planned yet"},
    ),
)
RoadDocument = build_schema(
    "ToldRoad",
    region=field_of(str),
    status=field_of(RoadStatus),
    **{name: field_of(float) for name in ("target_percent", "share_percent", "share_bound_percent", "met_percent")},
    target_year=field_of(int),
    cost_cents=field_of(int),
    bound_cents=field_of(int),
    gap=field_of(float),
    yearly_budget_cents=field_of(int),
    measure=field_of(str),
    road=nested(
        build_schema(
            "Road",
            **members_of(Road, "buys", "years", "bands"),
            buys=nested(schema_of(Buy), many=True),
            years=nested(schema_of(RoadYear), many=True),
            bands=nested(schema_of(Band), many=True),
        )
    ),
    terms=nested(schema_of(RoadTerms)),
    digests=ma.Dict(keys=ma.String(), values=ma.String(), required=True),
)


def describe_scenario(listed: Listed) -> dict[str, Any]:
    """Return what a list tells of a scenario; one whose file is faulty has no title."""
    scenario = listed.scenario
    return {
        "id": listed.id,
        "title": scenario.title if scenario else "",
        "description": scenario.description if scenario else "",
        "plans": [plan.id for plan in listed.plans],
        "problems": to_plain(listed.problems),
    }


@bp.operation("GET", "/scenarios", Terms("whatif", ScenariosPage, query=PageQuery))
def list_what_if(query: dict[str, Any]) -> Response:
    """Return a page of the scenarios by name, each with its plans."""
    load_region()
    rows, following = page_after(list_scenarios(workspace()), lambda row: row.id, query, sorted_by_key=True)
    told = [{**describe_scenario(row), "address": f"/api/v1/scenarios/{row.id}"} for row in rows]
    return answer({"scenarios": told, "next": following})


@bp.operation("GET", "/scenarios/<scenario_id>", Terms("whatif", ScenarioDocument))
def show_scenario(scenario_id: str) -> Response:
    """Return a scenario with its edits, as its file has them."""
    load_region()
    listed = find_scenario(workspace(), scenario_id)
    edits = listed.scenario.edits if listed.scenario else ()
    told = [{"kind": kind_of(edit), "values": to_plain(plain_edit(edit))} for edit in edits]
    return answer({**describe_scenario(listed), "edits": told})


@bp.operation("GET", "/fronts", Terms("whatif", FrontsPage, query=PageQuery))
def list_trade_offs(query: dict[str, Any]) -> Response:
    """Return a page of the fronts, newest first: plans between which to choose."""
    load_region()
    rows, following = page_after(list_fronts(workspace()), lambda row: row[1].id, query)
    told = [
        {
            "id": front.id,
            "region": front.region,
            "book": front.book,
            "aims": [COST, front.aim.value],
            "points": len(front.points),
            "made_at": made_at,
            "address": f"/api/v1/fronts/{front.id}",
        }
        for made_at, front in rows
    ]
    return answer({"fronts": told, "next": following})


@bp.operation("GET", "/fronts/<front_id>", Terms("whatif", FrontDocument))
def show_front(front_id: str) -> Response:
    """Return a front: its plans, and what no plan costs less than along the aim."""
    load_region()
    return answer(describe_front(find_stored(workspace(), front_id)[1]))


@bp.operation("GET", f"{PLAN}/gaps", Terms("whatif", GapsDocument))
def show_gaps(plan_id: str) -> Response:
    """Return what a plan lacks besides its missing hours: what an hour is worth, and what to buy or open next."""
    told = tell_gaps(workspace(), load_plan(plan_id))
    return answer({name: value for name, value in told.items() if name != "hours"})


@bp.operation("GET", f"{PLAN}/gaps/hours", Terms("whatif", HoursPage, query=PageQuery))
def list_missing_hours(query: dict[str, Any], plan_id: str) -> Response:
    """Return a page of the machine hours that a plan lacks, by process, place and week."""
    view = load_plan(plan_id)
    found = hour_rows(gaps_of(workspace(), view), view.plan, workspace().region_of(view.plan))
    rows, following = page_after(found, lambda row: f"{row['process']}/{row['place']}@{row['week']}", query)
    return answer({"hours": rows, "next": following})


@bp.operation("GET", f"{PLAN}/siting", Terms("whatif", SitingDocument))
def show_siting(plan_id: str) -> Response:
    """Return where sites would best open beside a plan, as they were chosen last."""
    found = load_siting(workspace(), load_plan(plan_id).plan)
    if found is None:
        raise NotFoundError("no sites were chosen beside this plan yet")
    return answer(tell_siting(found))


@bp.operation("GET", "/road", Terms("whatif", RoadDocument, errors=(404,)))
def show_road() -> Response:
    """Return the road to the target that was found from the files as they are."""
    load_region()
    found = kept_view(workspace())
    if found is None:
        raise NotFoundError(say("there is no road yet"))
    return answer(describe_road(found))
