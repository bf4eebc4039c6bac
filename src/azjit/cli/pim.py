"""`azjit publisher --pim`: list the roles of the caller in PIM, and activate one."""

from __future__ import annotations

from azjit.cli.plans import show_plan
from azjit.cli.runtime import Runtime
from azjit.domain.durations import human_duration
from azjit.domain.inputs import RequestSpec
from azjit.domain.pim import ActivationRules, PimRequest
from azjit.errors import Usage
from azjit.output.results.pim import activation_view, pim_roles_view


def show_pim_roles(rt: Runtime, app: str) -> None:
    """List the eligible and active roles of the caller."""
    rt.begin()
    rt.show(pim_roles_view(rt.activations.roles(app), rt.reader))


def check_goes_with_pim(wish: RequestSpec, *, wait: bool) -> None:
    """Refuse the options that apply to JIT requests only.

    Raises:
        Usage: one of them is set.
    """
    told = {
        "--principal": wish.principal is not None,
        "--request-resource-group": wish.group is not None,
        "--new": wish.new,
        "--wait": wait,
    }
    for option, is_told in told.items():
        if is_told:
            raise Usage(f"{option} and --pim exclude each other", hint=f"remove {option}")


def activate(rt: Runtime, wish: RequestSpec, *, dry_run: bool) -> None:
    """Activate a role and show its state as read from PIM."""
    rt.begin()
    done = rt.activations.activate(
        wish, dry_run=dry_run, tell=lambda draft, rules: _tell(rt, draft, rules)
    )
    if done.planned is not None:
        show_plan(rt, [done.planned])
        return
    until = done.held.until if done.held is not None else None
    view = activation_view(done.request, done.state, until, rt.reader, has_request=done.has_request)
    rt.show(view)
    if done.error is not None:
        raise done.error
    if done.state == "waiting for approval":
        rt.notes.say("the activation waits for an approver in PIM; nothing is active yet")
        rt.notes.hint("azjit publisher roles APP --pim")


def _tell(rt: Runtime, draft: PimRequest, rules: ActivationRules | None) -> None:
    rt.acting_as()
    name = draft.role_name or draft.role.guid
    if rules is not None:
        longest = human_duration(rules.maximum) if rules.maximum is not None else None
        said = ", ".join(rules.words(longest)) or "none"
        rt.notes.say(f"PIM's rules for {name}: {said}")
    start, span = draft.start, draft.duration
    if start is not None and span is not None:
        whole = rt.reader.whole
        rt.notes.say(f"{name} from {whole(start)} to {whole(start + span)}, {human_duration(span)}")
