"""Generates createUiDefinition files in many shapes, and plants faults in them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

Json = dict[str, Any]
Path = tuple[object, ...]
TYPE = "Microsoft.Solutions.JitConfigurator"
WIZARD = (
    "https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#"
)
FORM = "https://schema.management.azure.com/schemas/2021-09-09/uiFormDefinition.schema.json"


@dataclass(frozen=True)
class Hand:
    """How a file is written: indentation, colon, line ends, comments, encoding."""

    indent: str = "  "
    colon: str = ": "
    eol: str = "\n"
    encoding: str = "utf-8"
    mark: bytes = b""
    hugs: bool = False
    wide: bool = True
    comments: bool = False
    last_eol: bool = True


@dataclass
class Draft:
    """A drawn text and where each value and key starts, in lines and columns."""

    text: str
    places: dict[tuple[Path, str], tuple[int, int]]
    hand: Hand

    @property
    def content(self) -> bytes:
        text = self.text.replace("\n", self.hand.eol)
        return self.hand.mark + text.encode(self.hand.encoding)

    def at(self, path: Path, what: str = "value") -> tuple[int, int]:
        return self.places[path, what]


@dataclass
class Shape:
    """One createUiDefinition: its JSON with the JIT step, and where that step is."""

    name: str
    body: Json
    hand: Hand
    step: str = "jitConfiguration"
    control: str = "jitConfigurationControl"

    @property
    def is_form(self) -> bool:
        return "view" in self.body

    @property
    def steps_path(self) -> Path:
        return ("view", "properties", "steps") if self.is_form else ("parameters", "steps")

    @property
    def outputs_path(self) -> Path:
        return ("view", "outputs", "parameters") if self.is_form else ("parameters", "outputs")

    def jit_path(self) -> Path:
        steps = get(self.body, self.steps_path)
        index = next(i for i, s in enumerate(steps) if s.get("name") == self.step)
        return (*self.steps_path, index)

    def control_path(self) -> Path:
        elements = get(self.body, (*self.jit_path(), "elements"))
        index = next(i for i, e in enumerate(elements) if e.get("name") == self.control)
        return (*self.jit_path(), "elements", index)

    def without_jit(self) -> Shape:
        body = copy.deepcopy(self.body)
        steps = get(body, self.steps_path)
        steps[:] = [step for step in steps if step.get("name") != self.step]
        del get(body, self.outputs_path)["jitAccessPolicy"]
        return replace(self, body=body)

    def draw(self) -> Draft:
        return draw(self.body, self.hand)


def get(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def draw(body: Json, hand: Hand) -> Draft:
    """Write JSON in a hand, and note where everything stands."""
    pen = _Pen(hand)
    pen.value(body, (), 0)
    if hand.comments:
        pen.write(" // the end")
    if hand.last_eol:
        pen.write("\n")
    return Draft("".join(pen.parts), pen.places, hand)


class _Pen:
    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.parts: list[str] = []
        self.places: dict[tuple[Path, str], tuple[int, int]] = {}
        self._line, self._column = 1, 1
        self._count = 0

    def write(self, text: str) -> None:
        self.parts.append(text)
        lines = text.split("\n")
        self._line += len(lines) - 1
        self._column = len(lines[-1]) + (self._column if len(lines) == 1 else 1)

    def value(self, value: Any, path: Path, depth: int) -> None:
        self.places[path, "value"] = (self._line, self._column)
        if isinstance(value, dict):
            self._items("{", "}", list(value.items()), path, depth)
        elif isinstance(value, list):
            self._items("[", "]", list(enumerate(value)), path, depth)
        else:
            self.write(json.dumps(value, ensure_ascii=not self._speaks(value)))

    def _speaks(self, value: Any) -> bool:
        try:
            str(value).encode(self.hand.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _items(self, opening: str, closing: str, items: list[Any], path: Path, depth: int) -> None:
        self.write(opening)
        hugs = self.hand.hugs and opening == "[" and all(isinstance(v, dict) for _, v in items)
        for number, (key, value) in enumerate(items):
            if number:
                self.write(",")
            self._space(depth + (0 if hugs else 1), hugs=hugs and not number)
            if opening == "{":
                self.places[(*path, key), "key"] = (self._line, self._column)
                self.write(json.dumps(key) + self.hand.colon)
            self.value(value, (*path, key), depth + (0 if hugs else 1))
        if items:
            self._space(depth, hugs=hugs)
        self.write(closing)

    def _space(self, depth: int, *, hugs: bool) -> None:
        if hugs:
            return
        if self.hand.comments:
            self._count += 1
            self.write(("", ' // note, with "quotes"', " /* steps */")[self._count % 3])
        if self.hand.wide:
            self.write("\n" + self.hand.indent * depth)
        elif self.hand.comments:
            self.write("\n")


# What files hold


def jit_step(step: str, control: str, *, is_form: bool = False) -> Json:
    element = {"name": control, "type": TYPE, "label": "JIT Configuration"}
    if is_form:
        return {"name": step, "label": "JIT Configuration", "elements": [element]}
    return {
        "name": step,
        "label": "JIT Configuration",
        "subLabel": {"preValidation": "Configure it", "postValidation": "Done"},
        "bladeTitle": "JIT Configuration",
        "elements": [element],
    }


def textbox(name: str, label: str = "Some text") -> Json:
    return {
        "name": name,
        "type": "Microsoft.Common.TextBox",
        "label": label,
        "toolTip": "Only {letters}, [digits] and \\ backslashes // no comment",
        "constraints": {"required": True, "regex": "^[a-z0-9\\\\]{1,30}$"},
        "visible": True,
    }


def dropdown(name: str) -> Json:
    allowed = [{"label": word, "value": word.lower()} for word in ("Small", "Large")]
    return {
        "name": name,
        "type": "Microsoft.Common.DropDown",
        "label": "Size",
        "defaultValue": "Small",
        "constraints": {"allowedValues": allowed},
    }


def section(name: str, *elements: Json) -> Json:
    return {
        "name": name,
        "type": "Microsoft.Common.Section",
        "label": f"Section {name}",
        "elements": list(elements),
        "visible": "[equals(basics('mode'), 'all')]",
    }


def plain_step(name: str, *elements: Json) -> Json:
    texts = {"preValidation": "Fill it in", "postValidation": "Done"}
    return {
        "name": name,
        "label": f"Step {name}",
        "subLabel": texts,
        "bladeTitle": name.title(),
        "elements": list(elements),
    }


_CONTENTS: tuple[tuple[str, list[Json], list[Json], Json], ...] = (
    ("bare", [], [], {}),
    (
        "one step",
        [textbox("user")],
        [plain_step("vm", textbox("size"))],
        {"size": "[steps('vm').size]"},
    ),
    (
        "two steps",
        [],
        [plain_step("vm", dropdown("size")), plain_step("net", textbox("vnet"))],
        {"size": "[steps('vm').size]", "vnet": "[steps('net').vnet]", "location": "[location()]"},
    ),
    (
        "nested sections",
        [section("who", textbox("user"), section("inner", textbox("password")))],
        [plain_step("vm", section("a", section("b", section("c", dropdown("size")))))],
        {"size": "[steps('vm').a.b.c.size]", "user": "[basics('who').user]"},
    ),
    (
        "repeated controls",
        [textbox("name"), textbox("other")],
        [plain_step(f"node{n}", textbox("name"), dropdown("size")) for n in range(4)],
        {f"name{n}": f"[steps('node{n}').name]" for n in range(4)},
    ),
    (
        "other kinds of solutions controls",
        [],
        [
            plain_step(
                "pick",
                {"name": "list", "type": "Microsoft.Solutions.ArmApiControl", "request": {}},
                {"name": "res", "type": "Microsoft.Solutions.ResourceSelector", "label": "R"},
                {"name": "info", "type": "Microsoft.Common.InfoBox", "options": {"text": "//x"}},
                {"name": "grid", "type": "Microsoft.Common.EditableGrid", "label": "G"},
            )
        ],
        {"res": "[steps('pick').res.id]"},
    ),
    (
        "tricky outputs",
        [],
        [plain_step("vm", textbox("size"))],
        {
            "jitAccessEnabledByDefault": True,
            "policy": "[if(equals(1, 1), 'a', 'b')]",
            "accessPolicies": [],
            "escaped": "[[steps('vm').size]",
            "nothing": None,
            "count": -1.5e3,
            "tags": "[if(contains(basics('t'), 'x'), basics('t')['x'], parse('{}'))]",
        },
    ),
    (
        "many",
        [textbox(f"t{n}") for n in range(10)],
        [plain_step(f"s{n}", *[textbox(f"c{m}") for m in range(5)]) for n in range(12)],
        {f"o{n}": f"[steps('s{n}').c0]" for n in range(12)},
    ),
    (
        "words",
        [textbox("stadt", "Städte übersetzen: naïve façade")],
        [plain_step("größe".replace("ö", "oe").replace("ß", "ss"), textbox("size", "Größe"))],
        {"size": "[steps('groesse').size]"},
    ),
)
_NAMES = (
    (
        "jitConfiguration",
        "jitConfigurationControl",
        "[steps('jitConfiguration').jitConfigurationControl]",
    ),
    ("access", "policy", "[steps('access').policy]"),
    ("Zugriff", "Steuer1", "[ steps( 'Zugriff' ) . Steuer1 ]"),
    ("vendor's step", "jit", "[steps('vendor''s step').jit]"),
    ("jit-step", "control", "[steps('jit-step')['control']]"),
    ("s_1", "_c", "  [steps('s_1')._c]  "),
)
HANDS = (
    Hand(),
    Hand(indent="    "),
    Hand(indent="\t"),
    Hand(indent="   ", colon=" : "),
    Hand(eol="\r\n"),
    Hand(eol="\r\n", indent="    ", mark=b"\xef\xbb\xbf"),
    Hand(mark=b"\xef\xbb\xbf", last_eol=False),
    Hand(eol="\r"),
    Hand(encoding="utf-16-le", mark=b"\xff\xfe", eol="\r\n"),
    Hand(encoding="utf-16-be", mark=b"\xfe\xff"),
    Hand(encoding="utf-16-le"),
    Hand(encoding="utf-32-le", mark=b"\xff\xfe\x00\x00"),
    Hand(encoding="latin-1", indent="\t", eol="\r\n"),
    Hand(wide=False, colon=":", last_eol=False),
    Hand(wide=False, colon=": "),
    Hand(hugs=True, indent="    "),
    Hand(hugs=True, comments=True),
    Hand(comments=True),
    Hand(comments=True, eol="\r\n", indent="\t"),
    Hand(comments=True, colon=":", encoding="utf-16-le", mark=b"\xff\xfe"),
)


def shapes() -> list[Shape]:
    """Fifty files; every content, name and hand is among them, a fifth of them in Form view."""
    found = []
    for number in range(50):
        content = _CONTENTS[number % len(_CONTENTS)]
        names = _NAMES[number % len(_NAMES)]
        hand = HANDS[number % len(HANDS)]
        found.append(_shape(number, content, names, hand))
    return found


def _shape(
    number: int,
    content: tuple[str, list[Json], list[Json], Json],
    names: tuple[str, str, str],
    hand: Hand,
) -> Shape:
    title, basics, steps, outputs = copy.deepcopy(content)
    step, control, expression = names
    is_form = number % 5 == 4
    jit = jit_step(step, control, is_form=is_form)
    if number % 7 == 3:
        jit["elements"].insert(0, textbox("before"))
    steps.insert((number * 3) % (len(steps) + 1), jit)
    keys = [*outputs.items()]
    keys.insert((number * 5) % (len(keys) + 1), ("jitAccessPolicy", expression))
    body = _form(steps, dict(keys)) if is_form else _wizard(number, basics, steps, dict(keys))
    return Shape(f"{number:02} {title}", body, hand, step, control)


def _wizard(number: int, basics: list[Json], steps: list[Json], outputs: Json) -> Json:
    body: Json = {
        "$schema": WIZARD,
        "handler": ("Microsoft.Azure.CreateUIDef", "Microsoft.Compute.MultiVm")[number % 2],
        "version": "0.1.2-preview",
        "parameters": {"basics": basics, "steps": steps, "outputs": outputs},
    }
    if number % 3 == 0:
        config = {"isWizard": number % 2 == 0, "basics": {"description": "Some [link](x)"}}
        body["parameters"] = {"config": config, **body["parameters"], "resourceTypes": ["a/b"]}
    if number % 4 == 3:
        del body["$schema"]
    return body


def _form(steps: list[Json], outputs: Json) -> Json:
    basics = {"name": "basics", "label": "Basics", "elements": [textbox("mode")]}
    return {
        "$schema": FORM,
        "view": {
            "kind": "Form",
            "properties": {"title": "Create", "steps": [basics, *steps]},
            "outputs": {
                "kind": "ResourceGroup",
                "location": "[steps('basics').mode]",
                "resourceGroupId": "x",
                "parameters": outputs,
            },
        },
    }


# Faults


@dataclass
class Planted:
    """A file with one fault: the code that must be found, and where."""

    name: str
    shape: Shape
    code: str
    path: Path
    what: str

    @cached_property
    def draft(self) -> Draft:
        """The file; it is written where its test runs, and not in every process."""
        return self.shape.draw()

    @property
    def place(self) -> tuple[int, int]:
        return self.draft.at(self.path, self.what)


Plant = Callable[[Shape, random.Random], tuple[str, Path, str] | None]


def _typo(text: str, rng: random.Random) -> str:
    """One letter dropped, doubled, or swapped with the next."""
    while True:
        at = rng.randrange(len(text) - 1)
        made = rng.choice(
            (
                text[:at] + text[at + 1 :],
                text[:at] + text[at] + text[at:],
                text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            )
        )
        if made != text:
            return made


def _jit(shape: Shape) -> Json:
    found: Json = get(shape.body, shape.jit_path())
    return found


def _element(shape: Shape) -> Json:
    found: Json = get(shape.body, shape.control_path())
    return found


def _outputs(shape: Shape) -> Json:
    found: Json = get(shape.body, shape.outputs_path)
    return found


def _policy(shape: Shape) -> Path:
    return (*shape.outputs_path, "jitAccessPolicy")


def no_step(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    steps = get(shape.body, shape.steps_path)
    steps.remove(_jit(shape))
    return "JIT001", shape.steps_path, "key"


def type_typo(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    _element(shape)["type"] = _typo(TYPE, rng)
    return "JIT002", (*shape.control_path(), "type"), "value"


def type_case(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    wrong = (TYPE.lower(), TYPE.upper(), TYPE.replace("Jit", "JIT"), TYPE + " ")
    _element(shape)["type"] = rng.choice(wrong)
    return "JIT002", (*shape.control_path(), "type"), "value"


def other_type(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    _element(shape)["type"] = "Microsoft.Common.TextBox"
    return "JIT002", (*shape.control_path(), "type"), "value"


def no_type(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    del _element(shape)["type"]
    return "JIT002", shape.control_path(), "value"


def doubled(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    again = copy.deepcopy(_jit(shape))
    again["name"] = "again"
    steps = get(shape.body, shape.steps_path)
    steps.insert(rng.randint(0, len(steps)), again)
    at = steps.index(again)
    inner = next(i for i, e in enumerate(again["elements"]) if e["name"] == shape.control)
    return "JIT003", (*shape.steps_path, at, "elements", inner), "value"


def doubled_in_step(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    elements = _jit(shape)["elements"]
    elements.append({**_element(shape), "name": "second"})
    return "JIT003", (*shape.jit_path(), "elements", len(elements) - 1), "value"


def in_basics(shape: Shape, _: random.Random) -> tuple[str, Path, str] | None:
    if shape.is_form:
        return None
    element = _element(shape)
    get(shape.body, shape.steps_path).remove(_jit(shape))
    basics = shape.body["parameters"]["basics"]
    basics.append(element)
    _outputs(shape)["jitAccessPolicy"] = f"[basics('{shape.control}')]"
    return "JIT004", ("parameters", "basics", len(basics) - 1), "value"


def hidden(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    where = rng.choice((shape.control_path(), shape.jit_path()))
    get(shape.body, where)["visible"] = rng.choice((False, "false", "[bool('false')]"))
    return "JIT006", (*where, "visible"), "key"


def no_step_name(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    path = shape.jit_path()
    del _jit(shape)["name"]
    return "JIT010", path, "value"


def no_control_name(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    path = shape.control_path()
    del _element(shape)["name"]
    return "JIT010", path, "value"


def no_label(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    where = rng.choice((shape.control_path(), shape.jit_path()))
    del get(shape.body, where)["label"]
    return "JIT011", where, "value"


def empty_label(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    where = rng.choice((shape.control_path(), shape.jit_path()))
    get(shape.body, where)["label"] = rng.choice(("", "  ", 7, None))
    return "JIT011", (*where, "label"), "value"


def label_misspelt(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    where = rng.choice((shape.control_path(), shape.jit_path()))
    node = get(shape.body, where)
    key = rng.choice(("lable", "Label", "labell"))
    node[key] = node.pop("label")
    return "JIT011", (*where, key), "key"


def name_taken(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    steps = get(shape.body, shape.steps_path)
    steps.append(plain_step(shape.step, textbox("x")))
    return "JIT012", (*shape.steps_path, len(steps) - 1, "name"), "value"


def no_output(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    del _outputs(shape)["jitAccessPolicy"]
    return "JIT020", shape.outputs_path, "key"


def output_misnamed(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    outputs = _outputs(shape)
    names = ("JitAccessPolicy", "jitaccesspolicy", _typo("jitAccessPolicy", rng), "jitPolicy")
    wrong = rng.choice(names)
    outputs[wrong] = outputs.pop("jitAccessPolicy")
    return "JIT021", (*shape.outputs_path, wrong), "key"


def other_case_besides(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    _outputs(shape)["JITAccessPolicy"] = "x"
    return "JIT021", (*shape.outputs_path, "JITAccessPolicy"), "key"


def not_an_expression(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    told = _outputs(shape)["jitAccessPolicy"].strip()
    wrong = (told[1:-1], "[" + told, None, {"jitAccessEnabled": True}, True, "", "[concat('a')]")
    _outputs(shape)["jitAccessPolicy"] = rng.choice(wrong)
    return "JIT022", _policy(shape), "value"


def function_misspelt(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    told = _outputs(shape)["jitAccessPolicy"]
    _outputs(shape)["jitAccessPolicy"] = told.replace(
        "steps", rng.choice(("step", "Steps", "stpes")), 1
    )
    return "JIT022", _policy(shape), "value"


def step_renamed(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    step = _jit(shape)
    path = _policy(shape)
    step["name"] = rng.choice((shape.step.swapcase(), shape.step + "2", "elsewhere"))
    return "JIT023", path, "value"


def other_step_named(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    steps = get(shape.body, shape.steps_path)
    steps.append(plain_step("zzz", textbox("x")))
    _outputs(shape)["jitAccessPolicy"] = f"[steps('zzz').{shape.control}]"
    return "JIT023", _policy(shape), "value"


def control_renamed(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    element = _element(shape)
    element["name"] = rng.choice((shape.control.swapcase(), shape.control + "X", "other"))
    return "JIT024", _policy(shape), "value"


def only_a_part(shape: Shape, rng: random.Random) -> tuple[str, Path, str]:
    told = _outputs(shape)["jitAccessPolicy"].strip()[:-1].rstrip()
    part = rng.choice((".jitAccessEnabled", ".jitApprovers", "['maximumJitAccessDuration']"))
    _outputs(shape)["jitAccessPolicy"] = f"{told}{part}]"
    return "JIT024", _policy(shape), "value"


def no_control_in_path(shape: Shape, _: random.Random) -> tuple[str, Path, str]:
    quoted = shape.step.replace("'", "''")
    _outputs(shape)["jitAccessPolicy"] = f"[steps('{quoted}')]"
    return "JIT024", _policy(shape), "value"


def outputs_misspelt(shape: Shape, _: random.Random) -> tuple[str, Path, str] | None:
    if shape.is_form:
        return None
    parameters = shape.body["parameters"]
    parameters["Outputs"] = parameters.pop("outputs")
    return "JIT020", ("parameters", "Outputs"), "key"


FAULTS: tuple[Plant, ...] = (
    no_step,
    type_typo,
    type_case,
    other_type,
    no_type,
    doubled,
    doubled_in_step,
    in_basics,
    hidden,
    no_step_name,
    no_control_name,
    no_label,
    empty_label,
    label_misspelt,
    name_taken,
    no_output,
    output_misnamed,
    other_case_besides,
    not_an_expression,
    function_misspelt,
    step_renamed,
    other_step_named,
    control_renamed,
    only_a_part,
    no_control_in_path,
    outputs_misspelt,
)


def planted(count: int, seed: int) -> Iterator[Planted]:
    """Give files with one fault each, the same ones for the same seed."""
    rng = random.Random(seed)
    known = shapes()
    made = 0
    while made < count:
        shape = copy.deepcopy(rng.choice(known))
        shape.hand = rng.choice(HANDS)
        fault = FAULTS[made % len(FAULTS)] if made < len(FAULTS) else rng.choice(FAULTS)
        found = fault(shape, rng)
        if found is None:
            shape = copy.deepcopy(known[0])
            found = fault(shape, rng)
            assert found is not None
        code, path, what = found
        yield Planted(f"{made:03} {fault.__name__} in {shape.name}", shape, code, path, what)
        made += 1
