"""Who asks for a certificate, and what they have already: what both judgements, of CSRs and of uploads, go by.

Where it is looked up is left to `store`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who asks for a certificate, under which name, and what for; `holder` is the client id.

    `id` is what the provider calls the certificate, "" where it has no name of its own. `known` is what else the
    provider knows of the holder, for the templates of its profiles. The purpose is the offer's: it sets it."""

    provider: str
    holder: str
    name: str
    purpose: str = "transport"
    id: str = ""
    known: tuple[tuple[str, str], ...] = ()

    def placeholders(self) -> dict[str, str]:
        """What a template may name in braces."""
        return {**dict(self.known), "holder": self.holder, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same certificate, in the store already and not revoked: what for, and whether it is the asker's own."""

    name: str = field(repr=False)
    purpose: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the holder already has for this purpose that is neither expired nor revoked, and who else has the key.

    `key_purposes` are the holder's other purposes for which a certificate of the same key is not revoked;
    `key_elsewhere` says that another client of the provider has one. `moduli` are those of the RSA keys in the holder's
    newest certificates, whatever they are for and whatever became of them: empty where nobody asked."""

    active: int = 0
    names: frozenset[str] = frozenset()
    key_purposes: frozenset[str] = frozenset()
    key_elsewhere: bool = False
    twin: Twin | None = None
    moduli: frozenset[int] = field(default=frozenset(), repr=False)
