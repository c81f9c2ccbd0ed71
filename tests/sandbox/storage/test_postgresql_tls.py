"""TLS to the database: libpq judges Debian's server, which shows a certificate of trustme's CA."""

import pytest
import trustme

from sandbox.errors import StateUnreachable
from sandbox.services.clients import add_client
from sandbox.services.state import open_state
from sandbox.settings import Database
from sandbox.storage.facts import Watch
from tests.postgresql import PASSWORD
from tests.waiting import until


@pytest.fixture(scope="module")
def root():
    return trustme.CA()


@pytest.fixture
def encrypted(postgresql, root):
    """The server, with a certificate for 127.0.0.1."""
    postgresql.show_certificate(root.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes())
    yield postgresql
    postgresql.speak_plainly()


def trusting(database, ca, path, **more):
    """The URL of the database with the demand for full verification, by that CA."""
    ca.cert_pem.write_to_path(path)
    said = {"sslmode": "verify-full", "sslrootcert": path, **more}
    return Database(f"{database}?{'&'.join(f'{name}={value}' for name, value in said.items())}")


@pytest.mark.usefixtures("encrypted")
def test_a_verified_database_is_used_over_tls(database, root, tmp_path):
    """By each of its connections, as the server sees it; what one machine does is told the other."""
    url = trusting(database, root, tmp_path / "root.pem")
    one, other = open_state(tmp_path / "a", database=url), open_state(tmp_path / "b", database=url)
    try:
        watch = Watch(other.store)
        assert watch.moved()
        add_client(one, "wise", "acme")
        until(watch.moved, 60)
        with one.store.read() as work:
            # The followers begin when they are first asked; the one of *other* is among these.
            count = "SELECT COUNT(*), COUNT(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            every, over_tls = work.connection.execute(f"{count} WHERE datname = current_database()").fetchone()
        assert every == over_tls >= 3
    finally:
        one.close()
        other.close()


@pytest.mark.usefixtures("encrypted")
def test_a_database_that_cannot_be_verified_is_refused(database, root, tmp_path, postgresql):
    """A stranger's root, another host's certificate, no TLS: each says why and what to check; the right one works."""

    def refused(url):
        with pytest.raises(StateUnreachable) as error:
            open_state(tmp_path / "new", database=url)
        assert "sslrootcert" in error.value.advice() and error.value.exit_code == 3
        assert PASSWORD not in f"{error.value}{error.value.advice()}" and not (tmp_path / "new").exists()
        return str(error.value)

    right = trusting(database, root, tmp_path / "root.pem")
    open_state(tmp_path / "control", database=right).close()
    assert "certificate verify failed" in refused(trusting(database, trustme.CA(), tmp_path / "stranger.pem"))
    postgresql.show_certificate(root.issue_cert("other.example").private_key_and_cert_chain_pem.bytes())
    assert 'certificate for "other.example"' in refused(right)
    postgresql.speak_plainly()
    assert "server does not support SSL" in refused(right)
