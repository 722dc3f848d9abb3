"""The texts that sums, template strings and joined arrays make."""

from collections.abc import Sequence

from extractors.probe.javascript import (
    Node,
    Scope,
    name_of,
    source_of,
    unescaped,
    unwrapped,
)
from extractors.probe.state import DEEPEST, State
from extractors.probe.values import (
    MOST_VALUES,
    NO_CHOICES,
    NOTHING,
    Alternative,
    Alternatives,
    Choices,
    Frame,
    Items,
    Text,
    choose,
    cut_if,
    hole,
    hole_of,
    joined_texts,
    names_api,
    one,
    text,
    together,
    union,
    with_choices,
)

MOST_OPERANDS = 300


class Texts(State):
    """Evaluation of what makes texts."""

    def join(self, parts: Sequence[Alternatives]) -> Alternatives:
        """Return the texts that the parts make together."""
        joined: list[tuple[tuple[Text, ...], Choices]] = [((), NO_CHOICES)]
        is_cut = False
        for part in parts:
            is_cut |= part.is_cut
            self.charge(1 + len(joined) * len(part.each))
            if self.steps > self._limit:
                return Alternatives((), is_cut=True)
            pairs = (
                ((*texts, value), together(before, choices))
                for texts, before in joined
                for value, choices in part.each
                if isinstance(value, Text)
            )
            longer = [(texts, choices) for texts, choices in pairs if choices is not None]
            is_cut |= len(longer) > MOST_VALUES
            joined = longer[:MOST_VALUES]
        whole = [(joined_texts(texts), choices) for texts, choices in joined]
        each = tuple(Alternative(value, choices) for value, choices in whole if value is not None)
        if len(each) < len(whole):
            lost = (texts for texts, _ in joined if joined_texts(texts) is None)
            self.lost_text |= any(names_api(part) for texts in lost for part in texts)
        return Alternatives(each, is_cut or len(each) < len(whole))

    def as_text(self, values: Alternatives, source: str) -> Alternatives:
        """Return values as they are in a text: an array's elements with commas."""
        if all(isinstance(value, Text) for value, _ in values.each):
            return values
        texts: list[Alternatives] = []
        for value, choices in values.each:
            if isinstance(value, Items):
                made = self.join_items(value, ",", source)
            else:
                made = one(value) if isinstance(value, Text) else hole(source)
            texts.append(with_choices(made, choices))
        return union(*texts)._replace(is_cut=values.is_cut)

    def join_items(self, items: Items, separator: str, source: str) -> Alternatives:
        """Return the text of an array's elements with a separator between them."""
        if self._depth >= DEEPEST:  # an array that holds itself
            return hole(source)._replace(is_cut=True)
        parts: list[Alternatives] = []
        self._depth += 1
        for element in items.elements:
            made = self.as_text(self.force(element), source)
            parts += [text(separator), made] if parts else [made]
        self._depth -= 1
        return self.join(parts)

    def _template(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        parts: list[Alternatives] = []
        for part in node.named_children[:MOST_OPERANDS]:
            if part.type != "template_substitution":
                parts.append(text(unescaped(name_of(part))))
            elif part.named_child_count:
                inner = part.named_children[0]
                values = self.evaluate(inner, scope, frame)
                parts.append(self.as_text(values, source_of(inner, scope)))
        return cut_if(self.join(parts), node.named_child_count > MOST_OPERANDS)

    def _binary(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or left is None or right is None:
            return NOTHING
        if operator.type == "+":
            return self._sum(node, scope, frame)
        if operator.type == "&&":
            return self.evaluate(right, scope, frame)
        if operator.type not in ("||", "??"):
            return NOTHING
        values = self.evaluate(left, scope, frame)
        if values.has_known and all(hole_of(value) is None for value, _ in values.each):
            return values
        return choose([values, self.evaluate(right, scope, frame)], node.id)

    def _sum(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        operands: list[Node] = []
        inner = node
        while len(operands) < MOST_OPERANDS:
            right, left = inner.child_by_field_name("right"), inner.child_by_field_name("left")
            operator = inner.child_by_field_name("operator")
            is_sum = inner.type == "binary_expression" and operator and operator.type == "+"
            if not is_sum or right is None or left is None:
                break
            self.used.add(inner.id)
            operands.append(right)
            inner = unwrapped(left)
        operands.append(inner)
        operands.reverse()
        values = [self.evaluate(operand, scope, frame) for operand in operands]
        if _is_arithmetic(operands, values):
            return NOTHING
        texts = [
            self.as_text(value, source_of(operand, scope))
            for operand, value in zip(operands, values, strict=True)
        ]
        return cut_if(self.join(texts), len(operands) > MOST_OPERANDS)


def _is_arithmetic(operands: Sequence[Node], values: Sequence[Alternatives]) -> bool:
    """Return whether a sum may be one of numbers: `year + 1` is not a text."""
    has_number = any(operand.type == "number" for operand in operands)
    return has_number and not any(
        values_of.has_known and operand.type != "number"
        for operand, values_of in zip(operands, values, strict=True)
    )
