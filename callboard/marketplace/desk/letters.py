"""The mail of the desk: who did what with what, why, and where to go on. Pure.

Each step has one letter here; who is given it, the services decide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A letter before its names are filled in: `{who}`, `{title}`, `{publisher}`, `{detail}`."""

    subject: str
    says: str
    then: str
    """What the link is for."""
    reason: str = "The reason:"
    """What stands before the words that were said."""


FORMS = {
    # Submissions, to the publisher
    "submit": _Form(
        "{title} was handed in", "{who} handed in {title} for {publisher}. The checks run now.", "Follow it:"
    ),
    "resubmit": _Form(
        "{title} was handed in again",
        "{who} handed in {title} for {publisher} once more. The checks run now.",
        "Follow it:",
    ),
    "pass-checks": _Form(
        "{title} is in review",
        "The automatic checks let {title} pass; {detail}. A reviewer looks at it next.",
        "See what was found:",
    ),
    "fail-checks": _Form(
        "{title} was sent back by the checks",
        "The automatic checks cannot let {title} of {publisher} pass. Correct it, and hand it in again.",
        "Correct it here:",
        "What has to be changed:",
    ),
    "comment": _Form(
        "{who} commented on {title}",
        "{who} said something about {title} of {publisher}.",
        "Answer here:",
        "They wrote:",
    ),
    "request-changes": _Form(
        "Changes of {title} are requested",
        "{who} looked at {title} of {publisher}, and asks for changes before it can be approved.",
        "Change it, and hand it in again:",
        "They wrote:",
    ),
    "approve": _Form(
        "{title} is approved",
        "{who} approved {title} of {publisher}. It is on the shelf once you publish it.",
        "Publish it here:",
        "They wrote:",
    ),
    "reject": _Form(
        "{title} is rejected",
        "{who} rejected {title} of {publisher}. This submission ends here; you can begin another one.",
        "Read what was said:",
    ),
    "publish": _Form(
        "{title} {detail} is published",
        "{who} published {title} {detail} of {publisher}. Everyone who sees the Marketplace can install it.",
        "Look after it here:",
    ),
    "withdraw": _Form(
        "{title} was withdrawn",
        "{who} withdrew {title} of {publisher}; nobody reviews it any more.",
        "See it:",
    ),
    # Submissions, to the reviewers
    "review": _Form(
        "{title} waits for review",
        "{title} of {publisher} passed the automatic checks ({detail}) and waits for a reviewer.",
        "Review it here:",
    ),
    # Publishers
    "apply": _Form(
        "Your application as {title} was received",
        "{who} applied for {title} to become a publisher of the Marketplace. Reviewers look at it; you get "
        "mail when they decide.",
        "Prove a domain meanwhile, and see how it stands:",
    ),
    "application": _Form(
        "{title} applies as a publisher",
        "{who} applies for {title} to become a publisher of the Marketplace.",
        "Decide about it here:",
        "They say of themselves:",
    ),
    "approved": _Form(
        "{title} is approved as a publisher",
        "{who} approved {title} as a publisher. You can submit plugins now.",
        "Begin here:",
        "They wrote:",
    ),
    "rejected": _Form(
        "{title} is rejected as a publisher", "{who} rejected the application of {title}.", "See it:"
    ),
    "suspended": _Form(
        "{title} is suspended",
        "{who} suspended the publisher {title}. It can neither submit nor release; what is published stays.",
        "See it:",
    ),
    "resumed": _Form(
        "{title} is no longer suspended",
        "{who} lets the publisher {title} submit and release again.",
        "Go on here:",
    ),
    "edit": _Form(
        "The profile of {title} was changed",
        "{who} changed what the publisher {title} says of itself: {detail}.",
        "Look at it:",
    ),
    "domain": _Form(
        "{title} names the domain {detail}",
        "{who} named {detail} as a domain of the publisher {title}. It counts once it is proved.",
        "See how to prove it:",
    ),
    "domain-drop": _Form(
        "{title} names {detail} no more",
        "{who} took the domain {detail} away from the publisher {title}.",
        "See its domains:",
    ),
    "prove": _Form(
        "{title} proved the domain {detail}",
        "{who} had the domain {detail} looked at: it belongs to the publisher {title}.",
        "See its domains:",
    ),
    "member": _Form("The members of {title} changed", "{who} changed them: {detail}.", "See the members:"),
    "token": _Form(
        "The tokens of {title} changed",
        "{who} changed the tokens with which CI publishes for {title}: {detail}. If nobody of you did that, "
        "revoke them.",
        "See the tokens:",
    ),
    # Listings and releases
    "release": _Form(
        "{title} {detail} is released",
        "{who} released {title} {detail} of {publisher}.",
        "See its releases:",
        "What is new:",
    ),
    "yank": _Form(
        "{title} {detail} is yanked",
        "{who} yanked {title} {detail}. Nobody gets this version any more who does not name it.",
        "See its releases:",
    ),
    "unyank": _Form(
        "{title} {detail} is back",
        "{who} took the yank of {title} {detail} back; it can be installed again.",
        "See its releases:",
    ),
    "deprecate": _Form(
        "{title} is deprecated", "{who} deprecated {title} of {publisher}{detail}.", "See it:"
    ),
    "revive": _Form(
        "{title} is maintained again",
        "{who} took the deprecation of {title} of {publisher} back.",
        "See it:",
    ),
    "offer": _Form(
        "{title} is offered to {detail}",
        "{who} offers {title} of {publisher} to the publisher {detail}. It changes hands once an owner there "
        "accepts.",
        "Accept or decline here:",
    ),
    "offer-back": _Form(
        "{title} is not offered any more", "{who} took the offer of {title} back.", "See it:"
    ),
    "accept": _Form("{title} has a new publisher", "{who} took {title} over, {detail}.", "See it:"),
    "decline": _Form("{title} was declined", "{who} declined to take over {title} for {detail}.", "See it:"),
    "take-down": _Form(
        "{title} was taken down",
        "{who} took {title} of {publisher} off the shelf. Nobody gets its wheels any more; what is installed "
        "stays installed.",
        "See it:",
    ),
    "restore": _Form(
        "{title} is back on the shelf", "{who} put {title} of {publisher} back on the shelf.", "See it:"
    ),
    # Reports
    "report": _Form(
        "{title} was reported: {detail}",
        "{who} reported {title} ({detail}).",
        "Decide about it here:",
        "They wrote:",
    ),
    "report-received": _Form(
        "Your report of {title} was received",
        "Thank you for reporting {title} ({detail}). Those who keep order look at it; you get mail when they "
        "decide.",
        "The Marketplace:",
        "You wrote:",
    ),
    "report-acted-on": _Form(
        "Your report of {title} was acted on",
        "{who} looked at the report of {title} ({detail}), and acted on it.",
        "The Marketplace:",
        "What was decided:",
    ),
    "report-dismissed": _Form(
        "Your report of {title} was dismissed",
        "{who} looked at the report of {title} ({detail}), and dismissed it.",
        "The Marketplace:",
        "Why:",
    ),
}
"""By the step that is told. A detail is one word or clause, a reason whatever somebody wrote."""


def letter(
    step: str,
    *,
    who: str,
    title: str,
    publisher: str = "",
    detail: str = "",
    reason: str = "",
    link: str = "",
) -> Letter:
    """The mail about a step. Raises KeyError for a step that has none."""
    form = FORMS[step]
    names = {"who": who, "title": title, "publisher": publisher, "detail": detail}
    parts = [form.says.format_map(names)]
    if reason.strip():
        quoted = "\n".join(f"  {line}".rstrip() for line in reason.strip().split("\n"))
        parts.append(f"{form.reason}\n\n{quoted}")
    if link:
        parts.append(f"{form.then}\n{link}")
    subject = " ".join(form.subject.format_map(names).split())
    return Letter(subject, "\n\n".join(parts) + "\n")
