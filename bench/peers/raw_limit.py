"""A web server that checks Slack's signature and does nothing else: no bot on aiohttp can be quicker.

docs.aiohttp.org/en/stable/web_quickstart.html, docs.slack.dev/authentication/verifying-requests-from-slack
"""

import os

from aiohttp import web
from slack_sdk.signature import SignatureVerifier


def main() -> None:
    """Serve."""
    verifier = SignatureVerifier(os.environ["SLACK_SIGNING_SECRET"])

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        return web.Response(status=200 if verifier.is_valid_request(body, dict(request.headers)) else 401)

    app = web.Application()
    app.router.add_post("/slack/events", events)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)


if __name__ == "__main__":
    main()
