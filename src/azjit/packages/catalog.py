"""The rules of `publisher package check`, for text, JSON, SARIF and the documentation."""

from __future__ import annotations

from typing import Final

from azjit.domain.findings import Rule, Severity, rules_in

_ADD: Final = "add it: azjit publisher package add-jit PATH --in-place"
_DEPLOY: Final = "the deployment of the application"
_REQUEST: Final = "azjit publisher request"

NO_STEP = Rule(
    "JIT001",
    "no-jit-step",
    Severity.ERROR,
    "without a Microsoft.Solutions.JitConfigurator the portal does not ask the consumer, and JIT"
    " can only be enabled at deployment",
    _ADD,
    (_REQUEST,),
)
WRONG_TYPE = Rule(
    "JIT002",
    "wrong-type",
    Severity.ERROR,
    "the portal accepts only the type Microsoft.Solutions.JitConfigurator for the JIT control",
    'set "type" to "Microsoft.Solutions.JitConfigurator"',
    (_DEPLOY,),
)
DOUBLED = Rule(
    "JIT003",
    "doubled-step",
    Severity.ERROR,
    "the portal would ask the consumer twice, and only one answer reaches the output; the portal"
    " also adds a step if the offer's checkbox is on (azure-docs issue 94392)",
    "keep the control that the output refers to, and remove the other",
)
IN_BASICS = Rule(
    "JIT004",
    "not-in-a-step",
    Severity.ERROR,
    "Microsoft documents the control in a separate step, not in the basics",
    "move the control into a separate step",
)
IN_SECTION = Rule(
    "JIT005",
    "in-a-section",
    Severity.NOTE,
    "Microsoft documents the control directly in a step, and does not document whether it works"
    " in a section",
    "move the control out of the section, and shorten the path in the output",
)
HIDDEN = Rule(
    "JIT006",
    "hidden",
    Severity.ERROR,
    "an invisible control gives no policy, so every deployment would have JIT off",
    'remove "visible"',
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
    "the schema requires a label, which the portal shows to the consumer",
    'give it a "label", e.g. "JIT Configuration"',
)
NAME_TAKEN = Rule(
    "JIT012",
    "name-taken",
    Severity.ERROR,
    "two elements with the same name make the reference in the output ambiguous",
    "rename one of them, and change the output if it refers to that one",
)
REPEATED_KEY = Rule(
    "JIT014",
    "repeated-key",
    Severity.ERROR,
    "a JSON parser keeps only one of two equal keys, and parsers differ in which one",
    "remove one of them",
)
NO_OUTPUT = Rule(
    "JIT020",
    "no-output",
    Severity.ERROR,
    "the consumer's choice reaches the application only through the output jitAccessPolicy",
    _ADD,
    (_REQUEST,),
)
MISNAMED = Rule(
    "JIT021",
    "output-misnamed",
    Severity.ERROR,
    "the output must be named exactly jitAccessPolicy, in this case",
    'rename the output to "jitAccessPolicy"',
    (_REQUEST,),
)
UNREADABLE = Rule(
    "JIT022",
    "output-not-the-policy",
    Severity.ERROR,
    "the output must be the value of the control: [steps('STEP').CONTROL]",
    "refer to the control only",
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
    "refer to the JIT control itself",
    (_DEPLOY,),
)
OLD_FORM = Rule(
    "JIT025",
    "output-old-form",
    Severity.NOTE,
    "the output has the form of the preview, parse(concat(...)); Microsoft now documents a plain"
    " reference",
    "replace it with a reference to the control",
)
COMPUTED = Rule(
    "JIT026",
    "output-computed",
    Severity.NOTE,
    "the output is computed from the control, and azjit cannot tell offline whether it is a policy",
    "refer to the control itself if you can",
)
TEMPLATE_ERROR = Rule(
    "JIT030",
    "template-parameter",
    Severity.WARNING,
    "publishers report that a service catalog refuses a template with the reserved parameter"
    " jitAccessPolicy (azure-docs issue 67806)",
    "remove the parameter from mainTemplate.json; azjit does not edit that file",
)
TEMPLATE_NOTE = Rule(
    "JIT031",
    "template-parameter-unused",
    Severity.NOTE,
    "the marketplace reads the policy from the output, so the template does not need it"
    " (azure-docs issue 67806); for a service catalog package, use --kind service-catalog",
    "remove the parameter from mainTemplate.json unless the template uses it",
)
TEMPLATE_UNREAD = Rule(
    "JIT032",
    "template-unread",
    Severity.NOTE,
    "azjit cannot parse mainTemplate.json, and so cannot tell whether it has the parameter",
    "check it with the tool that builds it",
)
CATALOG_WITHOUT = Rule(
    "JIT033",
    "service-catalog-without-jit",
    Severity.NOTE,
    "Microsoft documents JIT access for marketplace offers only, and publishers report that a"
    " service catalog application with the output jitAccessPolicy fails to deploy (azure-docs issue"
    " 67806)",
    "leave it as it is, or try it with a definition of your own first",
)
ENCODING = Rule(
    "JIT040",
    "not-utf-8",
    Severity.NOTE,
    "Microsoft's tools expect UTF-8",
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
    "zip the files, not the folder that contains them",
    ("the upload of the package",),
)

MISSPELT_FILE = Rule(
    "JIT043",
    "file-misspelt",
    Severity.ERROR,
    "Azure compares the names of createUiDefinition.json and mainTemplate.json with their case, and"
    " refuses a package without them (azure-docs issue 65576)",
    "rename the file",
    ("the upload of the package",),
)
NO_TEMPLATE = Rule(
    "JIT044",
    "no-template",
    Severity.ERROR,
    "a package needs createUiDefinition.json and mainTemplate.json (azure-docs issue 65576)",
    "add mainTemplate.json at the root of the zip",
    ("the upload of the package",),
)
COMMENTS = Rule(
    "JIT045",
    "comments",
    Severity.NOTE,
    "the portal was reported to load forever if there are comments (azure-docs issue 44188)",
    "remove the comments",
)
OTHER_VERSION = Rule(
    "JIT046",
    "other-schema-or-version",
    Severity.NOTE,
    "arm-ttk, which the certification of an offer runs, accepts one $schema and the version of it",
    "use the schema and the version 0.1.2-preview",
)

RULES: Final = rules_in(globals())
