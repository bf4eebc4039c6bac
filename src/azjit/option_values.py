"""The values of the common options: what each accepts, and what a context may set."""

from __future__ import annotations

import re

from azjit.errors import Usage, meant
from azjit.options import BY_NAME, HERE, KEYS, Option

# Keys that suggest a secret, which does not belong in a plain file.
_SUSPECT = r"secret|passw|token|credential|certificate|private|(^|[-_.])(key|pin|pat)$"
_FORMS = {
    "tenant": "a GUID or a domain name",
    "expect-tenant": "a GUID or a domain name",
    "subscription": "ids or names, separated by commas",
    "authority": "an https URL",
    "receipts-shared": "the whole path of a folder",
}
_LONGEST_NUMBER = 9
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_SEE = "see: azjit help options"
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def context_option(key: str, where: str = "") -> Option:
    """Give the option with this name, if a context may set it.

    Raises:
        Usage: a context may not set it, or no option has this name.
    """
    option = BY_NAME.get(key.replace(".", "-"))
    if option is not None and option.in_context:
        return option
    if key in {"sandbox", "as"}:
        raise Usage(
            f"{where}a context cannot set {key!r}: a file cannot turn Azure into the sandbox",
            hint="use --sandbox, or set AZJIT_SANDBOX=1",
        )
    if option is None and re.search(_SUSPECT, key, re.IGNORECASE):
        raise Usage(
            f"{where}{key!r} looks like a secret; azjit stores no secrets",
            hint="sign in with az login, or set AZURE_CLIENT_SECRET in the environment",
        )
    wrong = "a context cannot set" if option is not None else "no setting is named"
    hint = f"{meant(key, KEYS)}a context can set {', '.join(KEYS)}"
    raise Usage(f"{where}{wrong} {key!r}", hint=hint)


def context_value(option: Option, text: str, source: str) -> str:
    """Give a value that a context may set for an option.

    Raises:
        Usage: the option does not accept the value, or the value points to the sandbox.
    """
    value = str(checked(option, text, source))
    if option.name == "cloud" and re.fullmatch(HERE, value):
        raise Usage(
            f"{source}: a cloud on this machine is the sandbox, and a context cannot select it",
            hint='in the shell that uses it: eval "$(azjit sandbox env)"',
        )
    return value


def checked(option: Option, value: object, source: str) -> object:
    """Convert a value to the type of its option.

    Raises:
        Usage: the option does not accept the value; the message names `source`.
    """
    if option.kind == "flag":
        return value if isinstance(value, bool) else _truth(str(value), source)
    if option.kind == "number":
        return _number(str(value), source)
    text = str(value)
    if option.choices and text.lower() in option.choices:
        return text.lower()
    if option.is_guard and not text:
        raise Usage(f"{source} is set but empty", hint=f"set it to {option.metavar}, or unset it")
    if option.choices and text not in option.choices:
        raise Usage(
            f"{source} accepts {', '.join(option.choices)}, not {text!r}",
            hint=f"{meant(text, option.choices)}{_SEE}",
        )
    if option.pattern and not re.fullmatch(option.pattern, text):
        raise Usage(f"{source} accepts {_FORMS[option.name]}, not {text!r}", hint=_SEE)
    return text


def plain(text: str, source: str) -> str:
    """Give a typed text without the blanks and invisible characters at its ends.

    Shells of Windows leave a carriage return there, web pages a zero-width space.

    Raises:
        Usage: it contains bytes that are no text.
    """
    if text.isprintable() and text == text.strip():
        return text
    from unicodedata import category  # noqa: PLC0415 - few texts need it

    if "Cs" in (kinds := [category(char) for char in text]):  # stands for a byte that is no text
        raise Usage(f"{source} is not UTF-8 text", hint="write it in UTF-8")
    kept = [at for at, kind in enumerate(kinds) if kind not in _INVISIBLE]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _truth(text: str, source: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Usage(f"{source} accepts 1 or 0, not {text!r}", hint=_SEE)


def _number(text: str, source: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text) > 0:
        return int(text)
    raise Usage(f"{source} accepts a whole number above 0, not {text!r}", hint=_SEE)
