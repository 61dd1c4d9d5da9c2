"""What a script's text says of its classes: whether one is there when it was imported up to where its experiment begins.

The host imports so far and no further, see `xpmd.host.scripts`. What cannot be told from the text is not judged.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence

_ONCE = "once"
_BEHIND = "behind where the script begins its experiment"
_GUARDED = 'under `if __name__ == "__main__"`'


def obstacle(text: bytes, name: str) -> str | None:
    """Where the class `name` is defined so that an import of the script does not have it; None where that is not said."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    script = _Script(name)
    script.read(module.body)
    if script.found.total() > 1:
        return "more than once"
    return next((place for place in script.found if place != _ONCE), None)


class _Script:
    """What runs of a module, statement by statement."""

    def __init__(self, name: str) -> None:
        self._name = name
        #: Where the class is defined, and how often: of branches only the one with most counts.
        self.found: Counter[str] = Counter()
        self._place = _ONCE
        #: What makes an experiment, and what is one.
        self._makers, self._experiments = {"experiment"}, set[str]()

    def read(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._read(statement)

    def _read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.ClassDef(name=self._name):
                self.found[self._place] += 1
            case ast.ImportFrom(names=names):
                self._makers |= {one.asname or one.name for one in names if one.name == "experiment"}
            case ast.Assign(targets=[ast.Name(id=assigned)], value=value) if self._is_experiment(value):
                self._experiments.add(assigned)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=entered, attr="__enter__"))):
                self._enter([entered])
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._enter(item.context_expr for item in items)
                self.read(body)
            case ast.If(test=test, body=body, orelse=orelse):
                guarded = _as_main(test)
                self._branches([(body, guarded is True), (orelse, guarded is False)])
            case ast.For(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
                self._branches([(body, False), (orelse, False)])
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                self._branches([([*body, *orelse], False), *((handler.body, False) for handler in handlers)])
                self.read(finalbody)
            case ast.Match(cases=cases):
                self._branches([(case.body, False) for case in cases])

    def _branches(self, branches: Sequence[tuple[Sequence[ast.stmt], bool]]) -> None:
        before, place, most = self.found, self._place, Counter[str]()
        after = place
        for statements, is_guarded in branches:
            self.found, self._place = Counter(), _GUARDED if is_guarded else place
            self.read(statements)
            most |= self.found
            if not is_guarded and self._place != place:
                after = self._place
        self.found, self._place = before + most, after

    def _enter(self, entered: Iterable[ast.expr]) -> None:
        if self._place == _ONCE and any(self._is_experiment(one) for one in entered):
            self._place = _BEHIND

    def _is_experiment(self, value: ast.expr) -> bool:
        match value:
            case ast.Call(func=ast.Name(id=name)):
                return name in self._makers
            case ast.Call(func=ast.Attribute(attr=name)):
                return name == "experiment"
            case ast.Name(id=name):
                return name in self._experiments
        return False


def _as_main(test: ast.expr) -> bool | None:
    """Whether a condition holds for the script itself only (True), for imports only (False), or has to do with neither."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[right]):
            sides = {ast.unparse(left), ast.unparse(right)}
            if sides == {"__name__", "'__main__'"}:
                return isinstance(operator, ast.Eq)
        case ast.BoolOp(op=ast.And(), values=values) if any(_as_main(one) for one in values):
            return True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _as_main(operand)
            return None if inner is None else not inner
    return None
