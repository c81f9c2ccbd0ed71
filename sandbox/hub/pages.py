"""Every page of the hub: one explicit tuple, a file for each noun. Those of webhooks belong here as well."""

from sandbox.hub import clock, journal
from sandbox.hub.page import HubRoute
from sandbox.hub.start import start

PAGES: tuple[HubRoute, ...] = (
    HubRoute(path="/", view=start),
    *journal.ROUTES,
    *clock.ROUTES,
)
