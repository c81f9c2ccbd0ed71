"""The chapters of Transcrypts' page, put together; a relative's are the same but for what it names itself."""

from sandbox.providers.declare import Chapters
from sandbox.providers.kit.calls import chapters
from sandbox.providers.transcrypts import employment, links, orders, users, verifications, webhooks


def made(*, refresh: str = orders.ONE, instant: bool = True) -> Chapters:
    """*refresh* is the path by which an order is made again; *instant*: whether there are instant verifications."""
    return chapters(
        endpoints=(
            *users.ENDPOINTS,
            *orders.EXCHANGE,
            *links.ENDPOINTS,
            *employment.ENDPOINTS,
            *orders.endpoints(refresh),
            *(verifications.ENDPOINTS if instant else ()),
            *webhooks.ENDPOINTS,
        ),
        resources=(
            users.USER,
            users.BRIDGE,
            links.LINK,
            links.TASK,
            employment.EMPLOYMENT,
            employment.REPORT,
            orders.ORDER,
            verifications.VERIFICATION,
            webhooks.WEBHOOK,
            webhooks.HEADER,
            webhooks.CONFIGURATION,
        ),
    )


CHAPTERS = made()
