"""Expected errors of a warehouse; each message says what to do."""

import duckdb

from extractors.errors import MptfError

# What the database itself raises, of a damaged file or a full disk, wherever it notices.
DatabaseError = duckdb.Error


class WarehouseError(MptfError):
    """The warehouse cannot do what was asked; the message says why and what to do."""

    retry_helps = True


class WarehouseMissingError(WarehouseError):
    """There is no warehouse yet: nothing was ingested."""

    retry_helps = False


class WarehouseBusyError(WarehouseError):
    """Another process is writing to the file; try again when it has finished."""

    retry_helps = False


class WarehouseVersionError(WarehouseError):
    """The file was written by another version of this program."""

    retry_helps = False


class QueryError(WarehouseError):
    """The query is wrong, or asks for what is not allowed; trying again changes nothing."""

    retry_helps = False
