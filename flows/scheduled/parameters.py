"""What may be given to a run, checked by the server's form, by the API and by the flow alike."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from extractors.ids import parse_fund_code, parse_programme_id

ProgrammeId = Annotated[
    str,
    BeforeValidator(lambda given: parse_programme_id(str(given))),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d{1,8}|https?://\S+/project/\d{1,8}\S*)$",
            "description": "67193, 00067193 or a factsheet's URL",
        }
    ),
]
FundCode = Annotated[
    str,
    BeforeValidator(lambda given: parse_fund_code(str(given))),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[A-Za-z0-9]{5}$", "description": "such as MDG00"}
    ),
]
ShareText = Annotated[
    str, Field(pattern=r"^[1-9]\d*/[1-9]\d*$", description="K/N, such as 2/8: the second of eight")
]
ProgrammeIds = Annotated[list[ProgrammeId], Field(min_length=1)]
Day = date | None
Limit = Annotated[int, Field(ge=1)] | None
