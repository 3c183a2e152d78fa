"""The use cases; the command line and the pages call only these."""

from cosmolocal.exports.plan_file import plan_to_bytes
from cosmolocal.exports.report import euros, gap_percent
from cosmolocal.network.files import NETWORK_FORMATS, export_network
from cosmolocal.planning.audit import CODES as RULES
from cosmolocal.planning.replanning import Previous
from cosmolocal.planning.solvers.solution import SOLVERS, Progress, SolveSettings, Watch
from cosmolocal.workflows.checking import Validation, read_foreign_manifests, validate_region
from cosmolocal.workflows.design_export import verify_designs
from cosmolocal.workflows.design_search import (
    DesignQuery,
    SearchPage,
    list_found,
    read_query,
    reindex_designs,
    search_designs,
)
from cosmolocal.workflows.diagnosing import Diagnosis, diagnose
from cosmolocal.workflows.explaining import explain_order
from cosmolocal.workflows.inputs import Book, RegionInputs, read_book, read_region, settings_of
from cosmolocal.workflows.planning import (
    Planned,
    audit_records,
    plan_book,
    plan_summary,
)
from cosmolocal.workflows.promising import PRIORITIES, Question, open_desk, quote
from cosmolocal.workflows.publishing import check_design, list_designs, publish_design, show_design
from cosmolocal.workflows.replanning import Request, describe_changes, read_replanning, tell_changes
from cosmolocal.workflows.workspace import (
    PLAN_FORMATS,
    PlanView,
    Workspace,
    describe_figures,
    export_view,
    view_plan,
)

__all__ = [
    "NETWORK_FORMATS",
    "PLAN_FORMATS",
    "PRIORITIES",
    "RULES",
    "SOLVERS",
    "Book",
    "DesignQuery",
    "Diagnosis",
    "PlanView",
    "Planned",
    "Previous",
    "Progress",
    "Question",
    "RegionInputs",
    "Request",
    "SearchPage",
    "SolveSettings",
    "Validation",
    "Watch",
    "Workspace",
    "audit_records",
    "check_design",
    "describe_changes",
    "describe_figures",
    "diagnose",
    "euros",
    "explain_order",
    "export_network",
    "export_view",
    "gap_percent",
    "list_designs",
    "list_found",
    "open_desk",
    "plan_book",
    "plan_summary",
    "plan_to_bytes",
    "publish_design",
    "quote",
    "read_book",
    "read_foreign_manifests",
    "read_query",
    "read_region",
    "read_replanning",
    "reindex_designs",
    "search_designs",
    "settings_of",
    "show_design",
    "tell_changes",
    "validate_region",
    "verify_designs",
    "view_plan",
]
