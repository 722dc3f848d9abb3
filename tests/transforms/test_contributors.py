"""A contributor has its printed name, unless an alias with a source says otherwise."""

import pytest

from transforms.contributors import aliases_of, canonical_contributor

TABLE = """printed,contributor,source
AG. ESPANOLA DE MUESTRA,Government of Examplia,"Annual report 2012, page 3"
"""


def test_names_that_look_alike_stay_two_and_blanks_are_folded() -> None:
    names = {"Government of Spain", "AG. ESPANOLA DE COOPERACION INT", "GOVERNMENT OF SPAIN"}
    assert {canonical_contributor(f" {name.replace(' ', '  ')}\u00a0") for name in names} == names


def test_an_alias_stands_for_its_contributor() -> None:
    aliases = aliases_of(TABLE)
    assert canonical_contributor("AG.  ESPANOLA DE MUESTRA", aliases) == "Government of Examplia"
    assert canonical_contributor("AG. OTRA", aliases) == "AG. OTRA"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A,B,\n", "lacks a name or its source"),
        ("A,,a source\n", "lacks a name or its source"),
        ("A,B,a source\nA,C,a source\n", "stands for two names"),
        ("A,B,a source\nB,C,a source\n", "aliases and names"),
    ],
)
def test_an_alias_without_a_source_or_for_two_names_is_refused(rows: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aliases_of(f"printed,contributor,source\n{rows}")
