"""GraphML street networks as OSMnx writes them: nodes with x and y, a directed multigraph of streets with length."""

from typing import NoReturn
from xml.parsers import expat

from cosmolocal.errors import InputError, say
from cosmolocal.network.street_draft import ENTITIES, UNREADABLE, Draft, Street

_NODE_KEYS = ("x", "y")
_EDGE_KEYS = ("length", "oneway", "highway", "maxspeed")
#: [characters] longest value of one attribute that is looked at
_LONGEST = 10_000


class _Reader:
    """Turns the events of the parser into nodes and streets; edges may stand before their nodes."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        #: name of an attribute by the id of its key
        self.names: dict[str, str] = {}
        self.is_directed = True
        self.values: dict[str, str] = {}
        self.element: tuple[str, dict[str, str], int] | None = None
        self.key = ""
        self.said: list[str] = []
        self.edges: list[Street] = []

    def read(self, data: bytes) -> None:
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            line = error.lineno
            why = expat.ErrorString(error.code)
            told = say("line %(line)s: is not XML: %(why)s", line=line, why=why)
            raise self.draft.refuse(UNREADABLE, told) from None
        except (LookupError, ValueError):  # of Python's own, where expat asks it for an encoding
            told = say("names an encoding that is not known, or not read; write it as UTF-8")
            raise self.draft.refuse(UNREADABLE, told) from None
        for edge in self.edges:
            self.draft.add_street(edge)

    def _refuse(self, *_: object) -> NoReturn:
        line = self.parser.CurrentLineNumber
        told = say("line %(line)s: declares a document type or an entity; neither is read", line=line)
        raise self.draft.refuse(ENTITIES, told)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "key":
            self.names[attributes.get("id", "")] = attributes.get("attr.name", "")
        elif name == "graph":
            self.is_directed = attributes.get("edgedefault", "directed") != "undirected"
        elif name in ("node", "edge"):
            self.element, self.values = (name, attributes, self.parser.CurrentLineNumber), {}
        elif name == "data" and self.element is not None:
            wanted = _NODE_KEYS if self.element[0] == "node" else _EDGE_KEYS
            key = self.names.get(attributes.get("key", ""), "")
            self.key, self.said = key if key in wanted else "", []

    def _text(self, text: str) -> None:
        if self.key:
            self.said.append(text[:_LONGEST])

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "data":
            if self.key:
                self.values[self.key] = "".join(self.said)[:_LONGEST].strip()
            self.key = ""
        elif self.element is not None and name == self.element[0]:
            (_, attributes, line), values = self.element, self.values
            self.element = None
            if name == "node":
                where, known = f"line {line}", attributes.get("id", "")
                self.draft.add_node(where, known, values.get("x", ""), values.get("y", ""))
            else:
                self.edges.append(self._street(line, attributes, values))

    def _street(self, line: int, attributes: dict[str, str], values: dict[str, str]) -> Street:
        oneway = values.get("oneway")
        if oneway is None:
            # a directed street of which nothing is said goes as it is drawn
            oneway = "yes" if self.is_directed else "no"
        ends = attributes.get("source", ""), attributes.get("target", "")
        kind, speed = values.get("highway", ""), values.get("maxspeed", "")
        return Street(f"line {line}", *ends, values.get("length", ""), oneway, kind, speed, not self.is_directed)


def read_graphml(data: bytes, draft: Draft) -> None:
    """Read the nodes and streets of a GraphML file into a draft.

    Raises
    ------
    InputError
        When it is no XML, or declares a document type or entities.
    """
    if b"<graphml" not in data[:4096]:
        raise InputError(draft.refuse(UNREADABLE, say("is XML, but no GraphML")).problems)
    _Reader(draft).read(data)
