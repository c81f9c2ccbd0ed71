"""Pictures of every page into build/screens, light and dark, wide and narrow: `python -m tests.sandbox.hub.screens`."""

import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from sandbox.embed.sandbox import Sandbox
from sandbox.hub.page import base, menu_of
from sandbox.providers import PROVIDERS
from sandbox.services.certificates import list_certificates
from sandbox.services.listening import Ear, listening_thread
from tests.sandbox.hub.browser import FLAGS, chromium

SCREENS = Path("build/screens")
WIDTHS = {"wide": 1280, "narrow": 375}


def pages(sandbox: Sandbox) -> dict[str, str]:
    """Addresses by the name of the picture."""
    found = {"start": "/", "journal": "/hub/journal", "causes": "/hub/journal/causes", "clock": "/hub/clock"}
    refused = [entry for entry in sandbox.journal.entries(refused=True) if entry.kind == "call"]
    accepted = [entry for entry in sandbox.journal.entries() if not entry.refused]
    found |= {"entry-refused": f"/hub/journal/{refused[-1].id}", "entry-accepted": f"/hub/journal/{accepted[-1].id}"}
    for provider in PROVIDERS:
        listed = {item.label.lower().replace(" ", "-"): item.href for item in menu_of(provider)}
        found |= {f"{provider.name}-{label}": href for label, href in listed.items()}
        found[f"{provider.name}-client"] = f"{base(provider)}/clients/demo"
        for record in list_certificates(sandbox.state, provider.name)[-1:]:
            found[f"{provider.name}-certificate"] = f"{base(provider)}/certificates/{record.id}"
    for one in sandbox.webhooks.all():
        at = f"/hub/providers/{one.provider}/webhooks"
        found[f"{one.provider}-delivery"] = f"{at}/deliveries/{one.id}"
        found[f"{one.provider}-subscriptions"] = f"{at}/subscriptions?client={one.client}"
        found[f"{one.provider}-receiver"] = f"{at}/receiver?client={one.client}"
    return found


def live_a_little(sandbox: Sandbox) -> None:
    """Something of everything: a call that is accepted, handshakes and calls that are refused, certificates."""
    client = sandbox.wise.new_client("acme")
    files = client.new_certificate("laptop")
    client.new_certificate("ci")
    sandbox.nuapay.new_client("shop").new_certificate("till")
    mtls, api = sandbox.wise.urls["mtls"], sandbox.wise.urls["api"]
    ca, pair = ["--cacert", str(sandbox.ca_file)], ["--cert", str(files.certificate), "--key", str(files.key)]
    login = ["-u", f"{client.id}:{client.secret}", "-d", "grant_type=client_credentials"]
    token = curl(*ca, *pair, *login, f"{mtls}/oauth/token")
    curl(*ca, f"{mtls}/v1/authenticated/playground")
    curl(*ca, *pair, f"{mtls}/v1/authenticated/playground", "-H", "Authorization: Bearer wrong")
    curl(*ca, "-u", "nobody:nothing", "-d", "grant_type=client_credentials", f"{api}/oauth/token")
    curl("-k", f"{api}/v1/nothing-here")
    send_a_little(sandbox, json.loads(token)["access_token"])


def send_a_little(sandbox: Sandbox, token: str) -> None:
    """Webhooks that arrive over mutual TLS, and one that nobody takes in."""
    client = sandbox.wise.client("acme")
    ear = Ear(sandbox.state, "wise", client.id, mtls=True, forward="", port=0, told=lambda heard: None)
    thread = listening_thread(ear)
    said = {"name": "all", "trigger_on": "transfers#state-change"}
    said |= {"delivery": {"version": "2.0.0", "url": ear.url, "mtls_enabled": True}}
    url = f"{sandbox.wise.urls['api']}/v3/applications/{client.id}/subscriptions"
    headers = ["-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json"]
    curl("--cacert", str(sandbox.ca_file), *headers, "-d", json.dumps(said), url)
    client.send_test_webhook()
    shop = sandbox.nuapay.client("shop")
    shop.put("webhook", "0123456789", targetUrl=ear.url, eventTypes="AccountEntry", signKey="k3y")
    shop.send_test_webhook()
    sandbox.webhooks.drain()
    ear.close()
    thread.join()


def curl(*words: str) -> str:
    return subprocess.run(["curl", "-sS", *words], capture_output=True, text=True, check=False).stdout


def main(*only: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    with Sandbox() as sandbox, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)

        def shoot(found: dict[str, str]) -> None:
            for scheme in ("light", "dark"):
                for width, pixels in WIDTHS.items():
                    page = browser.new_page(viewport={"width": pixels, "height": 800}, color_scheme=scheme)
                    for name, path in found.items():
                        if not only or name.startswith(only):
                            page.goto(f"{sandbox.control}{path}")
                            page.wait_for_timeout(50)
                            page.screenshot(path=SCREENS / f"{name}-{scheme}-{width}.png", full_page=True)
                    page.close()

        shoot({"new": "/"})
        live_a_little(sandbox)
        shoot(pages(sandbox))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
