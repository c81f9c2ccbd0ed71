import pytest

from ca.policy.subject import (
    AlternativeRule,
    SubjectRule,
    fitting,
    judge_alternatives,
    judge_string_types,
    judge_subject,
)
from ca.x509.der import wrap
from ca.x509.names import AlternativeName, Attribute
from tests.ca.making import PAGE

WORDS = {"holder": "a.b+c", "company": "Acme"}


def codes(rule: SubjectRule, *subject: tuple[str, str]) -> list[str]:
    read = tuple(Attribute(*each) for each in subject)
    return [refusal.code.removeprefix("certificate.") for refusal in judge_subject(read, rule, "Provider", PAGE, WORDS)]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ((("O", "Nice"), ("C", "GB")), []),
        ((("O", "nice"), ("C", "GB")), ["attribute_wrong"]),
        ((("O", ""), ("C", "GB")), ["attribute_empty"]),
        ((("C", "GB"),), ["attribute_missing"]),
        ((("O", "Nice"), ("O", "Nice"), ("C", "GB")), ["attribute_repeated"]),
        ((("O", "Else"), ("C", "FR")), ["attribute_wrong", "attribute_wrong"]),
    ],
)
def test_fixed_attributes_are_there_once_and_exactly(subject: tuple[tuple[str, str], ...], expected: list[str]) -> None:
    """Missing, repeated, empty and wrong each have a code."""
    assert codes(SubjectRule(fixed=(("O", "Nice"), ("C", "GB"))), *subject) == expected


def test_a_fixed_attribute_that_is_also_required_is_told_once() -> None:
    """With the value that it has to have."""
    rule = SubjectRule(required=("O",), fixed=(("O", "Nice"),))
    (refusal,) = judge_subject((Attribute("O", "x"),), rule, "Provider", PAGE, WORDS)
    assert (refusal.seen, refusal.expected, refusal.rule) == ("x", "O=Nice", PAGE)


def test_other_attributes_are_refused_where_the_rule_says_so() -> None:
    """By a list of all that may be there, by a list of those that may not, or none at all; each kind once."""
    subject = (("O", "Acme"), ("OU", "a"), ("OU", "b"), ("emailAddress", "a@b.test"))
    assert codes(SubjectRule(), *subject) == []
    assert codes(SubjectRule(allowed=("O",)), *subject) == ["attribute_refused", "attribute_refused"]
    assert codes(SubjectRule(forbidden=("OU", "CN")), *subject) == ["attribute_refused"]
    assert codes(SubjectRule(allowed=()), *subject) == ["attribute_refused"] * 3
    assert codes(SubjectRule(allowed=())) == []


@pytest.mark.parametrize(
    ("pattern", "names", "expected"),
    [
        ("", (), []),
        ("", ("x", "y"), []),
        ("{holder}", ("a.b+c",), []),
        ("{holder}", ("axb+c",), ["common_name_wrong"]),
        ("{holder}", (), ["common_name_wrong"]),
        ("{holder}", ("a.b+c", "a.b+c"), ["common_name_wrong"]),
        (r"\w{2,4}-{company}", ("abc-Acme",), []),
        (r"\w{2,4}-{company}", ("abcde-Acme",), ["common_name_wrong"]),
        (r"\w+", ("abc def",), ["common_name_wrong"]),
    ],
)
def test_the_common_name_is_as_the_pattern_says(pattern: str, names: tuple[str, ...], expected: list[str]) -> None:
    """All of it, once; the client id in it is taken literally."""
    assert codes(SubjectRule(common_name=pattern), *(("CN", name) for name in names)) == expected


def test_what_the_common_name_should_be_is_told_with_the_client_id() -> None:
    """Not as a regular expression escaped for machines."""
    rule = SubjectRule(common_name="{holder}-x")
    (refusal,) = judge_subject((), rule, "Provider", PAGE, WORDS)
    assert (refusal.seen, refusal.expected) == ("no CN", "CN=a.b+c-x")


