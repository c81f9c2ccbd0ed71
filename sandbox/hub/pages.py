"""Every page of the hub: one explicit tuple, a file for each noun."""

from sandbox.hub import belongings, certificates, clients, clock, guide, journal, subscriptions, webhooks
from sandbox.hub.page import HubRoute
from sandbox.hub.start import start

PAGES: tuple[HubRoute, ...] = (
    HubRoute(path="/", view=start),
    *journal.ROUTES,
    *clock.ROUTES,
    *clients.ROUTES,
    *certificates.ROUTES,
    *belongings.ROUTES,
    *webhooks.ROUTES,
    *subscriptions.ROUTES,
    *guide.ROUTES,
)
