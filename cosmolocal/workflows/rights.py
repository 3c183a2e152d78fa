"""Who may do what: one table, deny by default. Every workflow that changes something asks here first."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.errors import ForbiddenError
from cosmolocal.planning.wording import N_
from cosmolocal.records import Person, Role


class Action(StrEnum):
    """What a person may want to do."""

    READ = "read"
    PUBLISH_NEW = "publish-new"
    RELEASE = "release"
    EDIT_DRAFT = "edit-draft"
    YANK = "yank"
    SET_OWNERS = "set-owners"
    TAKE_DOWN = "take-down"
    CONFIRM = "confirm"
    REPORT_MAKE = "report-make"
    PUBLISH_PLAN = "publish-plan"
    SEE_JOB = "see-job"
    ANSWER_JOB = "answer-job"
    SET_CLOSURE = "set-closure"
    ASK_QUESTION = "ask-question"
    ANSWER_QUESTION = "answer-question"
    EDIT_ORDERS = "edit-orders"
    PLAN = "plan"
    EDIT_SCENARIOS = "edit-scenarios"
    STEER = "steer"
    EDIT_WORKSHOPS = "edit-workshops"
    EDIT_PLACES = "edit-places"
    MANAGE_PEOPLE = "manage-people"
    OWN_ACCOUNT = "own-account"
    #: see the figures of the server from another machine
    OPERATE = "operate"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do one thing."""

    #: may somebody with one of these roles?
    roles: frozenset[Role] = frozenset()
    #: may somebody with one of these roles, who also owns the thing?
    owner_roles: frozenset[Role] = frozenset()
    #: may everybody, signed in or not?
    anyone: bool = False


def _any_of(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


ALL = frozenset(Role)
MAKERS = _any_of(Role.MAKER, Role.ADMINISTRATOR)
PLANNERS = _any_of(Role.PLANNER, Role.ADMINISTRATOR)

RULES = {
    Action.READ: Rule(anyone=True),
    Action.PUBLISH_NEW: Rule(roles=MAKERS),
    # administrators too: whoever may publish the first version may publish the next one of the same design
    Action.RELEASE: Rule(owner_roles=MAKERS),
    Action.EDIT_DRAFT: Rule(roles=_any_of(Role.ADMINISTRATOR), owner_roles=MAKERS),
    Action.YANK: Rule(roles=_any_of(Role.ADMINISTRATOR), owner_roles=ALL),
    Action.SET_OWNERS: Rule(roles=_any_of(Role.ADMINISTRATOR), owner_roles=ALL),
    Action.TAKE_DOWN: Rule(roles=_any_of(Role.ADMINISTRATOR)),
    Action.CONFIRM: Rule(roles=_any_of(Role.PLANNER, Role.MAKER, Role.WORKSHOP, Role.ADMINISTRATOR)),
    Action.REPORT_MAKE: Rule(roles=_any_of(Role.WORKSHOP, Role.MAKER, Role.ADMINISTRATOR)),
    Action.PUBLISH_PLAN: Rule(roles=PLANNERS),
    # who answers for a workshop owns its jobs and its hours: see `answering`
    Action.SEE_JOB: Rule(roles=PLANNERS, owner_roles=_any_of(Role.WORKSHOP)),
    Action.ANSWER_JOB: Rule(roles=_any_of(Role.ADMINISTRATOR), owner_roles=_any_of(Role.WORKSHOP)),
    Action.SET_CLOSURE: Rule(roles=PLANNERS, owner_roles=_any_of(Role.WORKSHOP)),
    Action.ASK_QUESTION: Rule(roles=_any_of(Role.PLANNER, Role.WORKSHOP, Role.MAKER, Role.ADMINISTRATOR)),
    Action.ANSWER_QUESTION: Rule(roles=_any_of(Role.ADMINISTRATOR), owner_roles=ALL),
    # also reads what order books say of addresses and contacts
    Action.EDIT_ORDERS: Rule(roles=_any_of(Role.PLANNER, Role.ADMINISTRATOR)),
    Action.PLAN: Rule(roles=PLANNERS),
    Action.EDIT_SCENARIOS: Rule(roles=PLANNERS),
    Action.STEER: Rule(roles=PLANNERS),
    Action.EDIT_WORKSHOPS: Rule(roles=PLANNERS),
    Action.EDIT_PLACES: Rule(roles=PLANNERS),
    Action.MANAGE_PEOPLE: Rule(roles=_any_of(Role.ADMINISTRATOR)),
    Action.OWN_ACCOUNT: Rule(roles=ALL),
    Action.OPERATE: Rule(roles=_any_of(Role.ADMINISTRATOR)),
}

SIGN_IN = N_("You have to sign in for this.")
REFUSED = N_("Your account may not do this.")
NOT_THE_OWNER = N_("Only owners of the design may do this, and you are not one of them.")
NOT_THE_WORKSHOP = N_("Only people who answer for the workshop may do this, and you are not one of them.")
#: what to say where owning would help, if it is no design that would be owned
NOT_OWNED = dict.fromkeys((Action.SEE_JOB, Action.ANSWER_JOB, Action.SET_CLOSURE), NOT_THE_WORKSHOP)


def answering(person: Person | None, workshop: str) -> tuple[str, ...]:
    """Return the name of a person who answers for a workshop: who owns its jobs; nobody else is named."""
    return (person.name,) if person is not None and person.workshop == workshop else ()


def may(person: Person | None, action: Action, owners: Collection[str] = ()) -> bool:
    """Return whether a person (None: nobody is signed in) may do something; ``owners`` are names of people."""
    rule = RULES.get(action, Rule())
    if rule.anyone:
        return True
    if person is None or not person.active:
        return False
    return bool(person.roles & rule.roles) or (person.name in owners and bool(person.roles & rule.owner_roles))


def authorize(person: Person | None, action: Action, owners: Collection[str] = ()) -> None:
    """Let a person do something, or not.

    Raises
    ------
    ForbiddenError
        When the person may not; ``sign_in`` is set when nobody is signed in.
    """
    if may(person, action, owners):
        return
    if person is None:
        raise ForbiddenError(SIGN_IN, sign_in=True)
    owning_would_help = may(person, action, (*owners, person.name))
    raise ForbiddenError(NOT_OWNED.get(action, NOT_THE_OWNER) if owning_would_help else REFUSED)
