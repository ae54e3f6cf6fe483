"""The body of an import as rows, read as it comes: the framework neither parses nor holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from django.http import HttpRequest, UnreadablePostError
from rest_framework.exceptions import UnsupportedMediaType

from common.errors import Malformed, TooLarge
from conversations.streams import CHUNK, Row, read_array, read_ndjson

ARRAY_BYTES = 64 * 1024 * 1024


class CutShort(Malformed):
    """The connection ended before the body did (400); what was committed stays."""

    code = "cut_short"

    def __init__(self) -> None:
        super().__init__("The connection ended before the body did. Send everything again to finish it.")


def rows_of(request: HttpRequest, whole: Callable[[bytes], list[Row]] = read_array) -> Iterable[Row]:
    """The rows of JSON, by default of an array, or of NDJSON, by content type; NDJSON is read while it is
    iterated.

    Raises UnsupportedMediaType (415), TooLarge (413), Malformed (400); CutShort from the iteration too.
    """
    if request.content_type == "application/x-ndjson":
        return read_ndjson(_chunks(request))
    if request.content_type == "application/json":
        return whole(_whole(request))
    raise UnsupportedMediaType(
        request.content_type or "",
        "Send JSON as application/json, or lines as application/x-ndjson.",
    )


def _whole(request: HttpRequest) -> bytes:
    body = bytearray()
    for chunk in _chunks(request):
        body += chunk
        if len(body) > ARRAY_BYTES:
            limit = ARRAY_BYTES // 1024**2
            raise TooLarge(f"JSON may have up to {limit} MB; send more as application/x-ndjson.")
    return bytes(body)


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    """The body in chunks; CutShort when less arrives than was announced."""
    chunked = request.headers.get("Transfer-Encoding", "").lower() == "chunked"
    source: HttpRequest | BinaryIO = request
    if chunked and request.META.get("wsgi.input_terminated"):
        source = request.META["wsgi.input"]  # Django reads as much as Content-Length says: here nothing
    announced = 0 if chunked else int(request.META.get("CONTENT_LENGTH") or 0)
    received = 0
    try:
        while chunk := source.read(CHUNK):
            received += len(chunk)
            yield chunk
    except (UnreadablePostError, OSError):
        raise CutShort from None
    if received < announced:
        raise CutShort
