"""Previews of the files of a bundle: what can be shown of each, or why nothing can; hostile files are expected."""

from cosmolocal.previews.describe import MODEL_ENDINGS, PROSE_ENDINGS, describe
from cosmolocal.previews.drawings import DRAWN, drawing_folder
from cosmolocal.previews.kinds import Address, Drawing, Model, Nothing, Preview, Prose, Why, ending_of
from cosmolocal.previews.serving import find_type

__all__ = [
    "DRAWN",
    "MODEL_ENDINGS",
    "PROSE_ENDINGS",
    "Address",
    "Drawing",
    "Model",
    "Nothing",
    "Preview",
    "Prose",
    "Why",
    "describe",
    "drawing_folder",
    "ending_of",
    "find_type",
]
