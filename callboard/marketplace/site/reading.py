"""Makes the pages that are texts of the site itself: learn, blog, about and the like."""

from __future__ import annotations

from callboard.marketplace.site import shown
from callboard.marketplace.site.content import Course, Text, page_path
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.made import Made
from callboard.marketplace.site.makers import missing
from callboard.marketplace.site.prose import prose
from callboard.marketplace.site.shop import Shop
from callboard.web.language import translated as _

LEARN = f"{ROOT}/learn"
BLOG = f"{ROOT}/blog"


def learn(shop: Shop, slug: str = "") -> Made:
    """All courses, or one of them with its chapters."""
    courses = shop.content.courses
    if slug:
        course = shop.content.course(slug)
        if course is None:
            return missing(shop, _("There is no such course."), LEARN)
        return _courses((course,), course.title, course.summary, f"{LEARN}/{slug}")
    about = _("Free courses about plugins for your portal: how to write and publish them.")
    return _courses(courses, _("Learn"), about, LEARN)


def chapter(shop: Shop, course_slug: str, slug: str) -> Made:
    """A chapter of a course."""
    course = shop.content.course(course_slug)
    found = course.chapter(slug) if course else None
    if course is None or found is None:
        return missing(shop, _("There is no such chapter."), LEARN)
    at, text = found
    here = f"{LEARN}/{course.slug}"
    around = [course.chapters[one] if 0 <= one < len(course.chapters) else None for one in (at - 1, at + 1)]
    before, after = (shown.Link(one.title, f"{here}/{one.slug}") if one else None for one in around)
    trail = [(_("Learn"), LEARN), (course.title, here)]
    return _text(text, f"{here}/{slug}", trail, {"before": before, "after": after}, timed=True)


def blog(shop: Shop) -> Made:
    """All posts."""
    about = _("News about the Marketplace and release notes of Callboard.")
    return Made("market/blog.html", _("Blog and release notes"), about, BLOG, {"posts": shop.content.posts})


def post(shop: Shop, slug: str) -> Made:
    """A post or a release note."""
    text = shop.content.post(slug)
    if text is None:
        return missing(shop, _("There is no such post."), BLOG)
    return _text(text, f"{BLOG}/{slug}", [(_("Blog"), BLOG)], timed=True)


def page(shop: Shop, slug: str) -> Made:
    """About, FAQ, terms, or a page of the operator."""
    text = shop.content.page(slug)
    if text is None:
        return missing(shop, _("There is no such page."), ROOT)
    return _text(text, page_path(slug), [(_("Marketplace"), ROOT)])


def partners(_shop: Shop) -> Made:
    """How to become a publisher."""
    about = _("How to publish a plugin: apply, prove your domain, submit, release from CI.")
    return Made("market/partners.html", _("Publish a plugin"), about, f"{ROOT}/partners")


def _text(
    text: Text,
    path: str,
    trail: list[tuple[str, str]],
    chapter: dict[str, shown.Link | None] | None = None,
    *,
    timed: bool = False,
) -> Made:
    context = {"text": text, "html": prose(text.body, 1), "trail": trail, "chapter": chapter, "timed": timed}
    return Made("market/reading.html", text.title, text.summary, path, context)


def _courses(courses: tuple[Course, ...], title: str, about: str, path: str) -> Made:
    return Made("market/learn.html", title, about, path, {"courses": courses, "heading": title})
