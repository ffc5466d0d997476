"""What can be allowed at the desk. What members may do follows from their role in the publisher besides."""

from __future__ import annotations

from callboard.access.permissions import Permission

PUBLISHER_CREATE = Permission("marketplace.publisher.create", "create")
SUBMISSION_CREATE = Permission("marketplace.submission.create", "create")
LISTING_MANAGE = Permission("marketplace.listing.manage", "update")
REPORT_CREATE = Permission("marketplace.report.create", "create")
REVIEW = Permission("marketplace.review", "update")
TAKEDOWN = Permission("marketplace.takedown", "delete")
PERMISSIONS = (PUBLISHER_CREATE, SUBMISSION_CREATE, LISTING_MANAGE, REPORT_CREATE, REVIEW, TAKEDOWN)
