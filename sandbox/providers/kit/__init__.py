'''The kit of which providers are built: what is fact about a resource is declared once, and calls are made from it.

A chapter is a file per resource. This is a whole one, in the manner of a provider that writes plural arrays:

    """Wallets. Source: the description 25.04.03, "Wallets"."""
    WALLET = Resource(
        kind="wallet",
        id=counted(1001, name="walletId"),                  # or random_id(10), uuid_id(), hex_id(32)
        fields=(                                            # what a call may give, in the order in which it is shown
            Field(name="userId", kind=whole(1, INT64), wrong="WRONG", missing="MISSING"),
            Field(name="eventName", kind=text(longest=255), wrong="WRONG", missing="MISSING"),
            Field(name="currency", kind=choice("EUR"), wrong="WRONG", default="EUR"),
            Field(name="walletStatus", kind=choice("VALIDATED", "CANCELED"), given=False, default="VALIDATED"),
            Field(name="createdDate", make=lambda making: f"{making.now:%Y-%m-%d %H:%M:%S}"),
        ),
        rules=(exists("userId", "user", "NO_USER"), unique("eventName", "wallet", "TAKEN", within="userId")),
        index=("userId", "eventName", "walletStatus"),      # by which rules and lists find rows, without reading all
        seeds=(                                             # what seed files and `resource put` may set
            Seed(name="userId", default=101),
            Seed(name="eventName", default="Main"),
            Seed(name="walletStatus", default="VALIDATED"),
        ),
        rows={"1001": {}},                                  # what every new client has
    )
    ASKS = Listing(filters=(Filter(name="userId", kind=whole(1, INT64), wrong="WRONG"),), paging=PAGES)

    def cancel(request: Request, context: Context) -> Response:       # only what is behaviour is code
        wallet = WALLET.existing(context, request.params["walletId"])
        refuse_if(wallet["walletStatus"] == "CANCELED", Problem(code="CANCELED_ALREADY", seen="CANCELED"))
        return STYLE.shown(WALLET, WALLET.change(context, wallet, walletStatus="CANCELED"))

    ENDPOINTS = (
        *crud(WALLET, "/v1/wallets", STYLE, read=("read_only",), write=("read_write",), asks=ASKS, without=("remove",)),
        action("DELETE", "/v1/wallets/{walletId}", cancel, STYLE, scopes=("read_write",), body=False),
    )

What all calls of a provider have in common is its `Style`, in a file of its own:

    PAGES = Paging(number="pageNumber", size="pageCount", usual=20, largest=200, cut=True)
    ERRORS = ErrorStyle(
        body=lambda stage, problems: {"errors": [{"errorCode": p.code, "errorMessage": p.message} for p in problems]},
        sentences={"MISSING": "The field is required", ...},
        statuses={"malformed": 400, "fields": 400, "rules": 400, "absent": 404},
        provider="example",
    )
    STYLE = Style(
        errors=ERRORS,
        one=lambda resource, body: {resource.many: [body]},
        many=lambda resource, uri, bodies, page: {resource.many: list(bodies)},
        created=200,
    )

and its chapters are put together by `chapters(endpoints=(...), resources=(WALLET, ...))`, which the declaration gives
as `Provider.chapters`. Every resource that is kept belongs in the list, also one that nobody can put: there its index
is looked up. With idempotency, `REPLIES` belongs there too. ``known=`` names calls that the provider has and the
sandbox has not, so that whoever calls one is told so.

- `values`: kinds of values. A kind reads, says what may stand there, and writes. `money(..., written="exact")` keeps
  two decimals on the wire, `written="text"` sends amounts as texts.
- `fields`: bodies read against fields, everything that is wrong at once; nested objects (`members`), at most one of
  (`Apart`), `secret`; `fixed` members, which a partial change passes over.
- `problems`: whoever finds something wrong raises `Stop` (`refuse_fields`, `refuse_rules`, `refuse_if`,
  `refuse_absent`); the endpoint's `ErrorStyle` makes the reply.
- `making`: what a new resource is made of. Defaults, `make`, `body`, `notes` and rules are functions of a `Making`.
- `rules`: the index, `exists`, `unique`, `needs_one_of`; a rule of your own is `Rule(check=function)`.
- `resource`: `Resource`; `Below` for parents in the path, `Seed` for what people put. In a handler: `existing`, `add`,
  `change`, `all`, `shown`. ``touch`` says what every change sets besides.
- `lists`: `Filter`, `Span`, `Paging`, `Listing`; asked in the query, or in a body with ``inside=("filter", "page")``.
  ``order="sortOrder"`` names the parameter that turns the order round.
- `calls`: `told` says of a chapter's calls where they were read, what they leave out and which tokens they take, as
  ``sandbank calls`` shows it; `Style`, `create`, `listing`, `view`, `change`, `remove`, `crud`; `look` and `action` for
  own handlers; a look that may be long is ``aside`` and runs in a thread.
- `idempotency`: a call that comes twice is done once. The key is a function of the call: a header, a member of its
  body; with ``per_path`` it counts for one method and path.

A read endpoint gets a `ReadContext`, which has nothing to write with. A reply of another media type is
``Response(status=…, body=b"…", media_type="text/plain")``.
'''
