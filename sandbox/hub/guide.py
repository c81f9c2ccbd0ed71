"""A provider's guides: each step with the command to copy, and played here against a temporary sandbox."""

from dataclasses import dataclass

from sandbox.errors import SandbankError, Taken
from sandbox.hub.page import HubPage, HubRoute, Redirect, Visit, base, broken_rules
from sandbox.providers import named
from sandbox.services.state import State
from sandbox.services.touring import PlayedStep, Tour, TourStep, play, played, tours_of

_CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """A step with what came of it."""

    step: TourStep
    number: int
    """Among those of all the provider's guides."""
    played: PlayedStep | None
    runs: bool
    """Whether it is being played."""


def guide(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """The guides, and the newest tour through them as far as it went."""
    provider = named(visit.params["provider"])
    tours, tour = tours_of(provider.name), played(state, provider.name)
    came = tour.steps if tour else ()
    shown: list[tuple[Tour, list[StepShown]]] = []
    number = 0
    for each in tours:
        steps = []
        for step in each.steps:
            number += 1
            done = came[number - 1] if number <= len(came) else None
            runs = bool(tour and tour.runs and number == len(came) + 1)
            steps.append(StepShown(step=step, number=number, played=done, runs=runs))
        shown.append((each, steps))
    values = {
        "provider": provider,
        "tours": shown,
        "tour": tour,
        "count": number,
        "broken": broken_rules(error) if error else (),
    }
    return HubPage(template="guide.html", values=values, status=_CONFLICT if error else 200)


def start(state: State, visit: Visit) -> HubPage | Redirect:
    """Begin to play them."""
    provider = named(visit.params["provider"])
    try:
        play(state, provider.name)
    except Taken as error:
        return guide(state, visit, error)
    return Redirect(to=f"{base(provider)}/guide")


_AT = "/hub/providers/{provider}/guide"

ROUTES = (
    HubRoute(path=_AT, view=guide),
    HubRoute(path=_AT, view=start, method="POST"),
)
