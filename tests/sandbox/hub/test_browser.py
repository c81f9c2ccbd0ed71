"""The hub as a person meets it: in Debian's Chromium, with openssl and curl in between. One browser, one sandbox."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox.embed.sandbox import Sandbox
from sandbox.hub.app import PAGES
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.services import touring
from sandbox.services.clients import list_clients
from tests.live.receivers import receiver
from tests.sandbox.cli.running import environment, started
from tests.sandbox.hub.browser import FLAGS, axe, chromium
from tests.sandbox.hub.screens import live_a_little, pages

# Styles, script and markup are the same under every Python, and test_pages, test_forms and test_live ask each for them.
pytestmark = pytest.mark.once

SANDBANK = f"{sys.executable} -m sandbox.cli"
SECONDS = 20.0
"""For what a page waits for; it comes within one, but a busy computer fails no test."""
REFUSED_FORM = "the server responded with a status of 422"
"""Chromium writes this to its console for the page of a form that was refused; it is no fault of the page."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def opened(browser: Browser, sandbox: Sandbox, **options) -> Iterator[Page]:
    """A page of a new profile. At its end: its console was silent, and nothing left its origin."""
    context = browser.new_context(base_url=sandbox.control, **options)
    context.set_default_timeout(1000 * SECONDS)
    expect.set_options(timeout=1000 * SECONDS)
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert [line for line in said if REFUSED_FORM not in line] == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(sandbox.control).netloc}


@pytest.fixture
def page(browser: Browser, sandbox: Sandbox) -> Iterator[Page]:
    yield from opened(browser, sandbox)


@pytest.fixture
def plain_page(browser: Browser, sandbox: Sandbox) -> Iterator[Page]:
    """One whose browser runs no script."""
    yield from opened(browser, sandbox, java_script_enabled=False)


def shell(command: str, where: Path) -> subprocess.CompletedProcess[str]:
    """The command as it was read from a page, typed."""
    return subprocess.run(
        ["bash", "-c", command], cwd=where, env=environment(), capture_output=True, text=True, check=False
    )


def commands(page: Page, section: str) -> list[str]:
    """The commands that can be copied below a heading."""
    return page.locator(f"section[aria-labelledby={section}] .copy code").all_text_contents()


def save(page: Page, link: str, to: Path) -> None:
    with page.expect_download() as started:
        page.get_by_role("link", name=link, exact=True).click()
    started.value.save_as(to)


def from_nothing_to_an_answer(page: Page, here: Path, name: str, *, paste: bool) -> None:
    """The guide of the first provider, by the pages alone: key, CSR, certificate, CA, token, call."""
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Generate certificate")).first.click()
    made = shell(commands(page, "key")[0], here)
    assert made.returncode == 0, made.stderr
    page.get_by_label("Name").fill(name)
    if paste:
        page.get_by_label("CSR, pasted").fill((here / "sandbox-certificate-request.csr").read_text())
    else:
        page.get_by_label("or as a file").set_input_files(here / "sandbox-certificate-request.csr")
    page.get_by_role("button", name="Generate certificate").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("rowheader", name="CN")).to_be_visible()
    calls = commands(page, "calls")
    save(page, "Certificate and issuer, PEM", here / f"{name}.pem")
    page.get_by_role("link", name=re.compile("^Get .* certificate$")).first.click()
    ca_file = page.get_by_role("heading", level=2).first.text_content()
    save(page, "Download, PEM", here / ca_file)
    token = json.loads(shell(f"{calls[0]} -sS", here).stdout)["access_token"]
    answer = shell(f"{calls[1]} -sS -w '\\n%{{http_code}}'".replace("<access_token>", token), here)
    assert answer.stdout.endswith("\n200"), answer


