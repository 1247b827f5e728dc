"""YAML → plain values and the line that each stands on.

Every scalar stays the text that stands in the file: ``140000`` and ``4e1234`` are addresses, not numbers,
and ``NO`` is Norway.  What a text means is for the model to say, which knows what it should be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wideberth.errors import AgreementError, Fault

Path = tuple[str | int, ...]
DEEPEST = 60  # an agreement nests six deep
MOST_VALUES = 1_000_000  # aliases of aliases make more of a short file
BEGINNING = "An agreement begins with 'wideberth: 1' and 'name: ...'."
_NULL = "tag:yaml.org,2002:null"


@dataclass
class Tree:
    """A YAML document.

    Attributes:
        file: its name, as shown to people.
        value: dicts, lists, texts and None.
        lines: where each value stands, counted from 1; a key's own line stands under its path.
        faults: what the file itself has wrong, such as a key twice.
        warnings: what can be meant, and hardly is.
        values: how many were read.
        within: nodes that the one being read lies in.
    """

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    values: int = 0
    within: set[int] = field(default_factory=set)

    def line(self, path: Path) -> int | None:
        """Return the line of a value, or of the nearest that holds it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def fault(self, path: Path, what: str, remedy: str = "") -> None:
        """Note that something is wrong."""
        self.faults.append(Fault(self.file, self.line(path), what, remedy))

    def warn(self, path: Path, what: str, remedy: str = "") -> None:
        """Note that something can be meant, and hardly is."""
        self.warnings.append(Fault(self.file, self.line(path), what, remedy))


def read(text: str, file: str) -> Tree:
    """Return the document of a text.

    Raises:
        AgreementError: it is no YAML, holds more than one document, or nothing.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    tree = Tree(file)
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        problem, mark = error.problem or error.context or "it cannot be read", error.problem_mark
        if problem.startswith("but ") and error.context:
            problem = f"{error.context}, {problem}"
        if "end of stream" in problem or "stream end" in problem:  # what is open at the end of the file
            problem, mark = "what begins here does not end before the file does", error.context_mark or mark
        line = mark.line + 1 if mark is not None else None
        raise AgreementError([Fault(file, line, f"this is not YAML: {problem}.", _hint(problem))]) from None
    except (YAMLError, RecursionError, ValueError) as error:
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise AgreementError([Fault(file, None, f"this is not YAML: {message}.", _hint(message))]) from None
    if node is None:
        raise AgreementError([Fault(file, 1, "the file is empty.", BEGINNING)])
    tree.value = _plain(node, (), tree)
    return tree


def _hint(problem: str) -> str:
    if "\\t" in problem or "tab" in problem:
        return "Indent with blanks, not with tabs."
    if "single document" in problem:
        return "Take out the line '---': a file is one agreement."
    if "mapping values are not allowed" in problem:
        return "Is there a colon within a text? Put the text in quotes."
    if "alias" in problem or "anchor" in problem:
        return "A text that begins with * or & needs quotes."
    return "Look at this line and the one above: a missing quote, bracket or colon, or another indent."


def _plain(node: Any, path: Path, tree: Tree) -> Any:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    tree.lines.setdefault(path, node.start_mark.line + 1)
    tree.values += 1
    if tree.values > MOST_VALUES or len(path) > DEEPEST:
        much = (
            f"nests more than {DEEPEST} deep"
            if len(path) > DEEPEST
            else f"holds more than {MOST_VALUES:,} values"
        )
        tree.fault(path[:1], f"this {much}.", "Does an alias (*) stand for too much, or for itself?")
        raise AgreementError(tree.faults)
    if isinstance(node, ScalarNode):
        is_plain = node.style is None
        return None if is_plain and node.tag == _NULL else str(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(child, (*path, i), tree) for i, child in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        tree.fault(path, "this is neither a text, a list nor a mapping.")
        return None
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            line = key_node.start_mark.line + 1
            what = "a key is a list or a mapping."
            tree.faults.append(Fault(tree.file, line, what, "A key is one word before a colon."))
            continue
        key = str(key_node.value)
        here = (*path, key)
        if key in made:
            line = key_node.start_mark.line + 1
            what = f"'{key}' is there twice (first in line {tree.lines[here]})."
            tree.faults.append(Fault(tree.file, line, what, "Keep one of them."))
            continue
        tree.lines[here] = key_node.start_mark.line + 1
        made[key] = _plain(value_node, here, tree)
    return made
