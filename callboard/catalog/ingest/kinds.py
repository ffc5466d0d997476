"""Validation and relations of every kind the model knows."""

from __future__ import annotations

from callboard.catalog.ingest.contract import Context, Entity
from callboard.model import Model

_SORTED_FIELDS = {
    "providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members",
}  # fmt: skip


class KindsProcessor:
    """Emits the relations that the model declares, in both directions."""

    name = "BuiltinKindsEntityProcessor"
    priority = 20

    def __init__(self, model: Model) -> None:
        self.model = model

    async def pre_process(self, entity: Entity, context: Context) -> Entity:
        """References in lists have no order of their own; Backstage serves them sorted, and so do we."""
        spec = entity.get("spec")
        if not isinstance(spec, dict):
            return entity
        ordered = {
            name: sorted(value)
            for name, value in spec.items()
            if name in _SORTED_FIELDS
            and isinstance(value, list)
            and len(value) > 1
            and all(isinstance(item, str) for item in value)
        }
        return {**entity, "spec": {**spec, **ordered}} if ordered else entity

    async def post_process(self, entity: Entity, context: Context) -> Entity:
        relations = self.model.relations(entity)
        context.relations.update([(source, kind, target) for source, kind, target in relations])
        return entity
