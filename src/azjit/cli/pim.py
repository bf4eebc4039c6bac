"""`azjit publisher --pim`: list the roles of the caller in PIM, and activate one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from azjit.cli.changes import may_send
from azjit.cli.runtime import Runtime
from azjit.domain.durations import human_duration
from azjit.domain.inputs import RequestSpec
from azjit.errors import Usage
from azjit.output.results.pim import activation_view, pim_roles_view

if TYPE_CHECKING:
    from azjit.services.requesting.activate import ActivationPlan


def show_pim_roles(rt: Runtime, app: str) -> None:
    """List the eligible and active roles of the caller."""
    rt.begin()
    rt.show(pim_roles_view(rt.activating.roles(app), rt.display))


def check_goes_with_pim(spec: RequestSpec, *, wait: bool) -> None:
    """Refuse the options that apply to JIT requests only.

    Raises:
        Usage: one of them is set.
    """
    told = {
        "--principal": spec.principal is not None,
        "--request-resource-group": spec.group is not None,
        "--new": spec.new,
        "--wait": wait,
    }
    for option, is_told in told.items():
        if is_told:
            raise Usage(f"{option} and --pim exclude each other", hint=f"remove {option}")


def activate(rt: Runtime, spec: RequestSpec, *, dry_run: bool) -> None:
    """Activate a role and show its state as read from PIM."""
    rt.begin()
    plan = rt.activating.plan(spec)
    if not may_send(
        rt, [plan.call], None, dry_run=dry_run, said=_said(rt, plan), refusal=plan.refusal
    ):
        return
    done = rt.activating.apply(plan)
    until = done.held.until if done.held is not None else None
    view = activation_view(
        done.request, done.state, until, rt.display, has_request=done.has_request
    )
    rt.show(view)
    if done.error is not None:
        raise done.error
    if done.state == "waiting for approval":
        rt.notes.say("the activation waits for an approver in PIM; nothing is active yet")
        rt.notes.hint("azjit publisher roles APP --pim")


def _said(rt: Runtime, plan: ActivationPlan) -> Iterator[str]:
    name, rules = plan.request.role_name or plan.request.role.guid, plan.rules
    if rules is not None:
        longest = human_duration(rules.maximum) if rules.maximum is not None else None
        yield f"PIM's rules for {name}: {', '.join(rules.words(longest)) or 'none'}"
    start, span = plan.request.start, plan.request.duration
    if start is not None and span is not None:
        whole = rt.display.whole
        yield f"{name} from {whole(start)} to {whole(start + span)}, {human_duration(span)}"
