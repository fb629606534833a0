"""TLS that a load balancer, or a platform outside AWS, ends: with ACM's certificates, signed by the sandbox's authority."""

import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moto.acm.models import CertBundle

from artifactory_sandbox.aws import backends
from artifactory_sandbox.network.authority import Authority

_ONLY_1_3 = "TLS13-1-3"
_SECURE = {"HTTPS", "TLS"}


class Certificates:
    """Gives listeners their certificates. `bundle` is the file that a client trusts."""

    def __init__(self, bundle: Path) -> None:
        self.bundle = bundle
        self._authority = Authority()
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    def write(self) -> None:
        """Writes the authority's certificate to `bundle`."""
        self.bundle.parent.mkdir(parents=True, exist_ok=True)
        self.bundle.write_text(self._authority.pem)

    def put(self, arn: str, names: Sequence[str]) -> None:
        """An issued certificate of names under an ARN that a document gives: what a customer has before the first `up`."""
        region, account = arn.split(":")[3:5]
        certificate, key = self._authority.issue(names)
        acm = backends.backend("acm", account, region)
        acm._certificates[arn] = CertBundle(account, certificate.encode(), key.encode(), region=region, arn=arn)

    def of_listener(self, account: str, region: str, listener: Any) -> ssl.SSLContext | None:
        """What a listener ends TLS with; None: it does not, or ACM has not the certificate."""
        if str(listener.protocol) not in _SECURE or not listener.certificates:
            return None
        arn = listener.certificates[0]
        arn = str(arn["certificate_arn"] if isinstance(arn, dict) else arn)
        found = backends.backend("acm", account, region)._certificates.get(arn)
        if found is None:
            return None
        least = ssl.TLSVersion.TLSv1_3 if _ONLY_1_3 in str(listener.ssl_policy) else ssl.TLSVersion.TLSv1_2
        if found.type == "IMPORTED":
            return self._context((arn, str(least), found.cert.decode()), found.cert.decode(), found.key.decode(), least)
        return self.of_names(tuple(found.sans or [found.common_name]), least)

    def of_names(self, names: Sequence[str], least: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> ssl.SSLContext:
        """A certificate of our own for host names."""
        key = (*names, str(least))
        return self._contexts.get(key) or self._context(key, *self._authority.issue(names), least)

    def _context(self, key: tuple[str, ...], certificate: str, private: str, least: ssl.TLSVersion) -> ssl.SSLContext:
        if key not in self._contexts:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.minimum_version = least
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # OpenSSL takes a key from a file only
                file.write(f"{private}\n{certificate}")
                file.flush()
                made.load_cert_chain(file.name)
            self._contexts[key] = made
        return self._contexts[key]


UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""How a load balancer asks its targets: AWS does not look at their certificates."""
UNVERIFIED.check_hostname = False
UNVERIFIED.verify_mode = ssl.CERT_NONE
