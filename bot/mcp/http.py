"""Assistants that ask over HTTP: whoever holds the token is let in, and no browser that was tricked into asking.

POST /mcp   one message of the protocol, answered with JSON; no session is kept, so any process can answer the next

The token comes first, then the Host, the Origin and the size of the body, and only then the protocol.
"""

import hmac
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.mcp.server import server_of
from bot.mcp.tool import GetFax

PATH = "/mcp"
LARGEST_BODY = 64 * 1024
"""Ten links of two thousand characters, and room to spare."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class OneToken:
    """Knows the one token that there is."""

    token: SecretStr

    async def verify_token(self, token: str) -> AccessToken | None:
        """Let whoever shows it in, after a time that tells nothing of it."""
        if not hmac.compare_digest(token.encode(), self.token.get_secret_value().encode()):
            return None
        return AccessToken(token="", client_id="assistant", scopes=[])


@asynccontextmanager
async def over_http(get_fax: GetFax, token: SecretStr, hosts: Iterable[str]) -> AsyncIterator[ASGIApp]:
    """Give the ASGI application; `hosts` are the names, beside loopback's, by which it may be asked for."""
    manager = StreamableHTTPSessionManager(
        server_of(get_fax),
        json_response=True,
        stateless=True,
        max_request_body_size=LARGEST_BODY,
        security_settings=TransportSecuritySettings(
            allowed_hosts=[form for host in map(as_written, (*LOOPBACK, *hosts)) for form in (host, f"{host}:*")],
            allowed_origins=[],  # no page in a browser has business here
        ),
    )
    router = Starlette(routes=[Route(PATH, manager.asgi_app, methods=["POST"])])
    async with manager.run():
        yield AuthenticationMiddleware(
            RequireAuthMiddleware(router, required_scopes=[]), backend=BearerAuthBackend(OneToken(token))
        )


def as_written(host: str) -> str:
    """Give a host as the header has it: an IPv6 address stands in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
