"""Every command, option and choice; made by scripts/generate_completions.py."""
# fmt: off
# ruff: noqa: E501, Q000

from __future__ import annotations

Options = dict[str, tuple[str, str, bool]]
"""By name: the kind of its value, or none; what it does; whether it may repeat."""

GROUPS: dict[str, dict[str, str]] = {
    '': {'doctor': 'Tell what would fail: sign-in, network, licence, rights, settings; it changes nothing', 'demo': 'Tell the whole story on the sandbox, in ten seconds', 'schema': 'Print the JSON Schema of a result, or of all, by name', 'help': 'Explain what holds for every command: options, sign-in, exit-codes or environment', 'publisher': "Ask for access to a customer's managed application", 'consumer': 'Decide who gets access to your applications, and for how long', 'sandbox': 'Rehearse on an embedded Azure: no account, no network', 'config': 'Keep defaults in named contexts', 'completion': 'Complete commands and names in your shell'},
    'publisher': {'apps': 'List the managed applications in reach', 'roles': 'List the eligible roles of an application and what each is now', 'request': 'Ask for a role for a time', 'history': 'List past and present requests', 'show': 'Show one request in full, and whether its access is there now', 'wait': 'Wait until a request is decided, approved, active or ended', 'cancel': 'Withdraw a request by deleting it: Azure has no other way to cancel', 'check': 'Check an application against its definition: who may ask for what, and what would fail', 'refresh-permissions': "Take the definition's new rows over into a deployed application", 'package': 'Check, complete and preview a package, offline', 'offer': "Set JIT access in an offer's draft"},
    'publisher package': {'check': 'Check that a package asks the consumer about JIT access, once and rightly', 'add-jit': 'Write the JIT step and its output into a package, and nothing else; show the difference', 'preview': 'Show what the consumer will see in the JIT step, and what is set there by default'},
    'publisher offer': {'show': 'Show whether a draft lets consumers choose JIT access', 'enable-jit': 'Let consumers choose JIT access: set allowJitAccess in a draft, and nothing else', 'disable-jit': 'Take JIT access out of a draft: clear allowJitAccess, and nothing else'},
    'consumer': {'apps': 'List managed applications; those without JIT give their publisher standing access', 'show': 'Show an application: settings, approvers, what waits, who has access and until when', 'configure': "Change an application's JIT settings and read them back", 'pending': 'List the requests that wait for a decision', 'approve': 'Approve requests that wait', 'deny': 'Deny requests that wait; nothing that is sent could grant access', 'revoke': "Take back an approved request's access", 'history': 'List past and present requests'},
    'sandbox': {'serve': 'Serve the sandbox over HTTPS on loopback, for other clients, until Ctrl-C', 'env': 'Print the variables that point other clients at a served sandbox', 'show': 'Show the world: its clock, people, applications and requests', 'reset': 'Forget the world and seed it anew; its receipts and names go too', 'seed': "Make a new world: the story's, a larger one, or one out of a file", 'export': 'Write the world as a file that seed reads', 'clock': "Show the world's time, or move it: access ends and requests expire with it", 'switch': 'Show or set what Microsoft leaves open, for one application or the whole world', 'fault': 'Let calls fail: throttled, broken off, too late, not what they seem'},
    'sandbox fault': {'list': 'Show the faults that wait for calls, or every kind of fault', 'add': 'Let the next calls to the sandbox meet a fault, in this and every other process', 'clear': 'Forget the faults that wait, and what they left behind'},
    'config': {'set': 'Keep values in a context: that of --context, else the current one', 'unset': 'Forget values of a context: that of --context, else the current one', 'get': 'Print what a context keeps for a key', 'list': 'List the contexts and what each keeps', 'use': 'Use a context wherever no --context is said', 'remove': 'Forget a whole context; what it kept is shown once more', 'path': 'Print where the configuration file is, or would be', 'explain': 'Tell what holds for each option, and whether flag, variable, context or default said so'},
    'completion': {'show': "Print a shell's completion script", 'install': "Write a shell's completion script where the shell finds it, and say what is left to do"},
}
LEAVES: dict[str, tuple[tuple[str, ...], Options, bool]] = {
    'doctor': ((), {'--app': ('app', 'only this one; all if not said', False), '--side': ('-', 'consumer (default) or publisher', False)}, True),
    'demo': ((), {}, True),
    'schema': (('result',), {}, True),
    'help': (('topic',), {}, True),
    'publisher apps': ((), {}, True),
    'publisher roles': (('app',), {'--pim': ('', 'your eligible and active roles in PIM instead', False)}, True),
    'publisher request': (('app',), {'--role': ('role', 'a name, GUID or role definition id', False), '--start': ('-', "now, +30m, 22:00, 'sun 02:00' or ISO 8601", False), '--duration': ('-', '2h, 90m, PT2H; 1h if not said', False), '--principal': ('-', 'object id to ask for; you if not said', False), '--reason': ('-', 'why, as a tag', False), '--ticket': ('-', 'a ticket, as a tag', False), '--name': ('-', 'fix the name: a rerun is the same request', False), '--timeout': ('-', 'how long to wait; 1h if not said', False), '--new': ('', 'also where an equal one is there', False), '--wait': ('', 'wait until it is approved', False), '--pim': ('', 'activate a role that you are eligible for in PIM', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'publisher history': (('app',), {'--state': ('states', 'pending, approved, denied, ...; several by comma', False), '--since': ('-', 'not older than: 7d, 12h, 2026-12-01', False), '--mine': ('', 'filed by me, or for me', False)}, True),
    'publisher show': (('request',), {}, True),
    'publisher wait': (('request',), {'--for': ('goal', 'decided, approved, active or ended', False), '--timeout': ('-', 'how long to wait; 1h if not said', False)}, True),
    'publisher cancel': (('request',), {'--reason': ('-', 'why, for receipts', False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'publisher check': (('app',), {}, True),
    'publisher refresh-permissions': (('app',), {'--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'publisher package check': (('file...',), {'--kind': ('kind', 'marketplace or service-catalog', False), '--sarif': ('file', 'write the findings there as SARIF too', False)}, True),
    'publisher package add-jit': (('file',), {'--output': ('file', 'write to this new file', False), '--in-place': ('', 'replace the file; the old one is kept as .bak', False), '--dry-run': ('', 'show the difference, write nothing', False)}, True),
    'publisher package preview': (('file',), {}, True),
    'publisher offer show': ((), {'--product': ('-', "the product's id in Partner Center", False), '--instance': ('-', "the id of the plan's draft instance", False)}, True),
    'publisher offer enable-jit': ((), {'--product': ('-', "the product's id in Partner Center", False), '--instance': ('-', "the id of the plan's draft instance", False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'publisher offer disable-jit': ((), {'--product': ('-', "the product's id in Partner Center", False), '--instance': ('-', "the id of the plan's draft instance", False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'consumer apps': ((), {}, True),
    'consumer show': (('app',), {}, True),
    'consumer configure': (('app',), {'--mode': ('mode', 'automatic or manual approval', False), '--max-duration': ('-', 'the longest access, e.g. 4h', False), '--add-approver': ('-', 'sign-in name, mail, name, user:ID or group:ID', True), '--remove-approver': ('-', 'sign-in name, mail, name, user:ID or group:ID', True), '--approvers': ('-', 'exactly these approvers', False), '--allow-no-approver': ('', 'manual mode that nobody can approve in', False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'consumer pending': (('app',), {'--management-group': ('-', 'with --all: below this management group', False), '--all': ('', 'all subscriptions of the tenant, and what PIM lists', False)}, True),
    'consumer approve': (('request...',), {'--reason': ('-', 'why; kept in the receipts in full', False), '--timeout': ('-', 'how long to look for it; 2m if not said', False), '--route': ('route', 'auto, application or pim', False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'consumer deny': (('request...',), {'--reason': ('-', 'why; kept in the receipts in full', False), '--timeout': ('-', 'how long to look for it; 2m if not said', False), '--route': ('route', 'auto, application or pim', False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'consumer revoke': (('request',), {'--reason': ('-', 'why; kept in the receipts in full', False), '--timeout': ('-', 'how long to look for it; 2m if not said', False), '--yes': ('', 'do not ask; needed where nobody can be asked', False), '--dry-run': ('', 'show the exact call, send nothing', False)}, True),
    'consumer history': (('app',), {'--state': ('states', 'pending, approved, denied, ...; several by comma', False), '--since': ('-', 'not older than: 7d, 12h, 2026-12-01', False), '--activity': ('', 'who did what, from the activity log of 90 days', False)}, True),
    'sandbox serve': ((), {'--port': ('-', '0 for any free one', False), '--host': ('-', 'of loopback only', False)}, True),
    'sandbox env': ((), {'--sign-in': ('-', 'secret, certificate, federated, managed-identity, github or pipelines', False)}, True),
    'sandbox show': ((), {}, True),
    'sandbox reset': ((), {'--switch': ('switch', 'set a switch of the new world', True)}, True),
    'sandbox seed': ((), {'--apps': ('-', 'so many in all, to 1000', False), '--requests': ('-', 'so many in all, to 100000', False), '--subscriptions': ('-', 'so many in all, to 1000', False), '--waiting': ('-', 'so many of the requests wait', False), '--file': ('-', 'a world of your own; - is stdin', False), '--switch': ('switch', 'set a switch of the new world', True), '--schema': ('', 'print the schema of the file', False)}, True),
    'sandbox export': ((), {}, True),
    'sandbox clock': (('-',), {}, True),
    'sandbox switch': (('switch...',), {}, True),
    'sandbox fault list': ((), {'--kinds': ('', 'list what there is to add', False)}, True),
    'sandbox fault add': (('-',), {'--match': ('-', 'a part of the path, or all of it with *', False), '--next': ('-', 'so many calls; 1 if not said', False), '--always': ('', 'every call, until cleared', False), '--skip': ('-', 'let so many pass first', False), '--seconds': ('-', 'how late, or how long stale', False), '--status': ('-', 'the status of html', False), '--retry-after': ('-', 'say Retry-After with a status', False), '--tokens': ('-', 'what the buckets hold at first', False), '--acted': ('', 'the call is carried out first', False)}, True),
    'sandbox fault clear': (('-',), {}, True),
    'config set': (('setting...',), {}, True),
    'config unset': (('key...',), {}, True),
    'config get': (('key',), {}, True),
    'config list': ((), {}, True),
    'config use': (('context',), {}, True),
    'config remove': (('context',), {}, True),
    'config path': ((), {}, True),
    'config explain': ((), {}, True),
    'completion show': (('shell',), {}, True),
    'completion install': (('shell',), {'--dry-run': ('', 'show the exact call, send nothing', False)}, True),
}
COMMON: Options = {
    '--output': ('output', 'table, json, jsonl, yaml, csv, tsv or none; table on a terminal, tsv in a pipe', False),
    '--query': ('-', 'pick from the result, before any format', False),
    '--limit': ('-', 'give at most N items: the newest requests; with jsonl, csv and tsv the first to come', False),
    '--context': ('context', 'use this context of azjit config', False),
    '--tenant': ('-', 'sign in to this tenant', False),
    '--expect-tenant': ('-', 'refuse to act in any other tenant', False),
    '--subscription': ('-', 'look only into this subscription; several by comma', False),
    '--cloud': ('cloud', "public, usgov, china, or Resource Manager's base URL", False),
    '--auth': ('auth', 'how to sign in: azjit help sign-in lists the kinds', False),
    '--timezone': ('-', 'read and show times in this zone, e.g. Europe/Berlin', False),
    '--state-dir': ('dir', 'keep receipts, names and the sandbox here', False),
    '--refresh': ('', 'ask the directory for names again: answers are kept a day', False),
    '--debug': ('', 'log each call to Azure on stderr, without secrets', False),
    '--sandbox': ('', 'use the embedded sandbox instead of Azure', False),
    '--as': ('person', 'act as this person of the sandbox', False),
}
SHORT: dict[str, str] = {
    '-o': '--output',
    '-y': '--yes',
}
CHOICES: dict[str, tuple[str, ...]] = {
    'state': ('pending', 'approved', 'denied', 'failed', 'canceled', 'expired', 'timed out', 'not specified', 'unknown', 'scheduled', 'ended'),
    'mode': ('automatic', 'manual'),
    'shell': ('bash', 'zsh', 'fish', 'powershell'),
    'topic': ('options', 'exit-codes', 'environment'),
    'result': ('applications', 'application', 'roles', 'requests', 'activity', 'checkup', 'request', 'decisions', 'settings', 'contexts', 'context', 'setting', 'config-file', 'explained', 'installation', 'script', 'findings', 'package-edit', 'package-preview', 'refreshed', 'offer', 'pim-roles', 'activation', 'planned', 'world', 'clock', 'counts', 'switches', 'faults', 'fault-kinds', 'environment', 'world-file', 'topic', 'story', 'schema'),
    'key': ('output', 'tenant', 'expect-tenant', 'subscription', 'cloud', 'auth', 'timezone'),
    'cloud': ('public', 'usgov', 'china'),
    'output': ('table', 'json', 'jsonl', 'yaml', 'csv', 'tsv', 'none'),
    'auth': ('auto', 'cli', 'env', 'workload', 'github', 'pipelines', 'managed', 'secret', 'certificate', 'browser', 'device'),
    'goal': ('decided', 'approved', 'active', 'ended'),
    'kind': ('marketplace', 'service-catalog'),
    'route': ('auto', 'application', 'pim'),
}
PAIRS: dict[str, dict[str, tuple[str, ...]]] = {
    'setting': {'output': ('table', 'json', 'jsonl', 'yaml', 'csv', 'tsv', 'none'), 'tenant': (), 'expect-tenant': (), 'subscription': (), 'cloud': ('public', 'usgov', 'china'), 'auth': ('auto', 'cli', 'env', 'workload', 'github', 'pipelines', 'managed', 'secret', 'certificate', 'browser', 'device'), 'timezone': ()},
    'switch': {'update-access': ('honoured', 'ignored', 'forbidden', 'pim-linked'), 'policy-patch': ('works', 'ignored'), 'delete-request': ('keeps-grant', 'drops-grant'), 'automatic-takes-pending': ('yes', 'no'), 'publisher-read-application': ('allowed', 'forbidden'), 'auto-approval-seconds': (), 'confirm-delay-seconds': (), 'publisher-lists-subscriptions': ('yes', 'no'), 'licence': ('p2', 'none'), 'solutions-provider': ('registered', 'unregistered'), 'page-size': (), 'operation-polls': (), 'resource-graph': ('fresh', 'stale', 'forbidden'), 'resource-graph-lag-seconds': (), 'resource-graph-state': ('filled', 'absent'), 'resource-graph-quota': (), 'resource-graph-subscriptions': (), 'pim-lists-requests': ('no', 'yes', 'ambiguous'), 'pim-review-body': ('both', 'wrapped', 'unwrapped'), 'pim-step-up': ('none', 'mfa', 'acrs'), 'graph': ('allowed', 'forbidden'), 'token-groups': ('listed', 'overage'), 'graph-quota': ()},
}
PEOPLE: dict[str, str] = {
    'alice': 'Alice Ashdown, publisher',
    'dave': 'Dave Dunn, publisher',
    'fabrikam-ci': 'fabrikam-ci, publisher',
    'bob': 'Bob Brandt, consumer',
    'carol': 'Carol Cruz, consumer',
    'rita': 'Rita Rossi, consumer',
    'contoso-ci': 'contoso-ci, consumer',
}
