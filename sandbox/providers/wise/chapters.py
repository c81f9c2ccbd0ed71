"""The chapters of Wise's page, put together: every call, and the resources that they work on.

Each call stands on its older path, ``/v1/…`` to ``/v5/…``, and on those of the versions by date; where the two differ,
the chapter has a call for each.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import chapters
from sandbox.providers.kit.idempotency import REPLIES
from sandbox.providers.wise import (
    account_details,
    account_requirements,
    activities,
    addresses,
    balances,
    batches,
    books,
    borderless,
    businesses,
    confirmations,
    currencies,
    funding,
    jose,
    login,
    movements,
    one_time_tokens,
    phone_numbers,
    profiles,
    profiles_v1,
    quotes,
    quotes_v1,
    rates,
    receipts,
    recipient_lists,
    recipients,
    sending,
    simulation,
    statement_files,
    subscriptions,
    third_party,
    transfers,
    users,
)
from sandbox.providers.wise.not_there import NOT_THERE
from sandbox.providers.wise.sca import STEP_UP
from sandbox.providers.wise.signing import SIGNING

VERSIONS = ("2026Q3", "2026Q4")
"""Those that there are by date: one of another name is answered 404, as Wise was seen to do."""


def dated(path: str) -> tuple[str, ...]:
    """The same call's paths by date: the version of the resource is no longer in them."""
    rest = re.sub(r"^/v\d+", "", path)
    return tuple(f"/{version}{rest}" for version in VERSIONS)


def _both(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(replace(one, also=dated(one.path)) for one in endpoints)


def _dated_only(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(replace(one, path=dated(one.path)[0], also=dated(one.path)[1:]) for one in endpoints)


CHAPTERS = chapters(
    endpoints=(
        *_both(login.ENDPOINTS),
        *login.LEGACY,
        *jose.LEGACY,
        *login.PLAYGROUND,
        *_both(jose.ENDPOINTS),
        *_both(users.ENDPOINTS),
        *_both(profiles.ENDPOINTS),
        *profiles_v1.LEGACY,
        *_both(businesses.ENDPOINTS),
        *_both(addresses.ENDPOINTS),
        *addresses.LEGACY,
        *_both(quotes.ENDPOINTS),
        *quotes.LEGACY,
        *quotes_v1.LEGACY,
        *_both(recipients.ENDPOINTS),
        *recipients.LEGACY,
        *_dated_only(recipients.CALVER),
        *_both(recipient_lists.ENDPOINTS),
        *recipient_lists.LEGACY,
        *_both(confirmations.ENDPOINTS),
        *confirmations.LEGACY,
        *_both(account_requirements.ENDPOINTS),
        *account_requirements.LEGACY,
        *_both(sending.ENDPOINTS),
        *_both(funding.ENDPOINTS),
        *funding.LEGACY,
        *_both(receipts.ENDPOINTS),
        *_both(batches.ENDPOINTS),
        *_both(third_party.ENDPOINTS),
        *_dated_only(third_party.DATED),
        *third_party.LEGACY,
        *_both(balances.ENDPOINTS),
        *balances.LEGACY,
        *_both(currencies.ENDPOINTS),
        *currencies.LEGACY,
        *_both(movements.ENDPOINTS),
        *movements.LEGACY,
        *_both(statement_files.ENDPOINTS),
        *statement_files.LEGACY,
        *_both(borderless.ENDPOINTS),
        *borderless.LEGACY,
        *_both(account_details.ENDPOINTS),
        *account_details.LEGACY,
        *_both(activities.ENDPOINTS),
        *_both(simulation.ENDPOINTS),
        *_both(subscriptions.ENDPOINTS),
        *_both(one_time_tokens.ENDPOINTS),
        *one_time_tokens.LEGACY,
        *_both(phone_numbers.ENDPOINTS),
        *phone_numbers.LEGACY,
    ),
    resources=(
        users.USER,
        users.GRANT,
        profiles.PROFILE,
        businesses.DIRECTOR,
        businesses.OWNER,
        balances.BALANCE,
        books.ENTRY,
        account_details.ORDER,
        rates.RATE,
        quotes.QUOTE,
        quotes.NUMBER,
        recipients.RECIPIENT,
        transfers.TRANSFER,
        transfers.CUSTOMER_KEY,
        batches.BATCH,
        funding.MANNER,
        login.REDIRECT,
        subscriptions.SUBSCRIPTION,
        one_time_tokens.TOKEN,
        one_time_tokens.USER_STATE,
        phone_numbers.PHONE_NUMBER,
        REPLIES,
    ),
    known=NOT_THERE,
    signing=SIGNING,
    step_up=STEP_UP,
)
