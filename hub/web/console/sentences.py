"""The hub's own sentences of deliveries, files and readings, told in the reader's language.

Jobs write one line of English for logs and programs. Here it is taken apart and told from the
catalogue; what there are no words for (a department's own reason) is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.web.console.words import Words

#: How a sentence is recognised, and the key of how people are told; named groups are put in.
Known = tuple[re.Pattern[str], str]


def _known(pattern: str, key: str) -> Known:
    return re.compile(pattern), key


#: What became of a delivery: `hub.jobs.deliver`, `hub.delivery`, `hub.store.superseding`.
DELIVERIES: Sequence[Known] = (
    _known(r"no answer \(.*\)", "sent.why.unanswered"),
    _known(r"HTTP (?P<code>[0-9]+)", "sent.why.status"),
    _known(r"code (?P<code>-?[0-9]+)", "sent.why.code"),
    _known("an answer that is not as agreed", "sent.why.strange"),
    _known("refused", "sent.why.refused"),
    _known("the folder cannot be written to: .*", "sent.why.folder"),
    _known(r"the database failed \(.*\)|source .*: there is no database file", "sent.why.database"),
    _known("the source has no words for this", "sent.why.no_words"),
    _known("the source says so already", "sent.why.said_already"),
    _known("the source has changed the value itself", "sent.why.changed_itself"),
    _known("read back otherwise", "sent.why.differs"),
)

#: Why what came cannot be read: `hub.parse`.
FILES: Sequence[Known] = (
    _known("(?P<file>.+) is empty", "file.empty"),
    _known("(?P<file>.+) has no header row", "file.no_header"),
    _known("(?P<file>.+) holds (a header and )?no rows", "file.no_rows"),
    _known("(?P<file>.+) is not text in (?P<encoding>.+)", "file.encoding"),
    _known("(?P<file>.+) is a damaged workbook", "file.damaged"),
    _known("(?P<file>.+) is not an XLSX workbook", "file.no_workbook"),
    _known("(?P<file>.+) unpacks to more than (?P<size>[0-9]+) MiB", "file.large"),
    _known("what came is not JSON in UTF-8|what came is not a list of rows", "file.no_rows_sent"),
)

#: Why a source could not be read, whatever else the sentence names.
READINGS: Sequence[Known] = (
    _known(".*no answer.*", "failure.unanswered"),
    _known(".*being read by someone else.*", "failure.busy"),
    _known(".*(cannot be read|no database file).*", "failure.unreadable"),
    _known(".*(40[13]|token|password|authentication).*", "failure.refused"),
)


def told(t: Words, said: str, known: Sequence[Known], otherwise: str | None = None) -> str:
    """Tell a sentence by the catalogue; one that is not known by another key, or as it is."""
    for pattern, key in known:
        if found := pattern.fullmatch(said):
            return t(key, **{name: one for name, one in found.groupdict().items() if one})
    return t(otherwise) if otherwise else said
