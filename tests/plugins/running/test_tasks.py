"""Scheduled tasks run on one node at a time, by the clock or when asked, and what fails is shown."""

from __future__ import annotations

import asyncio

from callboard.core.errors import InputError
from callboard.plugins import Plugin, PluginContext
from callboard.plugins.contributions import ScheduledTask
from callboard.plugins.storage import PluginStorage
from callboard.portal.plugins import PLUGINS
from tests.plugins.running.test_events import until
from tests.portal.conftest import OpenSite

TASKS = "/api/clockwork/.backstage/scheduler/v1/tasks"
JSON = {"accept": "application/json", "content-type": "application/json"}


class Clockwork:
    def __init__(self, *, fails: bool = False, hangs: bool = False) -> None:
        self.runs = 0
        self.fails = fails
        self.hangs = hangs

    async def run(self, context: PluginContext) -> None:
        self.runs += 1
        await context.get(PluginStorage).set("runs", self.runs)
        if self.fails:
            raise RuntimeError("a spring broke")
        if self.hangs:
            await asyncio.sleep(60)

    def plugin(self, timeout: float = 5.0) -> Plugin:
        task = ScheduledTask("tick", self.run, every=3600, title="Tick", timeout=timeout)
        return Plugin("clockwork", "Clockwork", (task,))


async def test_a_task_runs_once_on_two_nodes_and_again_when_asked(open_site: OpenSite) -> None:
    clockwork = Clockwork()
    site = await open_site(plugins=[*PLUGINS, clockwork.plugin()])
    await site.host.tasks.trigger("clockwork", "tick")
    await until(lambda: clockwork.runs > 0)
    await asyncio.sleep(1.2)
    assert clockwork.runs == 1, "the next run is in an hour"
    storage = PluginStorage(site.node.runtime.database, "clockwork")
    assert await storage.get("runs") == 1
    answer = await site.client.post(f"{TASKS}/tick/trigger", headers=JSON)
    assert answer.status_code == 202
    await until(lambda: clockwork.runs == 2)
    shown = (await site.client.get(TASKS, headers=JSON)).json()["tasks"][0]
    assert (shown["taskId"], shown["pluginId"]) == ("tick", "clockwork")
    missing = await site.client.post(f"{TASKS}/tock/trigger", headers=JSON)
    assert missing.status_code == 404


async def test_a_task_that_fails_or_hangs_says_so_and_is_due_again(open_site: OpenSite) -> None:
    for clockwork, timeout, told in (
        (Clockwork(fails=True), 5.0, "RuntimeError: a spring broke"),
        (Clockwork(hangs=True), 0.3, "did not answer in time"),
    ):
        site = await open_site(plugins=[*PLUGINS, clockwork.plugin(timeout)])
        await site.host.tasks.trigger("clockwork", "tick")
        await until(lambda clockwork=clockwork: clockwork.runs > 0)  # type: ignore[misc]  # bound in the loop
        for _ in range(100):
            states = await site.host.tasks.states()
            state = next(one for one in states if one.plugin == "clockwork")
            if state.last_finished_at and not state.running:
                break
            await asyncio.sleep(0.05)
        assert told in (state.last_error or "")
        assert site.host.live.health.state("clockwork") == "unhealthy"
        await site.host.end()


async def test_a_plugin_keeps_values_of_its_own(open_site: OpenSite) -> None:
    site = await open_site()
    database = site.node.runtime.database
    mine, other = PluginStorage(database, "mine"), PluginStorage(database, "other")
    await mine.set_many({"a%_": {"deep": [1, None]}, "b": "text"})
    await other.set("b", 2)
    assert await mine.get_many(["a%_", "b", "c"]) == {"a%_": {"deep": [1, None]}, "b": "text"}
    assert await mine.keys("a%") == ["a%_"]
    await mine.delete("b")
    assert (await mine.get("b"), await other.get("b")) == (None, 2)
    for key, value in (("", 1), ("x" * 501, 1), ("big", "x" * 2**20)):
        try:
            await mine.set(key, value)
        except InputError:
            continue
        raise AssertionError("it was kept")