def test_alternative_names_are_asked_for_by_kind_and_pattern() -> None:
    """One refusal for each rule that nothing satisfies; a name of another kind does not count."""
    rules = (AlternativeRule(kind="URI", pattern="gseid://.+"), AlternativeRule(kind="URI", pattern="x://{holder}"))
    good = (AlternativeName("URI", "gseid://a"), AlternativeName("URI", "x://a.b+c"), AlternativeName("DNS", "a.test"))
    assert list(judge_alternatives(good, rules, "Provider", PAGE, WORDS)) == []
    wrong = (AlternativeName("DNS", "gseid://a"), AlternativeName("URI", "x://aXb+c"))
    refusals = list(judge_alternatives(wrong, rules, "Provider", PAGE, WORDS))
    assert [refusal.code for refusal in refusals] == ["certificate.alternative_name_missing"] * 2
    assert [refusal.expected for refusal in refusals] == ["URI:gseid://.+", "URI:x://a.b+c"]
    assert refusals[0].seen == "DNS:gseid://a, URI:x://aXb+c"


def test_string_types_are_those_of_rfc_5280() -> None:
    """An O as OCTET STRING and a C as BMPString are refused, as is what has too narrow a type; UTF8String and
    PrintableString are not."""

    def judged(*named: tuple[str, int, bytes]) -> list[str]:
        sets = [wrap(0x31, wrap(0x30, wrap(0x06, bytes.fromhex(oid)), wrap(tag, text))) for oid, tag, text in named]
        name = FromDer(wrap(0x30, *sets))
        return [refusal.seen for refusal in judge_string_types(name)]  # type: ignore[arg-type]

    organization, country, serial, email = "55040a", "550406", "550405", "2a864886f70d010901"
    assert judged((organization, 0x0C, b"Acme"), (country, 0x13, b"EU"), (email, 0x16, b"a@b")) == []
    assert judged((organization, 0x04, b"Acme")) == ["O as OCTET STRING"]
    assert judged((country, 0x1E, b"\0E\0U")) == ["C as BMPString"]
    assert judged((serial, 0x0C, b"1"), (email, 0x0C, b"a@b")) == [
        "serialNumber as UTF8String",
        "emailAddress as UTF8String",
    ]
    assert judged((organization, 0x16, b"Acme")) == ["O as IA5String"]


class FromDer:
    """A name as it came: the library would write some of these types anew."""

    def __init__(self, der: bytes) -> None:
        self._der = der

    def public_bytes(self) -> bytes:
        return self._der


@pytest.mark.parametrize(
    ("rule", "subject", "expected"),
    [
        (SubjectRule(required=("O",)), (), "/C=EU/O=Acme"),
        (SubjectRule(required=("O",)), (("O", "Acme SAS"), ("C", "Europe")), "/C=EU/O=Acme SAS"),
        (SubjectRule(required=("O",)), (("O", '"; rm -rf /'), ("C", "FR")), "/C=FR/O=Acme"),
        (SubjectRule(required=("O",), forbidden=("C",)), (("O", "A"), ("O", "B")), "/O=Acme"),
        (SubjectRule(fixed=(("O", "Nice"),), allowed=("O", "CN"), common_name="{holder}"), (), "/O=Nice/CN=a.b+c"),
        (
            SubjectRule(
                required=("L", "emailAddress"), common_name=r"api\.[a-z]+\.test", common_name_example="api.x.test"
            ),
            (("CN", "api.mine.test"), ("emailAddress", "me@acme.test")),
            "/C=EU/L=City/O=Acme/CN=api.mine.test/emailAddress=me@acme.test",
        ),
        (SubjectRule(common_name=r"api\.[a-z]+\.test", common_name_example="api.x.test"), (("CN", "x"),), "api.x.test"),
    ],
)
def test_a_subject_that_fits_keeps_what_may_stay(
    rule: SubjectRule, subject: tuple[tuple[str, str], ...], expected: str
) -> None:
    """What the CSR has, where it is good and a shell takes it; an example for the rest."""
    made = fitting(tuple(Attribute(*each) for each in subject), rule, WORDS)
    assert made.endswith(expected)
    attributes = [one.partition("=") for one in made.split("/")[1:]]
    assert codes(rule, *((name, value) for name, _, value in attributes)) == []
