"""Bodies of requests that are files: written where they belong while they come in, counted, refused when too large."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from flask import Flask, Request, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.workflows.incoming import MAX_BYTES, Incoming, TooLargeError

#: [bytes] of a request that brings no files
MAX_FORM_BYTES = 2 << 20
#: files and fields of one form; rows of a bill of materials have eight fields each
MAX_FORM_PARTS = 40_000


class FormFile:
    """A file of a form on its way in; a fault of it is kept, so that the rest of the form is still read."""

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        self.name = name
        self.fault: InputError | None = None
        self.incoming: Incoming | None = None
        try:
            self.incoming = Incoming(folder, name, limit)
        except InputError as error:
            self.fault = error

    def write(self, data: bytes) -> int:
        """Write the next bytes, or let them go when something is wrong with the file."""
        if self.incoming and not self.fault:
            try:
                self.incoming.write(data)
            except InputError as error:
                self.fault = error
        return len(data)

    def seek(self, *_: int) -> int:
        """Close the file: a form's reader goes back to the start of each file that is complete."""
        try:
            if self.incoming:
                self.incoming.close()
        except InputError as error:
            self.fault = error
        return 0

    def result(self) -> Incoming | InputError:
        """Return the complete file, or what went wrong."""
        return self.fault or cast(Incoming, self.incoming)

    def drop(self) -> None:
        """Take the file away, unless it was moved."""
        if self.incoming:
            self.incoming.drop()


class UploadRequest(Request):
    """A request whose files go where its view says; they never wait in memory."""

    #: folder for the files of the form, how many bytes it takes, and what came; None: as Flask has it
    files_go_to: tuple[Path, int, list[FormFile]] | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.files_go_to is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        folder, limit, taken = self.files_go_to
        taken.append(FormFile(folder, filename or "", limit))
        # seen as a file by the reader of forms, which writes, and at the end goes back to the start
        return cast(IO[bytes], taken[-1])


def set_up(app: Flask) -> None:
    """Refuse large bodies everywhere but where files are taken."""
    app.request_class = UploadRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES


@contextmanager
def form_files(folder: Path, limit: int = MAX_BYTES) -> Iterator[list[Incoming | InputError]]:
    """Read the form of this request with its files in ``folder``; those that are not moved are gone afterwards."""
    taken: list[FormFile] = []
    open_request = cast(UploadRequest, request)
    open_request.files_go_to = (folder, limit, taken)
    open_request.max_content_length = MAX_BYTES + MAX_FORM_BYTES
    open_request.max_form_memory_size, open_request.max_form_parts = MAX_FORM_BYTES, MAX_FORM_PARTS
    try:
        with http_faults("form"):
            refuse_large(MAX_BYTES + MAX_FORM_BYTES)
            _ = request.files  # reads the form to its end
        yield [file.result() for file in taken if file.name]
    finally:
        for file in taken:
            file.drop()


def receive_body(folder: Path, name: str, limit: int = MAX_BYTES) -> Incoming:
    """Return the body of this request as a complete file in ``folder``.

    Raises
    ------
    TooLargeError
        Before anything is read, when the request says so itself.
    InputError
        When less comes than was announced, or there is no room on the disk.
    """
    refuse_large(limit)
    request.max_content_length = limit
    incoming = Incoming(folder, name, limit)
    try:
        with http_faults(name):
            incoming.receive(request.stream, request.content_length)
    except BaseException:
        incoming.drop()
        raise
    return incoming


def refuse_large(limit: int) -> None:
    """Refuse a body that says itself that it is too large, before any of it is read."""
    if request.content_length is not None and request.content_length > limit:
        raise TooLargeError("upload", say("has %(size)s MiB", size=request.content_length >> 20))


@contextmanager
def http_faults(where: str) -> Iterator[None]:
    """Say in our words what goes wrong while a body comes in."""
    try:
        yield
    except RequestEntityTooLarge:
        raise TooLargeError(where, say("is too large")) from None
    except ClientDisconnected:
        raise InputError([Problem("U063", where, say("the upload broke off; send it again"))]) from None
