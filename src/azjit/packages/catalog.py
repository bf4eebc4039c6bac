"""The rules of `publisher package check`: one table for text, JSON, SARIF and the documentation."""

from __future__ import annotations

from typing import Final

from azjit.domain.findings import Rule, Severity

_ADD: Final = "add it: azjit publisher package add-jit PATH --in-place"
_DEPLOY: Final = "the deployment of the application"
_REQUEST: Final = "azjit publisher request"

NO_STEP = Rule(
    "JIT001",
    "no-jit-step",
    Severity.ERROR,
    "without a Microsoft.Solutions.JitConfigurator the consumer is never asked, and JIT can only"
    " be enabled at deployment",
    _ADD,
    (_REQUEST,),
)
WRONG_TYPE = Rule(
    "JIT002",
    "wrong-type",
    Severity.ERROR,
    "the portal knows the JIT control by exactly one type, Microsoft.Solutions.JitConfigurator",
    'set "type" to "Microsoft.Solutions.JitConfigurator"',
    (_DEPLOY,),
)
DOUBLED = Rule(
    "JIT003",
    "doubled-step",
    Severity.ERROR,
    "the consumer would be asked twice, and only one answer reaches the output; the portal shows"
    " the step by itself as well once the offer's checkbox is on (azure-docs issue 94392)",
    "keep the one that the output refers to and remove the other",
)
IN_BASICS = Rule(
    "JIT004",
    "not-in-a-step",
    Severity.ERROR,
    "Microsoft documents the control as the element of a step of its own, not of the basics",
    "move the control into a step of its own",
)
IN_SECTION = Rule(
    "JIT005",
    "in-a-section",
    Severity.NOTE,
    "Microsoft documents the control directly in a step; whether it works in a section is not"
    " documented",
    "move the control out of the section, and shorten the output's path",
)
HIDDEN = Rule(
    "JIT006",
    "hidden",
    Severity.ERROR,
    "a control that is never visible gives no policy: JIT would be off at every deployment",
    'remove "visible": false',
    (_REQUEST,),
)
NO_NAME = Rule(
    "JIT010",
    "no-name",
    Severity.ERROR,
    "outputs refer to steps and controls by name",
    'give it a "name", e.g. "jitConfiguration"',
    (_DEPLOY,),
)
NO_LABEL = Rule(
    "JIT011",
    "no-label",
    Severity.ERROR,
    "the schema wants a label, which is what the consumer reads",
    'give it a "label", e.g. "JIT Configuration"',
)
NAME_TAKEN = Rule(
    "JIT012",
    "name-taken",
    Severity.ERROR,
    "two things of one name make the output's reference ambiguous",
    "rename one of them, and the output if it refers to that one",
)
REPEATED_KEY = Rule(
    "JIT014",
    "repeated-key",
    Severity.ERROR,
    "of two keys of one name a JSON reader keeps one, and not every reader the same",
    "remove one of them",
)
NO_OUTPUT = Rule(
    "JIT020",
    "no-output",
    Severity.ERROR,
    "what the consumer chooses reaches the application only through the output jitAccessPolicy",
    _ADD,
    (_REQUEST,),
)
MISNAMED = Rule(
    "JIT021",
    "output-misnamed",
    Severity.ERROR,
    "the output must be named exactly jitAccessPolicy, also in its case",
    'rename the output to "jitAccessPolicy"',
    (_REQUEST,),
)
UNREADABLE = Rule(
    "JIT022",
    "output-not-the-policy",
    Severity.ERROR,
    "the output must be the control's value: [steps('STEP').CONTROL]",
    "refer to the control, nothing else",
    (_DEPLOY,),
)
WRONG_STEP = Rule(
    "JIT023",
    "output-wrong-step",
    Severity.ERROR,
    "a reference to a step without the JIT control gives no policy",
    "name the step that holds the JIT control",
    (_DEPLOY,),
)
WRONG_CONTROL = Rule(
    "JIT024",
    "output-wrong-control",
    Severity.ERROR,
    "a reference to another control, or to a part of this one, gives no policy",
    "name the JIT control, and stop there",
    (_DEPLOY,),
)
OLD_FORM = Rule(
    "JIT025",
    "output-old-form",
    Severity.NOTE,
    "the form of the preview, parse(concat(...)); Microsoft documents the plain reference since",
    "replace it by the reference to the control",
)
COMPUTED = Rule(
    "JIT026",
    "output-computed",
    Severity.NOTE,
    "the output is computed from the control: whether a policy comes out cannot be told offline",
    "refer to the control itself where you can",
)
TEMPLATE_ERROR = Rule(
    "JIT030",
    "template-parameter",
    Severity.ERROR,
    "the policy belongs to the application, not to the template, and a service catalog definition"
    " has no JIT flag (azure-docs issue 67806)",
    "remove the parameter from mainTemplate.json; azjit never edits it",
    (_DEPLOY,),
)
TEMPLATE_NOTE = Rule(
    "JIT031",
    "template-parameter-unused",
    Severity.NOTE,
    "the marketplace takes the policy from the output; the template need not know it (azure-docs"
    " issue 67806); in a service catalog package this is an error: --kind service-catalog",
    "remove the parameter from mainTemplate.json unless the template uses it",
)
TEMPLATE_UNREAD = Rule(
    "JIT032",
    "template-unread",
    Severity.NOTE,
    "mainTemplate.json does not parse here: whether it has the parameter is not known",
    "check it with the tool that you build it with",
)
ENCODING = Rule(
    "JIT040",
    "not-utf-8",
    Severity.NOTE,
    "Microsoft's tools write and expect UTF-8",
    "save the file as UTF-8",
)
FORM_VIEW = Rule(
    "JIT041",
    "form-view",
    Severity.NOTE,
    "Microsoft documents Form view for template specs, and createUiDefinition for managed"
    " applications",
    "try it in the portal's sandbox before you publish: https://aka.ms/form/sandbox",
)
NOT_AT_ROOT = Rule(
    "JIT042",
    "not-at-the-root",
    Severity.ERROR,
    "createUiDefinition.json must be at the root of the zip",
    "zip the files themselves, not the folder that they are in",
    ("the upload of the package",),
)

RULES: Final = (
    NO_STEP,
    WRONG_TYPE,
    DOUBLED,
    IN_BASICS,
    IN_SECTION,
    HIDDEN,
    NO_NAME,
    NO_LABEL,
    NAME_TAKEN,
    REPEATED_KEY,
    NO_OUTPUT,
    MISNAMED,
    UNREADABLE,
    WRONG_STEP,
    WRONG_CONTROL,
    OLD_FORM,
    COMPUTED,
    TEMPLATE_ERROR,
    TEMPLATE_NOTE,
    TEMPLATE_UNREAD,
    ENCODING,
    FORM_VIEW,
    NOT_AT_ROOT,
)
