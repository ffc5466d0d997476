"""Plugins, plans and tasks as the API gives them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from callboard.plugins.admin import Overview
from callboard.plugins.install import Plan
from callboard.plugins.tasks import TaskState
from callboard.portal.platform.desk import set_here


def shown(one: Overview) -> dict[str, Any]:
    """A plugin as JSON (hence Any), without secrets."""
    status, manifest, setting = one.status, one.manifest or {}, one.setting
    made = one.installation
    return {
        "id": status.id,
        "title": status.title,
        "version": status.version,
        "description": manifest.get("description", ""),
        "origin": status.origin,
        "state": status.state,
        "health": one.health,
        "incidents": [
            {"at": moment(each.at), "where": each.where, "message": each.message} for each in one.incidents
        ],
        "problems": list(status.problems),
        "needs": manifest.get("needs", []),
        "contributions": manifest.get("contributions", []),
        "config": manifest.get("config"),
        "setting": {
            "enabled": setting.enabled,
            "config": set_here(one),
            "changedBy": setting.changed_by or None,
            "changedAt": moment(setting.changed_at) if setting.changed_at else None,
        },
        "effective": dict(one.effective),
        "installation": None
        if made is None
        else {
            "distribution": made.distribution,
            "source": made.source,
            "verified": made.verified,
            "wheels": [{"filename": each.filename, "sha256": each.sha256} for each in made.artifacts],
            "by": made.installed_by,
            "at": moment(made.installed_at),
        },
        "formerVersion": None if one.former is None else one.former.version,
    }


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON (hence Any): what is shown before it is carried out."""
    return {
        "source": plan.source,
        "plugin": plan.plugin,
        "distribution": plan.distribution,
        "version": plan.version,
        "manifest": plan.manifest,
        "wheels": [
            {"filename": one.filename, "sha256": one.sha256, "size": len(one.content)} for one in plan.wheels
        ],
        "size": plan.size,
        "verified": plan.verified,
        "replaces": plan.replaces,
        "new_needs": list(plan.new_needs),
        "notices": [{"kind": one.kind, "text": one.text, "url": one.url or None} for one in plan.notices],
        "fingerprint": plan.fingerprint,
    }


def moment(seconds: float) -> str:
    """A moment in seconds since 1970 as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def task_json(state: TaskState) -> dict[str, Any]:
    times = {
        "nextRunAt": state.next_run_at,
        "lastStartedAt": state.last_started_at,
        "lastFinishedAt": state.last_finished_at,
    }
    return {
        "plugin": state.plugin,
        "task": state.task,
        "running": state.running,
        **{name: None if at is None else moment(at) for name, at in times.items()},
        "lastError": state.last_error,
    }
