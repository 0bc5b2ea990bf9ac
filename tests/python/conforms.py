"""Whether a parsed JSON value is what a generated type says, by the type's own annotations."""

import types
import typing


def problem(value, kind, models, where="value"):
    """What is wrong with the value, or None. `models` is the module that declares the types."""
    if isinstance(kind, (str, typing.ForwardRef)):
        name = kind if isinstance(kind, str) else kind.__forward_arg__
        return problem(value, eval(name, vars(models)), models, where)  # the tests made this module
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any:
        return None
    if origin is typing.NotRequired:
        return problem(value, parts[0], models, where)
    if origin in (typing.Union, types.UnionType):
        problems = [problem(value, part, models, where) for part in parts]
        return None if None in problems else " or ".join(problems)
    if origin is typing.Literal:
        fits = any(value == part and type(value) is type(part) for part in parts)
        return None if fits else f"{where} is {value!r} and none of {parts}"
    if origin is list:
        if not isinstance(value, list):
            return f"{where} is {value!r} and no list"
        return _first(problem(item, parts[0], models, f"{where}[{at}]") for at, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            return f"{where} is {value!r} and no dict"
        return _first(problem(item, parts[1], models, f"{where}.{key}") for key, item in value.items())
    if typing.is_typeddict(kind):
        return _fields(value, kind, models, where)
    if kind in (None, type(None)):
        return None if value is None else f"{where} is {value!r} and not None"
    wanted = (int, float) if kind is float else (kind,)
    fits = isinstance(value, wanted) and (kind is bool or not isinstance(value, bool))
    return None if fits else f"{where} is {value!r} and no {kind.__name__}"


def _fields(value, kind, models, where):
    if not isinstance(value, dict):
        return f"{where} is {value!r} and no {kind.__name__}"
    hints = typing.get_type_hints(kind, vars(models), include_extras=True)
    needed = {name for name, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired}
    if needed - value.keys() or value.keys() - hints.keys():
        return f"{where} has {sorted(value)}, and {kind.__name__} has {sorted(hints)}"
    return _first(problem(value[name], hints[name], models, f"{where}.{name}") for name in value)


def _first(problems):
    return next((problem for problem in problems if problem is not None), None)
