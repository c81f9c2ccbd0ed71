"""``sandbank ca``: what openssl makes of the CRLs that it prints."""

import subprocess
from pathlib import Path

import pytest

from sandbox.providers import PROVIDERS
from tests.sandbox.cli.running import sandbank
from tests.sandbox.cli.test_completion import completed

END = "-----END X509 CRL-----\n"
SIGNING = {"wise": (), "nuapay": ("--purpose", "signature"), "treezor": ()}
"""Of three providers, what asks each for a certificate that it signs itself."""


def issued(provider: str, name: str) -> Path:
    """A leaf that this authority signed, with its issuing CA after it."""
    words = ("certificate", "new", "--name", name, "--key", "rsa-2048", "--out", f"{provider}-{name}")
    said = sandbank(*words, "--provider", provider, *SIGNING[provider], "--json")
    assert said.code == 0, said.err
    return Path(said.json["certificate"])


def verify(leaf: Path, crls: str = "crls.pem") -> str:
    """Every certificate of the chain against its issuer's list, as the README has it."""
    Path("root.pem").write_bytes(sandbank("ca", "--clients").out)
    command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.pem", "-CRLfile", crls]
    done = subprocess.run([*command, "-untrusted", leaf, leaf], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("provider", SIGNING)
def test_openssl_judges_the_whole_chain_by_the_lists(here: Path, provider: str) -> None:
    """Good, then revoked; and an issuing CA whose list is left out judges nobody."""
    good, bad = issued(provider, "good"), issued(provider, "bad")
    assert sandbank("ca", "--crl", "--out", "crls.pem").code == 0
    assert [verify(good), verify(bad)] == [f"{good}: OK\n", f"{bad}: OK\n"]
    assert sandbank("certificate", "revoke", "bad", "--provider", provider).code == 0
    assert verify(bad) == f"{bad}: OK\n", "the old list does not know of it"
    Path("crls.pem").write_bytes(sandbank("ca", "--crl").out)
    assert verify(good) == f"{good}: OK\n"
    assert "certificate revoked" in verify(bad)
    Path("root-only.pem").write_text(Path("crls.pem").read_text().partition(END)[0] + END)
    assert "unable to get certificate CRL" in verify(good, "root-only.pem")


def test_the_lists_are_those_of_the_root_and_of_each_issuer(here: Path) -> None:
    """Each once, in a file or in JSON; a second time they are the same, for nothing has changed."""
    said = sandbank("ca", "--crl")
    assert said.text.count(END) == 1 + len(PROVIDERS)
    assert sandbank("ca", "--crl", "--json").json == {"format": "pem", "text": said.text}


@pytest.mark.parametrize("form", ["der", "p12"])
def test_several_lists_are_no_single_file_in_der(here: Path, form: str) -> None:
    """Usage, exit code 2, and what to write instead."""
    said = sandbank("ca", "--crl", "--format", form)
    assert said.code == 2 and "--format pem" in said.err
    assert said.out == b""


def test_its_options_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tab completion knows the flag, and so does the help."""
    assert "--crl " in sandbank("ca", "--help").text
    assert {"--clients", "--crl"} <= set(completed(monkeypatch, "ca --c"))
