"""The rules for rich_text blocks, which people's own messages are made of."""

from .elements import URL
from .rules import Rule, array, boolean, by_type, fields, integer, one_of, settled, string

_STYLE = fields({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "unlink"), boolean))


def _inline(**own: Rule) -> Rule:
    return fields({"type": settled, **own}, {"style": _STYLE})


_INLINE = by_type(
    {
        "text": _inline(text=string(10_000)),
        "link": fields({"type": settled, "url": URL}, {"text": string(3000), "unsafe": boolean, "style": _STYLE}),
        "emoji": fields({"type": settled, "name": string(255)}, {"unicode": string(255), "style": _STYLE}),
        "user": _inline(user_id=string(20)),
        "usergroup": _inline(usergroup_id=string(20)),
        "channel": _inline(channel_id=string(20)),
        "broadcast": _inline(range=one_of("here", "channel", "everyone")),
        "date": fields(
            {"type": settled, "timestamp": integer(0, 2**53), "format": string(255)},
            {"url": URL, "fallback": string(3000), "style": _STYLE},
        ),
    }
)

_MANY = 1000
_INLINES = array(_INLINE, least=0, most=_MANY)
_SECTION = fields({"type": settled, "elements": _INLINES})
_BORDERED = fields({"type": settled, "elements": _INLINES}, {"border": integer(0, 1)})
_LIST = fields(
    {
        "type": settled,
        "style": one_of("bullet", "ordered"),
        "elements": array(by_type({"rich_text_section": _SECTION}), most=_MANY),
    },
    {"indent": integer(0, 8), "offset": integer(0, 10**6), "border": integer(0, 1)},
)

RICH_TEXT: Rule = fields(
    {
        "type": settled,
        "elements": array(
            by_type(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": _LIST,
                    "rich_text_quote": _BORDERED,
                    "rich_text_preformatted": _BORDERED,
                }
            ),
            most=_MANY,
        ),
    },
    {"block_id": string(255)},
)
