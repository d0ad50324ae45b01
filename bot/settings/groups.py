"""Every setting by group: its variable, its default, what it must be, and what helps whoever got it wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from bot.languages import SOURCE, Language
from bot.settings.checks import (
    another_port,
    api_address,
    as_time_zone,
    comma_separated,
    existing_file,
    hard_to_guess,
    host_names,
    in_clear_only_on_purpose,
    likely_secret,
    needed_for_http,
    never_set,
    off_under_rules_about_people,
    page_template,
    server_address,
    slack_ids,
    slash_command,
    starting_with,
    whole_number,
)


@dataclass(frozen=True, slots=True)
class Hint:
    """What helps somebody who got a setting wrong: an example, and where its value comes from."""

    example: str
    where: str


class Group(BaseModel):
    """What the groups have in common: they never change, and what is wrong is never quoted."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class StoneFaxSettings(Group):
    """The fax server."""

    allow_http: bool = Field(
        default=False,
        validation_alias="STONEFAX_ALLOW_HTTP",
        description="`yes` for a server inside the house without TLS: the password then travels in clear",
    )
    url: Annotated[str, AfterValidator(server_address), AfterValidator(in_clear_only_on_purpose)] = Field(
        validation_alias="STONEFAX_URL",
        description="the fax server's address: the part before `/fw/Apps/StoneFax/WebAPI/`; `https`, or loopback",
    )
    username: str = Field(
        validation_alias="STONEFAX_USERNAME", description="the account that may read everybody's faxes"
    )
    password: SecretStr = Field(validation_alias="STONEFAX_PASSWORD", description="its password")
    time_zone: Annotated[ZoneInfo | None, BeforeValidator(as_time_zone)] = Field(
        default=None,
        validation_alias="STONEFAX_TIME_ZONE",
        description='the server\'s IANA time zone; unset, times are shown as "server time", not converted',
    )
    ca_file: Annotated[Path, AfterValidator(existing_file)] | None = Field(
        default=None,
        validation_alias="STONEFAX_CA_FILE",
        description="a PEM file with the private authority that signed the server's certificate",
    )
    fax_page: Annotated[str, AfterValidator(page_template)] | None = Field(
        default=None,
        validation_alias="STONEFAX_FAX_PAGE",
        description='the web page of one fax, with `{id}` in it: gives cards an "Open" button',
    )


class SlackSettings(Group):
    """The workspace."""

    bot_token: Annotated[SecretStr, AfterValidator(starting_with("xoxb-"))] = Field(
        validation_alias="SLACK_BOT_TOKEN", description="the bot's token"
    )
    app_token: Annotated[SecretStr, AfterValidator(starting_with("xapp-"))] | None = Field(
        default=None,
        validation_alias="SLACK_APP_TOKEN",
        description="turns Socket Mode on: the bot opens connections to Slack, and needs no address of its own",
    )
    signing_secret: Annotated[SecretStr | None, AfterValidator(likely_secret), AfterValidator(needed_for_http)] = Field(
        default=None,
        validation_alias="SLACK_SIGNING_SECRET",
        validate_default=True,
        description="proves that a request comes from Slack; required but in Socket Mode",
    )
    api_url: Annotated[str, AfterValidator(api_address)] = Field(
        default="https://slack.com/api/",
        validation_alias="SLACK_API_URL",
        description="another Web API than Slack's own, for tests",
    )
    client_id: Annotated[None, BeforeValidator(never_set)] = Field(
        default=None,
        validation_alias="SLACK_CLIENT_ID",
        description="must stay unset: it would turn Bolt's OAuth on in place of the token",
    )
    client_secret: Annotated[None, BeforeValidator(never_set)] = Field(
        default=None, validation_alias="SLACK_CLIENT_SECRET", description="must stay unset, for the same reason"
    )


class BotSettings(Group):
    """How Faxbot itself behaves."""

    command: Annotated[str, AfterValidator(slash_command)] = Field(
        default="/fax", validation_alias="FAXBOT_COMMAND", description="the slash command, as in the app's manifest"
    )
    id_hint: str | None = Field(
        default=None,
        validation_alias="FAXBOT_ID_HINT",
        description="one sentence: where people here find a fax's id; said when one is missing",
    )
    language: Language = Field(
        default=SOURCE,
        validation_alias="FAXBOT_LANGUAGE",
        description="`en`, `it`, `de`, `fr` or `es`: what everybody reads, and who has Slack in a language not ours",
    )
    per_minute: Annotated[int, BeforeValidator(whole_number(0, 10_000))] = Field(
        default=30,
        validation_alias="FAXBOT_PER_MINUTE",
        description="requests by one person a minute, in each process; 0: no limit",
    )
    upstream_at_once: Annotated[int, BeforeValidator(whole_number(1, 1024))] = Field(
        default=32,
        validation_alias="FAXBOT_UPSTREAM_AT_ONCE",
        description="requests to the fax server at once, by all workers",
    )
    link_domains: Annotated[tuple[str, ...], AfterValidator(host_names), BeforeValidator(comma_separated)] = Field(
        default=(),
        validation_alias="FAXBOT_LINK_DOMAINS",
        description="hosts, comma separated: links on them that hold a fax id are unfurled",
    )
    unfurl: Literal["blocks", "entities", "both"] = Field(
        default="blocks",
        validation_alias="FAXBOT_UNFURL",
        description="what appears below a link: `blocks` (a card), `entities` (a Work Object) or `both`",
    )
    allowed_channels: Annotated[tuple[str, ...], AfterValidator(slack_ids("CG")), BeforeValidator(comma_separated)] = (
        Field(
            default=(),
            validation_alias="FAXBOT_ALLOWED_CHANNELS",
            description="Slack channel ids, comma separated: faxes are looked up there alone",
        )
    )
    allowed_user_groups: Annotated[
        tuple[str, ...], AfterValidator(slack_ids("S")), BeforeValidator(comma_separated)
    ] = Field(
        default=(),
        validation_alias="FAXBOT_ALLOWED_USER_GROUPS",
        description="Slack user group ids, comma separated: their members alone, guests among them too",
    )
    admins: Annotated[tuple[str, ...], AfterValidator(slack_ids("UW")), BeforeValidator(comma_separated)] = Field(
        default=(),
        validation_alias="FAXBOT_ADMINS",
        description="Slack user ids, comma separated: whom others are sent to",
    )
    show_numbers: Literal["asker", "nobody"] = Field(
        default="asker",
        validation_alias="FAXBOT_SHOW_NUMBERS",
        description="who sees phone numbers in full: `asker` (in private answers) or `nobody`",
    )
    workflow_step: Annotated[bool, AfterValidator(off_under_rules_about_people)] = Field(
        default=False,
        validation_alias="FAXBOT_WORKFLOW_STEP",
        description="`yes`: workflows can look up what became of a fax, whoever starts them",
    )


