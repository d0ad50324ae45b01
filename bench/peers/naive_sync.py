"""The look-up as Bolt's documentation shows it without async: App on Flask, gunicorn's threads, requests, respond().

docs.slack.dev/tools/bolt-python/concepts/adapters (SlackRequestHandler in Flask), …/concepts/commands; the README of
bolt-python's examples/google_cloud_run (gunicorn, one worker, threads); requests' quickstart.

gunicorn --workers 1 --threads 8 "bench.peers.naive_sync:serving()"
"""

import os

import requests
from flask import Flask, Response, request
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient

from bench.peers.naive_async import Fax, blocks_of


def serving() -> Flask:
    """Give the WSGI application."""
    env = os.environ
    app = App(
        client=WebClient(env["SLACK_BOT_TOKEN"], base_url=env["SLACK_API_URL"]),
        signing_secret=env["SLACK_SIGNING_SECRET"],
    )
    account = (env["STONEFAX_USERNAME"], env["STONEFAX_PASSWORD"])

    def look_up(ack: Ack, respond: Respond, command: dict[str, str]) -> None:
        ack()
        for fax_id in command["text"].split():
            address = f"{env['STONEFAX_URL']}/fw/Apps/StoneFax/WebAPI/Faxes/Outbound/{fax_id}"
            response = requests.get(address, auth=account, timeout=10)
            response.raise_for_status()
            fax = Fax.model_validate(response.json())
            respond(text=f"Fax {fax.id}: {fax.status}", blocks=blocks_of(fax))

    app.command("/fax")(look_up)
    handler, flask = SlackRequestHandler(app), Flask(__name__)

    def events() -> Response:
        return handler.handle(request)

    flask.add_url_rule("/slack/events", view_func=events, methods=["POST"])
    return flask
