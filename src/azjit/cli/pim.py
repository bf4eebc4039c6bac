"""`--pim` of `azjit publisher request` and `cancel`: activate a role in PIM, and give it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.runtime import Runtime
from azjit.domain.durations import human_duration
from azjit.domain.inputs import RequestSpec
from azjit.errors import Usage
from azjit.output.results.pim import activation_view

if TYPE_CHECKING:
    from azjit.services.requesting.activate import ActivationPlan


def check_goes_with_pim(spec: RequestSpec, *, wait: bool) -> None:
    """Refuse the options that apply to JIT requests only."""
    only_jit = {
        "--principal": spec.principal is not None,
        "--request-resource-group": spec.group is not None,
        "--new": spec.new,
        "--wait": wait,
    }
    for option, is_set in only_jit.items():
        if is_set:
            raise Usage(f"{option} and --pim exclude each other", hint=f"remove {option}")


def activate(rt: Runtime, spec: RequestSpec, start: str | None, *, dry_run: bool) -> None:
    """Activate a role and show its state as read from PIM."""
    rt.begin()
    plan = args.planned(rt, rt.activating.plan, spec, start)
    if not may_send(
        rt,
        [plan.call],
        None,
        dry_run=dry_run,
        lines=_rules_and_time(rt, plan),
        refusal=plan.refusal,
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


def _rules_and_time(rt: Runtime, plan: ActivationPlan) -> Iterator[str]:
    name, rules = plan.request.role_label, plan.rules
    if rules is not None:
        longest = human_duration(rules.maximum) if rules.maximum is not None else None
        yield f"PIM's rules for {name}: {', '.join(rules.words(longest)) or 'none'}"
    start, span = plan.request.start, plan.request.duration
    if start is not None and span is not None:
        whole = rt.display.whole
        yield f"{name} from {whole(start)} to {whole(start + span)}, {human_duration(span)}"


def give_back(
    rt: Runtime, app: str, role: str | None, reason: str | None, *, yes: bool, dry_run: bool
) -> None:
    """End the caller's activation of a role, or withdraw its request."""
    rt.begin()
    why = args.note_of(reason)
    plan = rt.deactivating.plan(app, role, why)
    shown = plan.request
    until = f", active until {rt.display.whole(plan.until)}" if plan.until is not None else ""
    what = "withdraw the request for" if plan.is_waiting else "end the activation of"
    question = None if yes else f"{what} {shown.role_label} in {shown.scope.name}{until}?"
    if not may_send(rt, [plan.call], question, dry_run=dry_run):
        return
    done, error = rt.deactivating.apply(plan, why)
    rt.show(activation_view(done, done.state.value, plan.ended_at(done), rt.display))
    if error is not None:
        raise error