def test_from_an_empty_hub_to_a_200(page: Page, tmp_path: Path) -> None:
    """Nobody who follows the pages needs another one; at the end the call is on the first page by itself."""
    page.goto("/")
    expect(page.get_by_text("Example", exact=True)).to_have_count(2)
    assert json.loads(shell(f"{commands(page, 'first')[0]} -sS", tmp_path).stdout)["access_token"]
    expect(page.locator(".rows .badge").first).to_have_text("200")
    expect(page.get_by_text("Example", exact=True)).to_have_count(0)
    from_nothing_to_an_answer(page, tmp_path, "laptop", paste=False)
    page.goto("/")
    expect(page.locator(".rows").get_by_text("playground").first).to_be_visible()


def test_the_same_without_script(plain_page: Page, tmp_path: Path) -> None:
    """Every form and every page works; only the journal has to be loaded again, and no button does nothing."""
    from_nothing_to_an_answer(plain_page, tmp_path, "no-script", paste=True)
    plain_page.goto("/hub/journal")
    expect(plain_page.locator(".rows").get_by_text("playground").first).to_be_visible()
    expect(plain_page.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_bad_csr_shows_every_refusal_beside_what_it_is_about(page: Page, tmp_path: Path) -> None:
    """Openssl makes it, the form refuses it, and nothing that was filled in is lost."""
    bad = "openssl req -nodes -newkey rsa:1024 -keyout bad.key -out bad.csr -subj /C=EU"
    assert shell(bad, tmp_path).returncode == 0
    page.goto("/hub/providers/wise/generate")
    page.get_by_label("Name").fill("n" * 65)
    page.get_by_label("or as a file").set_input_files(tmp_path / "bad.csr")
    page.get_by_role("button", name="Generate certificate").click()
    expect(page.get_by_role("alert")).to_contain_text("3 rules are broken")
    expect(page.locator("#name-errors")).to_contain_text("certificate.name_too_long")
    expect(page.locator("#pem-errors")).to_contain_text("certificate.key_too_small")
    expect(page.locator("#pem-errors")).to_contain_text("certificate.attribute_missing")
    expect(page.get_by_label("CSR, pasted")).to_have_value(re.compile("BEGIN CERTIFICATE REQUEST"))
    assert faults(page, axe()) == []


def test_a_refused_handshake_appears_live_and_explains_itself(page: Page, sandbox: Sandbox, tmp_path: Path) -> None:
    """The journal is open; a call without a certificate is a row a moment later, with the command that mends it."""
    page.goto("/hub/journal")
    expect(page.get_by_role("status")).to_have_text("Live")
    refused = shell(f"curl -sS --cacert {sandbox.ca_file} {sandbox.wise.urls['mtls']}/v1/anything", tmp_path)
    assert refused.returncode != 0
    row = page.locator(".row").first
    expect(row).to_contain_text("certificate required")
    expect(row.locator(".broken")).to_contain_text("tls.certificate_missing")
    mends = row.locator(".copy code").text_content()
    assert mends == f"sandbank certificate new --state {sandbox.state.folder.path} --client demo"
    row.get_by_role("link").first.click()
    expect(page.locator(".steps .failed")).to_contain_text("the client sent no certificate")
    assert shell(mends, tmp_path).returncode == 0
    page.reload()
    assert shell(f"{commands(page, 'again')[0]} -sS", tmp_path).returncode == 0, "the command of the page repeats it"


def test_a_call_without_anything_secret_is_repeated_by_a_button(page: Page, sandbox: Sandbox, tmp_path: Path) -> None:
    """The page of the new call is the answer; it is another entry of the journal, refused for the same."""
    shell(f"curl -sS --cacert {sandbox.ca_file} {sandbox.wise.urls['api']}/v1/nothing-at-all", tmp_path)
    page.goto("/hub/journal?cause=route.")
    page.locator(".row").first.get_by_role("link", name="Repeat it").click()
    before = page.url.partition("#")[0]
    page.get_by_role("button", name="Repeat the call").click()
    expect(page).not_to_have_url(re.compile(re.escape(before)))
    expect(page.locator(".steps .failed")).to_contain_text("GET /v1/nothing-at-all")


def test_a_test_webhook_is_sent_and_its_page_shows_what_came_back(
    page: Page, plain_page: Page, sandbox: Sandbox
) -> None:
    """By itself with a script, and without one when it is loaded again; a second one by a button."""
    client = sandbox.nuapay.new_client("told")
    with receiver(None) as there:
        client.put("webhook", "0123456789", targetUrl=there.url, eventTypes="AccountEntry", signKey="k")
        for one in (page, plain_page):
            one.goto("/hub/providers/nuapay/webhooks/subscriptions?client=told")
            one.get_by_role("button", name="Send a test").click()
            if one is plain_page:
                sandbox.webhooks.drain()
                one.reload()
            expect(one.get_by_role("heading", level=1)).to_have_text("delivered AccountEntry")
            expect(one.locator(".paper")).to_have_text("ok")
        plain_page.get_by_role("button", name="As a new delivery").click()
        sandbox.webhooks.drain()
        plain_page.goto("/hub/providers/nuapay/webhooks?client=told")
        expect(plain_page.locator(".rows .badge")).to_have_text(["delivered"] * 3)


def test_a_tour_is_played_in_the_page(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A button of the first page begins it; the answers come by themselves. The player is another program here."""
    step = json.dumps({"output": "an answer", "exit_code": 0})
    count = sum(len(tour.steps) for tour in touring.tours_of("wise"))
    program = f"import time\nfor _ in range({count}): time.sleep(0.05); print({step!r}, flush=True)"
    monkeypatch.setattr(touring, "command", lambda provider: [sys.executable, "-c", program])
    page.goto("/")
    page.get_by_role("button", name="Play Wise's guide").click()
    expect(page.locator(".played")).not_to_have_count(0)
    assert faults(page, axe()) == []
    expect(page.get_by_text(f"All {count} steps came out as they should")).to_be_visible()
    expect(page.get_by_label("What came back")).to_have_count(count)


def test_revoke_and_the_next_call_is_refused(page: Page, sandbox: Sandbox, tmp_path: Path) -> None:
    """The same call before, for comparison, gets through the handshake."""
    files = sandbox.wise.new_client("revoker").new_certificate("to-be-revoked")
    call = f"curl -sS --cacert {sandbox.ca_file} --cert {files.certificate} --key {files.key} "
    call += f"{sandbox.wise.urls['mtls']}/v1/authenticated/playground"
    assert shell(call, tmp_path).returncode == 0
    page.goto("/hub/providers/wise/certificates")
    page.get_by_role("link", name="to-be-revoked").click()
    page.get_by_text("Refuse it from now on").click()
    page.get_by_label("Reason").select_option("keyCompromise")
    page.get_by_role("button", name="Revoke to-be-revoked").click()
    expect(page.get_by_role("heading", name="to-be-revoked")).to_contain_text("revoked")
    assert shell(call, tmp_path).returncode != 0
    page.goto("/hub/journal?cause=tls.certificate_revoked")
    expect(page.locator(".row")).to_have_count(1)


def test_the_clock_ends_certificates_and_brings_them_back(page: Page, sandbox: Sandbox, tmp_path: Path) -> None:
    """Thirteen months on, a certificate of one year is refused; in real time it is good again."""
    files = sandbox.wise.new_client("timed").new_certificate("timed")
    call = f"curl -sS --cacert {sandbox.ca_file} --cert {files.certificate} --key {files.key} "
    call += f"{sandbox.wise.urls['mtls']}/v1/authenticated/playground"
    page.goto("/hub/clock")
    page.get_by_label("By a duration").fill("13months")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("heading", name="Has ended")).to_be_visible()
    assert shell(call, tmp_path).returncode != 0
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("It runs with real time.")).to_be_visible()
    assert shell(call, tmp_path).returncode == 0


def test_what_a_button_copies_is_what_stands_beside_it(page: Page) -> None:
    """To the letter, and it says that it did."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == commands(page, "first")[0]


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page) -> None:
    """The first stop leads past the menu; each stop has a visible outline."""
    page.goto("/hub/clock")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("By a duration")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def faults(page: Page, judge: str) -> list[object]:
    """What axe finds on the page as it is now."""
    page.evaluate(judge)
    found: list[object] = page.evaluate(
        "axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    return found


def test_a_secret_that_is_shown_once_is_no_trap(page: Page, sandbox: Sandbox) -> None:
    """It stands on the answer to the form, can be copied, and is not in the address nor on the page of the client."""
    page.goto("/hub/providers/wise")
    page.get_by_label("Name").fill("partner")
    page.get_by_role("button", name="Add client").click()
    secret = page.locator(".secret dd code").nth(1).text_content()
    assert secret and secret not in page.url and faults(page, axe()) == []
    page.get_by_role("link", name="Open partner").click()
    expect(page.get_by_role("heading", name="partner")).to_be_visible()
    assert secret not in page.content()


def test_a_link_that_is_good_once_lets_a_browser_in(browser: Browser, tmp_path: Path) -> None:
    """Without it every page is closed. With it, the browser stays in, also after the link is of no use any more."""
    words = ("serve", "--state", "s", "--port-base", "0", "--control-token", "a-token", "--quiet")
    with started(*words, "--ready-file", "ready.json", cwd=tmp_path, stderr=subprocess.DEVNULL) as server:
        try:
            assert shell(f"{SANDBANK} wait --ready-file ready.json --timeout 60", tmp_path).returncode == 0
            link = shell(f"{SANDBANK} hub --state s", tmp_path).stdout.strip()
            page = browser.new_context(base_url=link.partition("/hub/")[0]).new_page()
            page.goto("/hub/journal")
            expect(page.get_by_role("heading", name="The hub is closed")).to_be_visible()
            assert faults(page, axe()) == []
            page.goto(link)
            assert faults(page, axe()) == []
            page.get_by_role("button", name="Open the hub in this browser").click()
            expect(page.get_by_role("heading", name="Start")).to_be_visible()
            page.goto(link)
            page.get_by_role("button", name="Open the hub in this browser").click()
            expect(page.get_by_role("heading", name="The link was used")).to_be_visible()
            page.goto("/hub/clock")
            page.get_by_role("button", name="Freeze").click()
            expect(page.get_by_text("It stands")).to_be_visible()
            page.context.close()
        finally:
            server.terminate()


def one_of_each(addresses: dict[str, str], order: Iterable[Provider]) -> dict[str, str]:
    """Of the pages that several providers have, that of the last one in this order."""
    names = {f"{provider.name}-": at for at, provider in enumerate(order)}
    by_order = sorted(addresses, key=lambda name: names.get(name[: name.find("-") + 1], -1))
    return {
        name.partition("-")[2] if f"{name.partition('-')[0]}-" in names else name: addresses[name] for name in by_order
    }


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_axe_finds_nothing_on_any_page(browser: Browser, sandbox: Sandbox, scheme: str, width: int) -> None:
    """Contrast, labels, headings, order: on every page, in both schemes (of a page that several providers have, the
    first one's and the last one's); none is wider than the window."""
    if "acme" not in [client.name for client in list_clients(sandbox.state, "wise")]:
        live_a_little(sandbox)
    order = PROVIDERS if width < 1000 else reversed(PROVIDERS)
    judge, found, addresses = axe(), {}, one_of_each(pages(sandbox), order)
    for page in opened(browser, sandbox, color_scheme=scheme, viewport={"width": width, "height": 900}):
        for name, path in addresses.items():
            page.goto(path)
            wider = page.evaluate("document.documentElement.scrollWidth") - width
            found[name] = [*faults(page, judge), *([f"{wider} pixels too wide"] if wider > 0 else [])]
    assert {name: said for name, said in found.items() if said} == {}
    shown = [re.sub(r"\\{\w+\\}", "[^/]+", re.escape(row.path)) for row in PAGES if row.method == "GET"]
    judged = [path.partition("?")[0] for path in addresses.values()]
    missed = [row for row in shown if not any(re.fullmatch(row, path) for path in judged)]
    files = ("files/[^/]+", "ca/[^/]+", "receiver/[^/]+")
    assert [row for row in missed if not row.endswith(files)] == [], "these are not judged"
