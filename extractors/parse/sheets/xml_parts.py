"""XML from strangers, by local names: no entities, no namespaces to know, rows one by one."""

import io
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from extractors.parse.sheets.bounds import damaged, too_large

_LARGEST_TREE = 8 * 2**20  # bytes or characters
_MOST_HELD = 500_000  # elements


def parse_xml(content: bytes | str) -> Element:
    """Return the root of an XML document.

    Raises:
        PageRefusedError: it declares entities, or is too large to be held as a tree.
        ParseError: it is not XML.
    """
    if len(content) > _LARGEST_TREE:
        raise too_large("content")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise damaged("it declares entities, as no view does") from error
    return root


def each_element(content: bytes | str, wanted: Collection[str]) -> Iterator[tuple[str, Element]]:
    """Yield elements with some local names as they end, and let them go then.

    Raises:
        PageRefusedError: the document declares entities, or one of these elements is too large.
        ParseError: it is not XML.
    """
    encoded = content.encode() if isinstance(content, str) else content
    opened: list[Element] = []
    within = held = 0  # wanted elements that are open, and all elements held with them
    try:
        for event, element in iterparse(
            io.BytesIO(encoded), events=("start", "end"), forbid_dtd=True
        ):
            name = local(element)
            if event == "start":
                opened.append(element)
                within += name in wanted
                held += 1 if within else 0
                if held > _MOST_HELD:
                    raise too_large("content")
                continue
            opened.pop()
            if name in wanted:
                within -= 1
                yield name, element
            if not within:
                held = 0
                element.clear()
                if opened:
                    opened[-1].remove(element)
    except DefusedXmlException as error:
        raise damaged("it declares entities, as no view does") from error


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the children of an element that have a local name."""
    return (child for child in element if local(child) == name)


def attribute(element: Element, name: str) -> str | None:
    """Return the attribute with a local name, in whatever namespace it stands."""
    for key, value in element.items():
        if key.rpartition("}")[2] == name:
            return value
    return None
