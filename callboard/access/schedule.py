"""The scheduled tasks of plugins over HTTP, as Backstage's scheduler answers (contract note C4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.permissions import Permission, Permissions
from callboard.access.principals import principal_of
from callboard.core.errors import NotFoundError
from callboard.core.http import empty, json_answer
from callboard.plugins.contributions import ScheduledTask
from callboard.plugins.live import Live
from callboard.plugins.tasks import Tasks, TaskState

TASKS_READ = Permission("plugins.task.read", "read")
TASKS_UPDATE = Permission("plugins.task.update", "update")


def schedule_routes(live: Live, tasks: Tasks, permissions: Permissions) -> list[Route]:
    """`/api/<plugin>/.backstage/scheduler/v1/tasks`, of every plugin with tasks."""
    plugins = dict.fromkeys(plugin.id for plugin, _ in live.registry.owned(ScheduledTask))
    return [route for id in plugins for route in _routes(id, live, tasks, permissions)]


def _routes(plugin: str, live: Live, tasks: Tasks, permissions: Permissions) -> list[Route]:
    every = {task.id: task for one, task in live.registry.owned(ScheduledTask) if one.id == plugin}

    async def listed(request: Request) -> Response:
        await permissions.require(principal_of(request), TASKS_READ)
        states = [state for state in await tasks.states() if state.plugin == plugin]
        return json_answer({"tasks": [_shown(state, every[state.task]) for state in states]})

    async def trigger(request: Request) -> Response:
        await permissions.require(principal_of(request), TASKS_UPDATE)
        id = request.path_params["id"]
        if id not in every:
            raise NotFoundError(f"Task {id} not found")
        await tasks.trigger(plugin, id)
        return empty(202)

    base = f"/api/{plugin}/.backstage/scheduler/v1/tasks"
    return [
        Route(base, listed, methods=["GET"]),
        Route(f"{base}/{{id}}/trigger", trigger, methods=["POST"]),
    ]


def _shown(state: TaskState, task: ScheduledTask) -> dict[str, Any]:
    known = {
        "startedAt": _time(state.last_started_at),
        "nextRunAt": None if state.running else _time(state.next_run_at),
        "lastRunEndedAt": _time(state.last_finished_at),
        "lastRunError": state.last_error,
    }
    return {
        "taskId": state.task,
        "pluginId": state.plugin,
        "scope": "global",
        "settings": {
            "version": 2,
            "cadence": f"PT{task.every:g}S",
            "timeoutAfterDuration": f"PT{task.timeout:g}S",
        },
        "taskState": {
            "status": "running" if state.running else "idle",
            **{key: value for key, value in known.items() if value is not None},
        },
        "workerState": {"status": "idle"},
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
