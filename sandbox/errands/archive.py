"""Everything of one certificate in a zip archive, with a page that says what each file is for and how it is used."""

import io
import zipfile
from collections.abc import Mapping

from ca.bundle import keystore_p12, pem, truststore_p12
from ca.clock import SystemClock
from ca.keys import write_key_pem
from sandbox.errands.authority import DEFAULT_PASSWORD
from sandbox.errands.held import Held
from sandbox.errands.leaflet import leaflet

PRIVATE = ("private.key", "keystore.p12")
_FILE, _OWNERS_FILE = 0o100644 << 16, 0o100600 << 16
"""Kind and rights, where Info-ZIP keeps them for Unix."""
_UNIX = 3


def archive(held: Held) -> bytes:
    """The zip archive. A private key is in it, twice, where it is at hand."""
    files = _files(held)
    files = {"README.txt": leaflet(held, tuple(files)).encode("utf-8"), **files}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(_entry(name), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _files(held: Held) -> Mapping[str, bytes]:
    files = {
        "leaf.pem": pem((held.leaf,)).encode(),
        "leaf.der": held.record.der,
        "ca.pem": pem((held.trusted,)).encode(),
        "truststore.p12": truststore_p12((held.trusted,), DEFAULT_PASSWORD),
    }
    if held.above:
        files |= {"chain.pem": pem(held.above).encode(), "fullchain.pem": pem((held.leaf, *held.above[:1])).encode()}
    if held.key:
        keystore = keystore_p12(held.record.name, held.key, held.leaf, held.above, held.password)
        files |= {"private.key": write_key_pem(held.key).encode(), "keystore.p12": keystore}
    return files


def _entry(name: str) -> zipfile.ZipInfo:
    # By real time: the sandbox's clock can stand at a year that zip cannot write (before 1980).
    made = SystemClock().now()
    entry = zipfile.ZipInfo(name, (made.year, made.month, made.day, made.hour, made.minute, made.second))
    entry.create_system = _UNIX
    entry.external_attr = _OWNERS_FILE if name in PRIVATE else _FILE
    return entry
