"""The way to the fax server, step by step: its name, the connection, and the certificate."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from bot.doctor.finding import Finding, fail, ok, skip, warn
from bot.doctor.visit import Visit
from bot.settings import StoneFaxSettings

SECONDS_TO_REACH = 5.0
DAYS_TO_RENEW = 21
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Distrust:
    """Why a certificate is not to be trusted, and what to do about it."""

    why: str
    remedy: str


UNKNOWN_AUTHORITY = Distrust(
    "it is of an authority that is not known here",
    "Put the certificate of the authority that signed it, as PEM, into a file, and its path into STONEFAX_CA_FILE.",
)
WRONG_NAME = Distrust(
    "it is for another name",
    "Set STONEFAX_URL to the name in the certificate, or have one issued for the name in STONEFAX_URL.",
)
DISTRUSTS: Mapping[int, Distrust] = {
    9: Distrust("it is not valid yet", "Set this machine's clock right, or wait until the certificate is valid."),
    10: Distrust("it has expired", "Have it renewed by whoever runs the fax server."),
    18: UNKNOWN_AUTHORITY,
    19: UNKNOWN_AUTHORITY,
    20: UNKNOWN_AUTHORITY,
    21: UNKNOWN_AUTHORITY,
    23: Distrust("it was revoked", "Have a new one issued by whoever runs the fax server."),
    62: WRONG_NAME,
    64: WRONG_NAME,
}
"""By OpenSSL's X509_V_ERR (docs.openssl.org, X509_STORE_CTX_get_error)."""


async def name(visit: Visit) -> Finding:
    """Resolve the name in STONEFAX_URL."""
    host = visit.fax_host
    if is_address(host):
        return ok(f"{host} is an address: there is no name to look up.")
    try:
        async with asyncio.timeout(SECONDS_TO_REACH):
            found = await asyncio.get_running_loop().getaddrinfo(host, visit.fax_port)
    except (OSError, UnicodeError):
        remedy = "Check the name in STONEFAX_URL, and whether this machine asks the DNS server that knows it."
        return fail(f"The name {host} is not known here.", remedy)
    except TimeoutError:
        return fail(f"No DNS server answers for {host}.", "Check which DNS server this machine asks.")
    return ok(f"{host} is {', '.join(sorted({str(address[4][0]) for address in found}))}.")


def is_address(host: str) -> bool:
    """Tell an IP address from a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def connection(visit: Visit) -> Finding:
    """Connect, and say nothing."""
    at = f"{visit.fax_host}:{visit.fax_port}"
    try:
        async with asyncio.timeout(SECONDS_TO_REACH):
            _, writer = await asyncio.open_connection(visit.fax_host, visit.fax_port)
    except TimeoutError:
        return fail(f"{at} does not answer.", "Look for a firewall between this machine and the fax server.")
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "no connection"
        remedy = "Check the port in STONEFAX_URL, whether the fax server runs, and the firewalls in between."
        return fail(f"No connection to {at}: {why}.", remedy)
    writer.close()
    return ok(f"{at} takes connections.")


async def certificate(visit: Visit) -> Finding:
    """Look at the certificate as the bot will, and until when it is good."""
    if not visit.fax_url.startswith("https:"):
        return skip("Plain http has no certificate.", "Set STONEFAX_URL to https:// where the fax server has one.")
    try:
        context = tls_context(visit)
    except (ssl.SSLError, OSError):
        return fail("STONEFAX_CA_FILE holds no certificate.", "Put the authority's certificate there, as PEM.")
    try:
        async with asyncio.timeout(SECONDS_TO_REACH):
            _, writer = await asyncio.open_connection(visit.fax_host, visit.fax_port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        distrust = DISTRUSTS.get(error.verify_code, Distrust(error.verify_message, "Have a new one issued."))
        return fail(f"The fax server's certificate is not trusted: {distrust.why}.", distrust.remedy)
    except (TimeoutError, OSError):
        remedy = "Check the port in STONEFAX_URL: plain http, or something else, may be spoken there."
        return fail(f"No TLS is spoken at {visit.fax_host}:{visit.fax_port}.", remedy)
    shown = writer.get_extra_info("peercert")
    writer.close()
    return judged(shown, visit.setup.machine.clock())


def judged(shown: Mapping[str, Any], now: float) -> Finding:
    """Judge a certificate that is trusted by the time that it has left."""
    until = ssl.cert_time_to_seconds(shown["notAfter"])
    days = int((until - now) / SECONDS_A_DAY)
    sentence = f"Trusted, issued by {issuer(shown)}, valid until {datetime.fromtimestamp(until, UTC):%-d %b %Y}"
    if days >= DAYS_TO_RENEW:
        return ok(f"{sentence}.")
    return warn(f"{sentence}: {days} days more.", "Have it renewed in time by whoever runs the fax server.")


def issuer(shown: Mapping[str, Any]) -> str:
    """Name who issued a certificate, as ssl.SSLSocket.getpeercert tells it."""
    names = dict(pair for part in shown.get("issuer", ()) for pair in part)
    return str(names.get("commonName") or names.get("organizationName") or "an authority without a name")


def tls_context(visit: Visit) -> ssl.SSLContext:
    """Trust whom the bot trusts. Raises SSLError, OSError for a file that holds no certificate."""
    if visit.fax_url not in visit.trusting:
        ca_file = visit.settings[StoneFaxSettings].ca_file
        visit.trusting[visit.fax_url] = ssl.create_default_context(cafile=ca_file)
    return visit.trusting[visit.fax_url]
