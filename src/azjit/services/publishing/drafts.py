"""Finds the draft of a plan by the ids that the publisher gave to its offer and plan."""

from __future__ import annotations

from collections.abc import Iterable

from azjit.context import Context
from azjit.domain.offers import DraftId, OfferPart, Plan
from azjit.errors import NotFound, Refused, meant


def find_draft(context: Context, plan: Plan) -> DraftId:
    """Give the draft of a plan's package.

    Raises:
        NotFound: there is no such offer or plan, or it has no draft.
        Refused: several have the id.
    """
    center = context.partner_center
    product = _only(center.products(), plan.offer, "offer")
    found = _only(center.plans(product.id), plan.plan, f"plan of offer {plan.offer}")
    drafts = [one.instance for one in center.branches(product.id) if one.plan == found.id]
    instances = list(dict.fromkeys(filter(None, drafts)))
    if not instances:
        raise NotFound(
            f"plan {plan.plan} of offer {plan.offer} has no draft of a package",
            hint="open its Technical configuration in Partner Center once",
        )
    if len(instances) > 1:
        raise Refused(
            f"plan {plan.plan} of offer {plan.offer} has {len(instances)} drafts",
            hint=f"name one: --product {product.id} --instance {' or '.join(instances)}",
        )
    return DraftId(product.id, instances[0])


def _only(listed: Iterable[OfferPart], wanted: str, what: str) -> OfferPart:
    known = list(listed)
    found = [one for one in known if wanted.lower() in map(str.lower, one.names) and one.id]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(one.id for one in found)
        raise Refused(
            f"Partner Center has {len(found)} of the id {wanted}: {ids}",
            hint="use --product and --instance",
        )
    names = [name for one in known for name in one.names]
    raise NotFound(
        f"Partner Center has no {what} with the id {wanted!r}",
        hint=f"{meant(wanted, names)}use the id, not the name, as Partner Center shows it",
    )
