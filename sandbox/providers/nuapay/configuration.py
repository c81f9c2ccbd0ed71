"""What an organisation may choose of the sandbox where Nuapay's own pages say two things; rows that people put.

sandbank resource put configuration certificates --set rdnLayout=single --provider nuapay
"""

from datetime import datetime

from sandbox.errors import Misuse
from sandbox.providers.context import Body, Resources

KIND = "configuration"
CERTIFICATES = "certificates"
RDN_LAYOUTS = ("ordinary", "single")
"""Of the two published certificates for signing, one has an RDN for each attribute, the other one RDN for all."""
SPELLINGS = ("NON-REPUDIATION", "NON_REPUDIATION")
"""The description of the reply has the first, that of the query and the example of the list the second."""


def configuration(id: str, given: Body, now: datetime) -> Body:
    """The row, completed."""
    if id != CERTIFICATES:
        raise Misuse(f"there is no configuration {id[:40]!r}; there is: {CERTIFICATES}")
    choices = {"rdnLayout": RDN_LAYOUTS, "typeSpelling": SPELLINGS}
    if unknown := sorted(set(given) - set(choices)):
        raise Misuse(f"unknown field {unknown[0][:40]!r}; there are: {', '.join(choices)}")
    chosen = {}
    for name, allowed in choices.items():
        chosen[name] = given.get(name, allowed[0])
        if chosen[name] not in allowed:
            raise Misuse(f"{name} must be one of {', '.join(allowed)}, not {chosen[name]!r:.40}")
    return chosen


def chosen(rows: Resources, name: str) -> str:
    """What the organisation has chosen, or the usual."""
    usual = {"rdnLayout": RDN_LAYOUTS[0], "typeSpelling": SPELLINGS[0]}
    return str((rows.get(KIND, CERTIFICATES) or usual)[name])
