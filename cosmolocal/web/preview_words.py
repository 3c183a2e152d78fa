"""Why a file has no preview, in plain words."""

from collections.abc import Callable, Mapping

from cosmolocal.previews import Nothing, Preview, Why
from cosmolocal.web.languages import count, size
from cosmolocal.web.words import gettext

Found = Mapping[str, str | int]


def why_nothing(preview: Preview) -> str:
    """Return why there is no preview, as a sentence; "" where there is one."""
    data = preview.data
    return SENTENCES[data.why](data.found) if isinstance(data, Nothing) else ""


def _number(found: Found, name: str) -> str:
    return count(int(found[name]))


def _kind(found: Found) -> str:
    if found["ending"]:
        return gettext("Files that end in %(ending)s are not shown here.", ending=found["ending"])
    return gettext("Files without an ending are not shown here.")


def _too_large(found: Found) -> str:
    return gettext("The file is too large to be shown: at most %(limit)s are read.", limit=size(int(found["limit"])))


def _stl_length(found: Found) -> str:
    return gettext(
        "The file is damaged: its head says %(stated)s triangles, its length fits %(held)s.",
        stated=_number(found, "stated"),
        held=_number(found, "held"),
    )


def _stl_line(found: Found) -> str:
    return gettext("The file is damaged: line %(line)s is not what STL asks for there.", line=_number(found, "line"))


def _triangles(found: Found) -> str:
    return gettext(
        "The model has %(found)s triangles; at most %(limit)s are shown.",
        found=_number(found, "found"),
        limit=_number(found, "limit"),
    )


def _glb_frame(found: Found) -> str:
    return gettext(
        "The file is damaged: it says it is %(stated)s bytes long, and it has %(held)s.",
        stated=_number(found, "stated"),
        held=_number(found, "held"),
    )


def _gltf_outside(found: Found) -> str:
    return gettext("The model needs another file, “%(name)s”; only models in one file are shown.", name=found["name"])


def _gltf_extension(found: Found) -> str:
    return gettext("The model is packed by %(name)s, which is not read here.", name=found["name"])


def _picture_damaged(found: Found) -> str:
    return gettext("The file is damaged: its %(form)s frame cannot be read.", form=found["form"])


def _picture_other(found: Found) -> str:
    return gettext("The file's name says %(form)s, but its content is something else.", form=found["form"])


def _pixels(found: Found) -> str:
    return gettext(
        "The picture is %(width)s × %(height)s pixels large; at most %(limit)s pixels are shown.",
        width=_number(found, "width"),
        height=_number(found, "height"),
        limit=_number(found, "limit"),
    )


def _svg_damaged(found: Found) -> str:
    return gettext("The file is damaged: line %(line)s is not XML.", line=_number(found, "line"))


SENTENCES: dict[Why, Callable[[Found], str]] = {
    Why.KIND: _kind,
    Why.EMPTY: lambda _: gettext("There is nothing in it to show."),
    Why.TOO_LARGE: _too_large,
    Why.UNREADABLE: lambda _: gettext("The file cannot be read on the server."),
    Why.NOT_TEXT: lambda _: gettext("The file's name says text, but it holds other bytes."),
    Why.STL_LENGTH: _stl_length,
    Why.STL_LINE: _stl_line,
    Why.NUMBERS: lambda _: gettext("The file is damaged: it holds a number that is too large, or none at all."),
    Why.TRIANGLES: _triangles,
    Why.GLB_FRAME: _glb_frame,
    Why.GLTF_DAMAGED: lambda _: gettext("The file is damaged: its description does not fit its data."),
    Why.GLTF_OUTSIDE: _gltf_outside,
    Why.GLTF_EXTENSION: _gltf_extension,
    Why.PICTURE_DAMAGED: _picture_damaged,
    Why.PICTURE_OTHER: _picture_other,
    Why.PIXELS: _pixels,
    Why.SVG_ENTITIES: lambda _: gettext(
        "The drawing holds a document type or entities (<!DOCTYPE, <!ENTITY), which can do harm; save it without."
    ),
    Why.SVG_DAMAGED: _svg_damaged,
    Why.TABLE_DAMAGED: lambda _: gettext("The file is damaged: it cannot be read as a table."),
    Why.DRAWING_DAMAGED: lambda _: gettext("The file is damaged: the drawing in it cannot be read."),
    Why.DRAWING_LIMITS: lambda _: gettext("Drawing it takes more time or memory than this server gives to one file."),
    Why.LOCKED: lambda _: gettext("The file is locked with a password."),
    Why.BUSY: lambda _: gettext("The server is busy with other drawings; try again in a minute."),
}
