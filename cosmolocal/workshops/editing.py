"""Changes of ``workshops.yaml`` that touch only what changes: comments, order and everything else stay as they are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from cosmolocal.errors import InputError, Problem
from cosmolocal.records import Vocabulary, Workshop
from cosmolocal.workshops.register import dump_yaml, parse_workshops, plain_workshop

CODES = {
    "W062": "workshops.yaml cannot be changed without touching what a person wrote",
}
#: where YAML breaks lines
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class _Edit:
    """A piece of text in place of what stands between two places."""

    start: int
    end: int
    text: str


def edit_workshops(
    text: str, before: Sequence[Workshop], after: Sequence[Workshop], vocabulary: Vocabulary, where: str
) -> str:
    """Return the text of a register that holds ``before`` so that it holds ``after``; none may be left out.

    Raises
    ------
    InputError
        When it is written so that it cannot be changed in place.
    """
    if tuple(after) == tuple(before):
        return text
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    changed = mark + _Editor(text.removeprefix("\ufeff")).edit(before, after)
    try:
        sound = parse_workshops(changed.removeprefix("\ufeff"), where, vocabulary) == tuple(after)
    except InputError:
        sound = False
    if not sound:
        told = "is written so that it cannot be changed in place; write one field a line, as docs/workshops.md does"
        raise InputError([Problem("W062", where, told)])
    return changed


class _Editor:
    """Finds where things stand in a YAML text, and collects what is to change."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        found = re.search(r"\r\n|\n|\r", text)
        self.newline = found[0] if found else "\n"
        self.edits: list[_Edit] = []

    def edit(self, before: Sequence[Workshop], after: Sequence[Workshop]) -> str:
        top = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        _, register = _find(top, "workshops")
        for node, old, new in zip(register.value, before, after, strict=False):
            if old != new:
                self._edit_table(node, plain_workshop(old), plain_workshop(new))
        if added := after[len(before) :]:
            self._append(register, [plain_workshop(workshop) for workshop in added], top)
        pieces, at = [], 0
        for edit in sorted(self.edits, key=lambda each: (each.start, each.end)):
            pieces += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*pieces, self.text[at:]])

    def _offset(self, mark: Any) -> int:
        return int(self.starts[mark.line] + mark.column)

    def _line_end(self, offset: int) -> int:
        """Return where the line of a place ends, its break not included."""
        found = _BREAK.search(self.text, offset)
        return found.start() if found else len(self.text)

    def _edit_table(self, node: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Bring the fields of a table from old to new; lists of tables with ids are gone through one by one."""
        added: dict[str, Any] = {}
        for name, value in new.items():
            if old.get(name) == value:
                continue
            key, held = _find(node, name)
            if held is None:
                added[name] = value
            elif name == "groups":
                pairs = zip(held.value, old[name], value, strict=False)
                for child, one, other in pairs:
                    if one != other:
                        self._edit_table(child, one, other)
                self._append(held, value[len(old[name]) :], node, key)
            elif name == "imported" and isinstance(old.get(name), list) and value[: len(old[name])] == old[name]:
                self._append(held, value[len(old[name]) :], node, key)
            else:
                self._replace(key, held, value, bool(node.flow_style))
        for name in old.keys() - new.keys():
            _, held = _find(node, name)
            if held is not None:
                raise InputError([Problem("W062", "workshops.yaml", f"{name} would go")])
        if added:
            self._add_fields(node, added)

    def _replace(self, key: Any, held: Any, value: Any, in_flow: bool) -> None:
        start, end = self._offset(held.start_mark), self._end(held)
        if isinstance(held, yaml.CollectionNode) and re.search(r"(?:^|\s)#", self.text[start:end]):
            told = f"line {held.start_mark.line + 1}: {key.value} holds a comment, and would be written anew"
            raise InputError([Problem("W062", "workshops.yaml", told)])
        flow = in_flow or isinstance(held, yaml.ScalarNode) or held.flow_style
        if flow and not (isinstance(held, yaml.ScalarNode) and held.style in ("|", ">")):
            blank = "" if start and self.text[start - 1] in " \t[{" else " "
            self.edits.append(_Edit(start, end, blank + _flow(value)))
            return
        self.edits.append(_Edit(self._offset(key.end_mark), end, ": " + _flow(value)))

    def _end(self, node: Any) -> int:
        """Return where the text of a node ends, without the comments and blank lines after it."""
        last = node
        while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
            tail = last.value[-1]
            last = tail[1] if isinstance(last, yaml.MappingNode) else tail
        end = self._offset(last.end_mark)
        if isinstance(last, yaml.ScalarNode) and last.style in ("|", ">"):
            return len(self.text[:end].rstrip())
        return int(end)

    def _add_fields(self, node: Any, added: dict[str, Any]) -> None:
        """Add fields after the first of a table: to a table in braces before its closing one."""
        if node.flow_style:
            comma = ", " if node.value else ""
            fields = ", ".join(f"{name}: {_flow(value)}" for name, value in added.items())
            end = self._offset(node.end_mark) - 1
            self.edits.append(_Edit(end, end, f"{comma}{fields}"))
            return
        key, held = next(pair for pair in node.value if isinstance(pair[1], yaml.ScalarNode))
        indent = " " * int(key.start_mark.column)
        end = self._line_end(self._end(held))
        lines = [f"{self.newline}{indent}{name}: {_flow(value)}" for name, value in added.items()]
        self.edits.append(_Edit(end, end, "".join(lines)))

    def _append(self, held: Any, items: Sequence[dict[str, Any]], parent: Any, key: Any = None) -> None:
        """Add tables to the end of a list."""
        if not items:
            return
        if held.flow_style and (held.value or parent.flow_style):
            end = self._offset(held.end_mark) - 1
            comma = ", " if held.value else ""
            self.edits.append(_Edit(end, end, comma + ", ".join(map(_flow, items))))
            return
        if held.value:
            column = int(held.start_mark.column)
            end = self._line_end(self._end(held))
        else:  # an empty list in brackets makes room for lines of its own
            column = int(key.start_mark.column) if key is not None else 0
            start, stop = self._offset(held.start_mark), self._offset(held.end_mark)
            end = self._line_end(stop)
            if not self.text[stop:end].strip():
                start = len(self.text[:start].rstrip(" "))
            self.edits.append(_Edit(start, stop, ""))
        lines = [line for item in items for line in _block(item)]
        self.edits.append(_Edit(end, end, "".join(f"{self.newline}{' ' * column}{line}" for line in lines)))


def _find(node: Any, name: str) -> tuple[Any, Any]:
    """Return key and value of a field of a table; None and None where it is missing."""
    for key, value in node.value:
        if key.value == name:
            return key, value
    return None, None


def _block(item: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of an item of a list."""
    yield from dump_yaml([item]).rstrip("\n").split("\n")


def _flow(value: Any) -> str:
    """Return a value on one line."""
    return dump_yaml(value, flow=True).removesuffix("\n").removesuffix("\n...")
