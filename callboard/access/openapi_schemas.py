"""The bodies of the API of sign-in, permissions, audit log and plugins: a table in short words.

A body is written as its fields, `name: type; other?: type`; `?` marks one that may be missing. Types are
`text`, `time` (ISO 8601), `seconds` (since 1970), `integer`, `boolean`, `object` (of any shape), the name of
another body, `[type]` for a list, words such as `allow|deny`, and `type or null`.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]  # a JSON Schema is any JSON object

_PLAIN: dict[str, Schema] = {
    "text": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
    "seconds": {"type": "number", "description": "Seconds since 1970."},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object", "additionalProperties": True},
}


def shape(fields: str) -> Schema:
    """The schema of an object written as above."""
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for line in filter(None, (one.strip() for one in fields.split(";"))):
        name, _, type_ = line.partition(":")
        properties[name.removesuffix("?")] = typed(type_.strip())
        if not name.endswith("?"):
            required.append(name)
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": required} if required else found


def typed(words: str) -> Schema:
    """The schema of a type written as above."""
    if words.endswith(" or null"):
        return {"anyOf": [typed(words.removesuffix(" or null")), {"type": "null"}]}
    if words.startswith("["):
        return {"type": "array", "items": typed(words[1:-1])}
    if words in _PLAIN:
        return _PLAIN[words]
    if "|" in words:
        return {"enum": words.split("|")}
    return {"$ref": f"#/components/schemas/{words}"}


_SHAPES = {
    # Sign-in and tokens
    "Keys": "keys: [object]",
    "OpenIdConfiguration": "issuer: text; jwks_uri: text; userinfo_endpoint: text",
    "UserInfo": "sub: text; ent: [text]",
    "CookieGiven": "expiresAt: time",
    "SignedIn": "providerInfo: object; profile: object; backstageIdentity: BackstageIdentity",
    "BackstageIdentity": "token: text; expiresInSeconds: integer; identity: Identity",
    "Identity": "type: text; userEntityRef: text; ownershipEntityRefs: [text]",
    "Token": (
        "id: text; name: text; scopes: [text]; createdAt: time; expiresAt: time; lastUsedAt: time or null"
    ),
    "NewToken": "name: text; scopes: [text]; expiresAt?: time",
    "CreatedToken": (
        "id: text; name: text; scopes: [text]; createdAt: time; expiresAt: time; lastUsedAt: time or null; "
        "token: text"
    ),
    "Tokens": "items: [Token]",
    "Session": (
        "id: text; current: boolean; provider: text; createdAt: time; lastSeenAt: time; expiresAt: time; "
        "userAgent: text or null; ip: text or null"
    ),
    "Sessions": "items: [Session]",
    # Permissions
    "Permission": "type: basic|resource; name: text; attributes: PermissionAttributes; resourceType?: text",
    "PermissionAttributes": "action?: create|read|update|delete",
    "Asked": "items: [AskedItem]",
    "Decisions": "items: [DecisionItem]",
    "ConditionsAsked": "items: [ConditionsItem]",
    "PluginPermissions": "permissions: [Permission]; rules: [PermissionRule]",
    "PermissionRule": "name: text; description: text; resourceType: text; paramsSchema: object",
    # Roles
    "PolicyDocument": "roles: [RoleOfDocument]",
    "RoleOfDocument": "name: text; title?: text; description?: text; members: [text]; grants: [Grant]",
    "Grant": (
        "permission: text; action?: create|read|update|delete; effect: allow|deny; conditions?: Conditions"
    ),
    "PolicyVersion": "version: integer; at: seconds; author: text; comment: text",
    "PolicyVersions": "items: [PolicyVersion]",
    "Policy": (
        "version: integer; at: seconds; author: text; comment: text; document: PolicyDocument; "
        "readOnly?: text or null"
    ),
    "NewPolicy": "document: PolicyDocument; version?: integer; comment?: text",
    "Restoring": "version?: integer; comment?: text",
    "ToExplain": "user: text; permission: text; resourceRef?: text",
    "Explanation": (
        "user: text; owns: [text]; permission: Permission; result: ALLOW|DENY|CONDITIONAL; "
        "explanation: text; roles: [object]; conditions?: Conditions"
    ),
    "Role": "name: text; memberReferences: [text]; metadata?: object",
    "RoleChange": "oldRole: Role; newRole: Role",
    "RolePolicy": "entityReference: text; permission: text; policy: text; effect: text; metadata?: object",
    "PermissionsOfPlugin": "pluginId: text; policies: [object]",
    "RulesOfPlugin": "pluginId: text; rules: [PermissionRule]",
    # Audit log
    "AuditEvents": "items: [AuditEvent]; pageInfo: AuditPage",
    "AuditPage": "nextCursor?: text",
    "AuditEvent": (
        "id: integer; at: time; plugin: text; eventId: text; severityLevel: low|medium|high|critical; "
        "status: succeeded|failed; actor: AuditActor; meta: object; request?: object; response?: object; "
        "error?: text"
    ),
    "AuditActor": (
        "actorId: text; via: text or null; means: text; ip: text or null; userAgent: text or null"
    ),
    # Plugins
    "Plugin": (
        "id: text; title: text; version: text; description: text; origin: callboard|beside|installed; "
        "state: live|disabled|broken; health: healthy|unhealthy; incidents: [object]; problems: [text]; "
        "needs: [PluginNeed]; contributions: [object]; config: object or null; setting: object; "
        "effective: object; installation: object or null; formerVersion: text or null"
    ),
    "PluginNeed": "name: text; why: text",
    "Plugins": "items: [Plugin]",
    "PluginConfig": "config: object or null",
    "PluginSource": "source: text",
    "PluginWheel": "filename: text; sha256: text; size: integer",
    "PluginPlan": (
        "source: text; plugin: text; distribution: text; version: text; manifest: object; "
        "wheels: [PluginWheel]; size: integer; verified: object; replaces: text or null; new_needs: [text]; "
        "notices: [PluginNotice]; fingerprint: text"
    ),
    "PluginNotice": "kind: yanked|deprecated|taken-down|vulnerable|unread; text: text; url: text or null",
    "PluginConfirmed": "source: text; fingerprint: text",
    "PluginUpload": ("upload: text; source: text; filename: text; sha256: text; size: integer; endsAt: time"),
    "PluginTasks": "items: [PluginTask]",
    "PluginTask": (
        "plugin: text; task: text; running: boolean; nextRunAt: time or null; lastStartedAt: time or null; "
        "lastFinishedAt: time or null; lastError: text or null"
    ),
    "ScheduledTasks": "tasks: [ScheduledTask]",
    "ScheduledTask": (
        "taskId: text; pluginId: text; scope: text; settings: object; taskState: object; workerState: object"
    ),
    "Actions": "actions: [Action]",
    "Action": (
        "id: text; name: text; title: text; description: text; pluginId: text; attributes: object; "
        "schema: object"
    ),
    "ActionInput": "input?: object; secrets?: object",
    "ActionOutput": "output: object",
    "EventTaken": "status: text",
    # Pipelines and insights
    "PipelineRuns": "items: [PipelineRunSummary]",
    "PipelineRunSummary": (
        "id: text; lake: text; trigger: text; engine: text; since: text or null; until: text or null; "
        "holder: text; status: running|finished|failed|stopped|interrupted; started_at: seconds; "
        "finished_at: seconds or null; made: integer; rows: integer; problems: integer; error: text or null"
    ),
    "PipelineRun": "id: text; status: text; started_at: seconds; steps: [PipelineStep]",
    "PipelineStep": (
        "number: integer; layer: text; dataset: text; status: made|blocked|failed; first: text; last: text; "
        "partitions: integer; rows: integer; started_at: seconds; finished_at: seconds; "
        "error: text or null; warnings: [text]"
    ),
    "PipelineDatasets": "items: [PipelineDataset]",
    "PipelineDataset": (
        "layer: text; name: text; entityRef: text; description: text; grain: text; keys: [text]; "
        "columns: [object]; inputs: [text]; outputs: [text]; partitions: integer; newest: text or null; "
        "rows: integer; fresh: boolean or null; checks: [object]; problems: [text]"
    ),
    "UsageEventsTaken": "taken: integer",
    "InsightReports": "items: [InsightSummary]",
    "InsightSummary": "id: text; title: text; description: text; columns: [object]",
    "InsightReport": (
        "id: text; title: text; description: text; columns: [object]; days: integer; sample: boolean; "
        "rows: [object]"
    ),
}

_REFS: Schema = {"anyOf": [_PLAIN["text"], {"type": "array", "items": _PLAIN["text"]}]}
_RESULT: Schema = {"enum": ["ALLOW", "DENY", "CONDITIONAL"]}


def _with(fields: str, **more: Schema) -> Schema:
    found = shape(fields)
    return {**found, "properties": {**found["properties"], **more}}


SCHEMAS: dict[str, Schema] = {name: shape(fields) for name, fields in _SHAPES.items()} | {
    "Roles": typed("[Role]"),
    "RolePolicies": typed("[RolePolicy]"),
    "AllPermissions": typed("[PermissionsOfPlugin]"),
    "AllRules": typed("[RulesOfPlugin]"),
    "AnyObject": _PLAIN["object"],
    "AnyValue": {"description": "Any JSON."},
    "AskedItem": _with("id: text; permission: Permission", resourceRef=_REFS),
    "DecisionItem": _with(
        "id: text; pluginId?: text; resourceType?: text; conditions?: Conditions",
        result={"anyOf": [_RESULT, {"type": "array", "items": _RESULT}]},
    ),
    "ConditionsItem": _with("id: text; resourceType: text; conditions: Conditions", resourceRef=_REFS),
    "Conditions": {
        "description": "Rules, combined by all, any and not.",
        "anyOf": [
            shape("allOf: [Conditions]"),
            shape("anyOf: [Conditions]"),
            shape("not: Conditions"),
            shape("rule: text; resourceType: text; params?: object"),
        ],
    },
}
