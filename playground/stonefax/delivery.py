"""How an answer gets over the wire: whole, late, drop by drop, or not at all."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from playground.stonefax.replies import Reply
from playground.stonefax.rules import Break, Drip, Rule

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger on, for no time: the kernel sends RST in place of FIN
GARBAGE = b"220 fax.example.com ESMTP ready\r\n"


async def deliver(request: web.BaseRequest, reply: Reply, rule: Rule) -> web.StreamResponse:
    """Send the reply as the rule has it."""
    if rule.delay:
        await asyncio.sleep(rule.delay)
    if rule.breaks is not None:
        return await BREAKS[rule.breaks](request, reply)
    if rule.drip is not None:
        return await _dripped(request, reply, rule.drip)
    response = web.Response(status=reply.status, body=reply.body, headers=reply.headers)
    if rule.chunked:
        response.enable_chunked_encoding()
    return response


async def _dripped(request: web.BaseRequest, reply: Reply, drip: Drip) -> web.StreamResponse:
    response = await _head(request, reply)
    for start in range(0, len(reply.body), drip.octets):
        await response.write(reply.body[start : start + drip.octets])
        await asyncio.sleep(drip.every)
    return response


async def _head(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Announce the whole body, whatever comes of it."""
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_length = len(reply.body)
    await response.prepare(request)
    return response


async def _hang(_request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
    await asyncio.Event().wait()  # until the client goes, or the server stops: both cancel it
    return web.Response()


async def _close(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
    _transport(request).close()
    return web.Response()


async def _reset(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
    transport = _transport(request)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
    return web.Response()


async def _half(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _head(request, reply)
    await response.write(reply.body[: len(reply.body) // 2])
    return response


async def _reset_in_body(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _half(request, reply)
    await _reset(request, reply)
    return response


async def _truncated(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = await _half(request, reply)
    await _close(request, reply)
    return response


async def _garbage(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    _transport(request).write(GARBAGE)
    return await _close(request, reply)


def _transport(request: web.BaseRequest) -> asyncio.Transport:
    if request.transport is None:
        raise ConnectionResetError
    return request.transport


# What is returned after the transport was closed is never sent; the web server wants a response all the same.
BREAKS: dict[Break, Callable[[web.BaseRequest, Reply], Awaitable[web.StreamResponse]]] = {
    Break.HANG: _hang,
    Break.CLOSE: _close,
    Break.RESET: _reset,
    Break.RESET_IN_BODY: _reset_in_body,
    Break.TRUNCATED: _truncated,
    Break.GARBAGE: _garbage,
}
