"""The records of a CSV file, read strictly and one at a time. Pure: bytes in, rows of cells out.

Strict, because a lenient reader turns a missing quote into wrong cells without a word.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from common.errors import FieldError
from conversations.streams import EXCERPT, LINE_LIMIT, Row

# The default of 128 KB is below what one message may hold. The limit is the process's; nobody needs less.
csv.field_size_limit(LINE_LIMIT)


def read_records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[Row]:
    """The file's records in order, each with its list of cells as value; takes the file over.

    Numbered as a spreadsheet shows them: the first is row 1, blank records count and are skipped. After a
    broken one it goes on with the next line.
    """
    lines = _Lines(file, encoding)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = lines.row(number, next(reader), None)
        except StopIteration:
            return
        except csv.Error as error:
            row = lines.row(number, [], FieldError("", "invalid_csv", f"Not CSV: {error}."))
        except UnicodeError as error:
            detail = f"Not {encoding}; the rest of the file cannot be read ({error})."
            yield lines.row(number, [], FieldError("", "invalid_encoding", detail))
            return
        if row.errors or any(cell.strip() for cell in row.value):
            yield row


class _Lines:
    """The lines of a file as text, for csv.reader; remembers those taken since the last row.

    A byte that the encoding does not know becomes half a surrogate pair, so that it stops its row only.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")
        self.taken: list[str] = []
        self.too_long = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LINE_LIMIT + 1)
        if not line:
            raise StopIteration
        if len(line) <= LINE_LIMIT:
            self.taken.append(line)
            return line
        self.too_long = True
        self.taken.append(line[:EXCERPT])
        while line and line[-1] not in "\r\n":
            line = self.text.readline(LINE_LIMIT)
        return "\n"

    def row(self, number: int, cells: list[str], error: FieldError | None) -> Row:
        """The row that ends here: the cells, or what is wrong with it."""
        raw = "".join(self.taken).encode(errors="surrogateescape")
        if self.too_long:
            error = FieldError("", "line_too_long", f"Longer than {LINE_LIMIT // 1024**2} MB.")
        self.taken, self.too_long = [], False
        return Row(number, raw, None if error else cells, (error,) if error else ())
