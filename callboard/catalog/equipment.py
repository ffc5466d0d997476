"""What the plugins that run give the catalog: its kinds, processors and providers, made ready to use.

A plugin that fails here is noted as unhealthy and left out; the others' contributions are used all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.catalog.contributions import (
    EntityKind,
    EntityProcessor,
    EntityProvider,
    PlaceholderResolver,
    Resolvers,
)
from callboard.catalog.ingest.contract import Context, Entity, Processor, Provider
from callboard.core.errors import CallboardError, ServiceUnavailableError
from callboard.model import Kind, Model, load_kind
from callboard.plugins import Plugin
from callboard.plugins.health import Health
from callboard.plugins.live import Live

HOOKS = ("pre_process", "post_process", "validate_kind", "read_location")


@dataclass(frozen=True, slots=True)
class Equipment:
    """`absent` are plugins that are broken: what their providers gave before is not taken away."""

    model: Model
    processors: Sequence[Any]
    providers: Mapping[str, Provider]
    absent: bool


def extended_model(live: Live, kinds: Sequence[Kind]) -> Model:
    """The built-in kinds, those of the configuration, and those of the plugins."""
    model = Model.builtin().extended(kinds) if kinds else Model.builtin()
    for plugin, one in live.registry.owned(EntityKind):
        try:
            model = model.extended([load_kind(dict(one.declaration))])
        except Exception as error:
            live.health.failed(plugin.id, "an entity kind", error)
    return model


def resolvers_of(live: Live) -> Resolvers:
    """What every `$<key>` stands for; the first plugin that names a key has it."""
    found = Resolvers()
    for one in live.registry.of(PlaceholderResolver):
        found.setdefault(one.key, one.resolve)
    return found


def equip(live: Live, model: Model, options: Mapping[str, Any]) -> Equipment:
    """Make what the plugins contribute. `options` are `catalog.processorOptions`, by processor."""
    processors = []
    for plugin, one in live.registry.owned(EntityProcessor):
        own = options.get(one.name) or {}
        if own.get("disabled"):
            continue
        try:
            made = one.make(live.context(plugin))
        except Exception as error:
            live.health.failed(plugin.id, f"the processor {one.name}", error)
            continue
        processors.append(_prepared(live.health, plugin, one, made, own.get("priority", one.priority)))
    providers: dict[str, Provider] = {}
    for plugin, provider in live.registry.owned(EntityProvider):
        try:
            providers[provider.name] = provider.make(live.context(plugin))
        except Exception as error:
            live.health.failed(plugin.id, f"the provider {provider.name}", error)
    absent = any(status.state == "broken" for status in live.statuses)
    return Equipment(model, processors, providers, absent)


def _prepared(health: Health, plugin: Plugin, one: EntityProcessor, made: Processor, priority: int) -> Any:
    """The processor as `Processing` takes it; one of a foreign plugin is kept from harming an entity."""
    prepared = _Prepared(one, priority)
    for name in HOOKS:
        hook = getattr(made, name, None)
        if hook is not None:
            setattr(prepared, name, hook if _is_ours(made) else _guarded(health, plugin, one, name, hook))
    return prepared


class _Prepared:
    """A processor of which only the hooks that it has are attributes."""

    def __init__(self, one: EntityProcessor, priority: int) -> None:
        self.name = one.name
        self.version = one.version
        self.priority = priority
        self.reads = one.reads


def _is_ours(made: Processor) -> bool:
    """Callboard's own need no guard, which would cost each entity several microseconds a hook."""
    return type(made).__module__.startswith("callboard.")


def _guarded(
    health: Health, plugin: Plugin, one: EntityProcessor, name: str, hook: Callable[..., Awaitable[Any]]
) -> Callable[..., Awaitable[Any]]:
    where = f"the processor {one.name}"
    if name in ("validate_kind", "read_location"):

        async def answer(*given: Any) -> bool:
            try:
                return bool(await health.guarded(plugin.id, where, hook(*given), one.timeout))
            except CallboardError:
                raise
            except Exception:  # noted; what it cannot answer is left to others
                return False

        return answer

    async def complete(entity: Entity, context: Context) -> Entity:
        try:
            result: Entity = await health.guarded(plugin.id, where, hook(entity, context), one.timeout)
            return result
        except ServiceUnavailableError:
            context.reads = True  # too slow: the entity goes on without it, and is tried again later
        except CallboardError:
            raise
        except Exception:  # noted; the entity goes on without it
            context.reads = True
        return entity

    return complete
