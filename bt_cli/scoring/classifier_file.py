"""YAML files with prompts and the scores of their choices."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, structs

from bt_cli.errors import UsageError
from bt_cli.scoring.nearest import suggestion

_TYPES: dict[str, tuple[type, ...]] = {
    "prompt": (str,),
    "choice_scores": (dict,),
    "model": (str,),
    "use_cot": (bool,),
    "temperature": (int, float),
    "max_tokens": (int,),
    "reasoning_effort": (str,),
}


class Definition(Struct, frozen=True):
    """A prompt whose answer is one of some choices; a choice without a score is no opinion."""

    prompt: str
    choice_scores: dict[str, float | None]
    model: str | None = None
    use_cot: bool | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None

    def settings(self) -> dict[str, Any]:
        """What is set beside the prompt and its choices."""
        given = structs.asdict(self)
        return {key: one for key, one in given.items() if one is not None and key not in ("prompt", "choice_scores")}


def read_definition(target: str) -> Definition:
    """The prompt in ``FILE.yaml``, or the one called NAME in ``FILE.yaml:NAME``.

    Raises UsageError for a file that cannot be read, with the line where it is no YAML, and for one
    that has no such prompt.
    """
    path, name = split_target(target)
    found = _load(path)
    if not isinstance(found, dict) or not found:
        raise _mistake(path, "it holds no prompt", "write prompt: and choice_scores: into it")
    if name is not None:
        if "prompt" in found or name not in found:
            known = [] if "prompt" in found else [str(key) for key in found]
            raise _mistake(
                path, f"it has no prompt called {name!r}", suggestion(name, known) if known else f"write {path}"
            )
        return definition_of(found[name], f"{path}:{name}", path)
    if not found.keys() & {"prompt", "choice_scores"} and all(isinstance(one, dict) for one in found.values()):
        if len(found) == 1:
            return definition_of(next(iter(found.values())), path, path)
        names = ", ".join(f"{path}:{one}" for one in found)
        raise _mistake(path, f"it has {len(found)} prompts", f"name one: {names}")
    return definition_of(found, path, path)


def split_target(target: str) -> tuple[str, str | None]:
    """``FILE.yaml:NAME`` in its two parts; the name None where there is none."""
    if target.lower().endswith((".yaml", ".yml", ".json")):
        return target, None
    path, _, name = target.rpartition(":")
    return path, name


def definition_of(given: Any, where: str, file: str | None = None) -> Definition:
    """A definition out of its mapping. Raises UsageError that names ``where`` and the key."""
    if not isinstance(given, dict):
        raise _mistake(where, "it is no mapping of prompt and choice_scores", None, file)
    for key, value in given.items():
        if key not in _TYPES:
            raise _mistake(where, f"it has a key {key!r}", suggestion(str(key), _TYPES), file)
        if not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and key != "use_cot"):
            raise _mistake(where, f"{key} must be {_TYPES[key][0].__name__}, not {type(value).__name__}", None, file)
    for key in ("prompt", "choice_scores"):
        if not given.get(key):
            raise _mistake(where, f"it has no {key}", None, file)
    return Definition(**{**given, "choice_scores": _choices(given["choice_scores"], where, file)})


def _choices(given: dict[Any, Any], where: str, file: str | None) -> dict[str, float | None]:
    for choice, score in given.items():
        if isinstance(choice, bool):
            raise _mistake(where, "YAML reads a bare Yes, No, On or Off as true or false", 'quote it: "Yes": 1', file)
        if score is not None and (not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1):
            raise _mistake(where, f"the score of {choice!r} must be from 0 to 1, or null", None, file)
    return {str(choice).strip(): score for choice, score in given.items()}


def _load(path: str) -> Any:
    import yaml

    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", code="score_file", file=path) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = path if mark is None else f"{path}:{mark.line + 1}"
        raise _mistake(where, f"not YAML: {getattr(error, 'problem', None) or error}", None, path) from None


def _mistake(where: str, what: str, hint: str | None, file: str | None = None) -> UsageError:
    return UsageError(f"{where}: {what}", hint=hint, code="score_file", file=file or where)
