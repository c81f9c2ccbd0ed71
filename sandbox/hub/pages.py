"""Every page of the hub: one explicit tuple, a file for each noun."""

from sandbox.hub import belongings, certificates, clients, clock, journal, subscriptions, webhooks
from sandbox.hub.page import HubRoute
from sandbox.hub.start import guide, start

PAGES: tuple[HubRoute, ...] = (
    HubRoute(path="/", view=start),
    *journal.ROUTES,
    *clock.ROUTES,
    *clients.ROUTES,
    *certificates.ROUTES,
    *belongings.ROUTES,
    *webhooks.ROUTES,
    *subscriptions.ROUTES,
    HubRoute(path="/hub/providers/{provider}/guide", view=guide),
)