class ServeSettings(Group):
    """The process."""

    host: str = Field(default="127.0.0.1", validation_alias="HOST", description="the address to listen on")
    port: Annotated[int, BeforeValidator(whole_number(0, 65535))] = Field(
        default=3000, validation_alias="PORT", description="the port to listen on"
    )
    metrics_port: Annotated[int | None, AfterValidator(another_port), BeforeValidator(whole_number(0, 65535))] = Field(
        default=None,
        validation_alias="FAXBOT_METRICS_PORT",
        description="the loopback port on which Prometheus finds the metrics",
    )


class McpSettings(Group):
    """Assistants that ask over HTTP."""

    token: Annotated[SecretStr, AfterValidator(hard_to_guess)] | None = Field(
        default=None,
        validation_alias="FAXBOT_MCP_TOKEN",
        description="what an assistant shows to `faxbot mcp --http` as its bearer token",
    )


class DatabaseSettings(Group):
    """The database."""

    url: SecretStr = Field(
        default=SecretStr("sqlite:///faxbot.db"),
        validation_alias="DATABASE_URL",
        description="what must outlive the process: `sqlite:///` and a file, or `postgresql://…`",
    )


class LogSettings(Group):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="LOG_LEVEL", description="`debug`, `info`, `warning` or `error`"
    )
    format: Literal["json", "text"] | None = Field(
        default=None,
        validation_alias="LOG_FORMAT",
        description="`json` or `text`; unset: text on a terminal, else json",
    )


GROUPS: tuple[type[Group], ...] = (
    SlackSettings,
    StoneFaxSettings,
    BotSettings,
    ServeSettings,
    McpSettings,
    DatabaseSettings,
    LogSettings,
)

HINTS: Mapping[str, Hint] = {
    "SLACK_BOT_TOKEN": Hint("xoxb-…", "api.slack.com/apps, your app, OAuth & Permissions, after installing it"),
    "SLACK_APP_TOKEN": Hint("xapp-…", "api.slack.com/apps, your app, Basic Information, App-Level Tokens"),
    "SLACK_SIGNING_SECRET": Hint("32 hexadecimal digits", "api.slack.com/apps, your app, Basic Information"),
    "STONEFAX_URL": Hint("https://fax.example.com", "the address at which the fax server's web portal opens"),
    "STONEFAX_USERNAME": Hint("faxbot", "an account of the fax server that does not sign in through SSO"),
    "STONEFAX_PASSWORD": Hint("its password", "whoever administers the fax server"),
    "STONEFAX_TIME_ZONE": Hint("Europe/Rome", "the time zone of the machine that the fax server runs on"),
    "STONEFAX_CA_FILE": Hint("/etc/ssl/our-authority.pem", "whoever runs your certificate authority"),
    "STONEFAX_FAX_PAGE": Hint("https://fax.example.com/faxes/{id}", "the address bar, with one fax open"),
    "FAXBOT_COMMAND": Hint("/fax", "the slash command in the app's manifest"),
    "FAXBOT_LANGUAGE": Hint("it", "the language that most people here have Slack in"),
    "FAXBOT_LINK_DOMAINS": Hint("fax.example.com", "the address bar, with one fax open in the portal"),
    "FAXBOT_ALLOWED_CHANNELS": Hint("C0123ABCD,C0456EFGH", "a channel's details in Slack, at the bottom"),
    "FAXBOT_ALLOWED_USER_GROUPS": Hint("S0123ABCD", "the user group in Slack, More, Copy group ID"),
    "FAXBOT_MCP_TOKEN": Hint("64 hexadecimal digits", "openssl rand -hex 32"),
    "DATABASE_URL": Hint("postgresql://faxbot:secret@db.example.com/faxbot", "whoever runs the database"),
    "FAXBOT_ADMINS": Hint("U0123ABCD", "a person's profile in Slack, More, Copy member ID"),
}
