"""The pages `/sign-in` and `/sign-out`. What they lead to is done by `access.signin`."""

from __future__ import annotations

from starlette.responses import Response

from callboard.access.principals import principal_of
from callboard.access.signin.profile import REASONS
from callboard.portal.signin.choices import choices, way_back
from callboard.web.view import View


async def sign_in(view: View) -> Response:
    """The providers, each as a link that begins a sign-in; why the last one failed, if it did.

    Links, not forms: the page's policy lets forms lead to this site only, and providers are elsewhere.
    """
    code = view.query.get("error", "")
    settings = view.signin
    back = way_back(settings, view.query.get("from"))
    return await view.page(
        "signin/sign_in.html",
        title=view.text("Sign in"),
        status=200 if code not in REASONS else 429 if code == "limit" else 401,
        choices=choices(settings, back),
        back=back,
        wrong=REASONS.get(code, ""),
        signed_out=view.query.get("signed_out") == "yes",
        user=principal_of(view.request).user,
    )


async def sign_out(view: View) -> Response:
    """Asks whether to sign out: a link alone must not do it."""
    user = principal_of(view.request).user
    return await view.page("signin/sign_out.html", title=view.text("Sign out"), user=user)
