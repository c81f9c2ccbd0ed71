"""The causes of the provider's own rules, and of faults of ours. Rows of the table in ``causes``."""

CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "provider.not_found",
        "The call names a resource that this client does not have.",
        "sandbank resource list KIND --client demo shows those that it has",
    ),
    (
        "provider.not_yours",
        "The call names a resource that belongs to somebody else, or to another profile of the client.",
        "use the ids of the client whose token it is; sandbank resource list profile --client demo shows them",
    ),
    (
        "provider.invalid_state",
        "The resource is not in the state that the call asks for: it was done already, or cannot be done yet.",
        "sandbank client reset demo puts the client's rows back; sandbank resource put KIND ID makes another",
    ),
    (
        "provider.no_funds",
        "The balance does not hold as much as the call takes.",
        "sandbank resource put balance ID --set currency=GBP --set amount=1000000 --client demo does; or fund less",
    ),
    (
        "provider.not_enabled",
        "The provider offers this to some partners; the sandbox does not imitate it.",
        "the provider's README in the project says what is imitated",
    ),
    (
        "provider.not_unique",
        "Something with that id is there already.",
        "choose another id",
    ),
    (
        "provider.key_reused",
        "The idempotency key came with another call a short while ago.",
        "make a new key for every call, and send the same one only with the same call again",
    ),
    (
        "provider.invalid_body",
        "A field of the body or the query is missing or is none of the allowed ones, or the body is not JSON.",
        "compare body and query with the provider's reference of this call",
    ),
    (
        "provider.fault",
        "A fault of the sandbox's own; the call changed nothing.",
        "please report it with the file faults.log of the state folder",
    ),
    (
        "provider.busy",
        "The store was held by another process for too long, has no room, or does not answer. Nothing was changed.",
        "send the call again; look for a program that holds the state's database open, and at its disk's free space",
    ),
    (
        "provider.uncertain",
        "The database hung up while the call's change was being committed: it was made as a whole, or not at all.",
        "look whether it was made before you send the call again: sandbank certificate list, resource list, key list",
    ),
)
