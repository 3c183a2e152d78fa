"""Markdown as HTML that can do nothing: no raw HTML, no pictures from elsewhere, no links that lead nowhere."""

import posixpath
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cosmolocal.previews.kinds import Address, Prose, ending_of
from cosmolocal.previews.pictures import PICTURE_TYPES

#: [bytes] the worst texts known take about two seconds for this much
MAX_BYTES = 128 * 1024
#: levels of headings between the page's own and those of the text
SHIFT = 2
_TAGS = frozenset(
    ["p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img",
     "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"]
)  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "loading"}, "ol": {"start"}}
_SCHEMES = ("http", "https", "mailto")


def render_markdown(text: str, name: str, address: Address) -> Prose:
    """Return the text as HTML; relative links and pictures lead to files of the same bundle, or nowhere."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = markdown.parse(text)
    _shift_headings(tokens)
    for token in tokens:
        if token.children:
            token.children = [_led(child, name, address) for child in token.children]
    html = markdown.renderer.render(tokens, markdown.options, {})
    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )
    return Prose(cleaned)


def _shift_headings(tokens: Sequence[Token]) -> None:
    """Put headings below the page's own, and close the gaps between their levels."""
    levels: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            while levels and levels[-1] >= token.tag:
                levels.pop()
            levels.append(token.tag)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, SHIFT + len(levels))}"


def _led(token: Token, name: str, address: Address) -> Token:
    """Return a link or picture that leads to where it should; a picture that leads nowhere becomes its own words."""
    if token.type == "link_open":
        leads = _outside(str(token.attrs["href"])) or _inside(str(token.attrs["href"]), name, address, False)
        token.attrs = {"href": leads} if leads else {}
    elif token.type == "image":
        source = str(token.attrs["src"])
        leads = _inside(source, name, address, True) if ending_of(_path_of(source)) in PICTURE_TYPES else None
        if not leads:
            return Token("text", "", 0, content=f"[{token.content}]")
        token.attrs = {"src": leads, "alt": "", "loading": "lazy"}
    return token


def _outside(link: str) -> str | None:
    return link if link.split(":", 1)[0].lower() in _SCHEMES and ":" in link else None


def _path_of(link: str) -> str:
    """Return the path of a link without its query and anchor; "" where it leads elsewhere."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else unquote(parts.path)


def _inside(link: str, name: str, address: Address, is_picture: bool) -> str | None:
    """Return the address of the file that a link of the file ``name`` means; one with a leading / starts at the top."""
    path = _path_of(link)
    if not path:
        return None
    folder = "" if path.startswith("/") else posixpath.dirname(name)
    return address(posixpath.normpath(posixpath.join(folder, path.lstrip("/"))), is_picture)
