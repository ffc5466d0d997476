"""The operations of sign-in, permissions, audit log and plugins as a table; `openapi` makes a description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

_REASONS = {
    304: "Not changed since the version named in `If-None-Match`.",
    400: "The request is not valid; the message says why.",
    401: "It is not known who asks, or the session has ended.",
    403: "Who asks may not do this.",
    404: "There is no such thing.",
    408: "The body did not arrive in time.",
    409: "It conflicts with what exists.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken here.",
    503: "It cannot be done now: the message says why.",
}
_WITH_BODY = (400, 403, 408, 413, 415)
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One method on one path. `answer` and `body` name schemas of `openapi_schemas`, or are a media type.

    `query` maps parameters to what they mean; parameters of the path are found in it.
    """

    method: str
    path: str
    id: str
    summary: str
    answer: str | None = None
    tag: str = "sign-in"
    status: int = 200
    body: str | None = None
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    errors: tuple[int, ...] = ()
    also: tuple[str, ...] = ()
    """Further media types of the body, with content of any shape."""

    def described(self) -> dict[str, Any]:
        """The operation object of OpenAPI (JSON, hence Any)."""
        done: dict[str, Any] = {"description": "Done." if self.answer is None else "The answer."}
        if self.answer is not None:
            done["content"] = _content(self.answer)
        responses = {str(self.status): done}
        for status in sorted({*self.errors, *(_WITH_BODY if self.body else ())} - {self.status}):
            content = {} if status == 304 else {"content": _content("Error")}
            responses[str(status)] = {"description": _REASONS[status], **content}
        found: dict[str, Any] = {
            "operationId": self.id,
            "summary": self.summary,
            "tags": [self.tag],
            "parameters": [
                *(_parameter(name, "path") for name in re.findall(r"{(\w+)}", self.path)),
                *(_parameter(name, "query", words) for name, words in self.query),
                *(_parameter(name, "header", words) for name, words in self.headers),
            ],
            "responses": responses,
        }
        if self.body is not None:
            content = _content(self.body) | {media: {"schema": {"type": "string"}} for media in self.also}
            found["requestBody"] = {"required": True, "content": content}
        return found


def _content(what: str) -> dict[str, Any]:
    if "/" in what:
        return {what: {"schema": {"type": "string"}}}
    return {_JSON: {"schema": {"$ref": f"#/components/schemas/{what}"}}}


def _parameter(name: str, where: str, words: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "in": where, "schema": {"type": "string"}}
    if where == "path":
        found["required"] = True
    return {**found, "description": words} if words else found


_permission, _plugin = partial(Call, tag="permissions"), partial(Call, tag="plugins")
_A, _P, _V = "/api/auth", "/api/permission", "/api/auth/v1"
_OWN = "/api/{plugin}/.backstage"
_META = "/api/{plugin}/.well-known/backstage/permissions"
_ROLE = f"{_P}/roles/{{kind}}/{{namespace}}/{{name}}"
_ENV = ("env", "The environment of the configuration; only that of this portal is taken.")
_START = (
    ("scope", "Accepted as Backstage's clients send it; the configuration decides."),
    _ENV,
    ("origin", "Where the answer of a popup goes: one of this site's own origins."),
    ("flow", "`popup` (if nothing is said) or `redirect`."),
    ("redirectUrl", "Where to go on after `redirect`: an address of this site."),
)
_RETURNED = (
    ("code", "What is exchanged for tokens."),
    ("state", "What this sign-in began with."),
    ("iss", "The issuer, where the provider names it."),
    ("error", "Why the provider refused."),
)
_FILTER = (
    ("actor", "A principal, such as `user:default/jane`."),
    ("event", "A kind of event, such as `role-update`."),
    ("plugin", "What the event belongs to."),
    ("ip", "Where the request came from."),
    ("outcome", "`succeeded` or `failed`."),
    ("severity", "`low`, `medium`, `high` or `critical`, with those above it."),
    ("since", "A day or a moment in ISO 8601; UTC where no zone is named."),
    ("until", "The same; the whole of a day is included."),
    ("q", "Words that all stand somewhere in the event."),
)
_COMMENT = (("comment", "Why, for a document in YAML."),)
_BASED = (("If-Match", "The version the change is based on; `version` in a body of JSON says the same."),)

PUBLIC = frozenset(
    (
        f"{_A}/.well-known/jwks.json",
        f"{_A}/.well-known/openid-configuration",
        f"{_OWN}/auth/v1/jwks.json",
        *(f"{_A}/{{provider}}/{step}" for step in ("start", "handler/frame", "refresh", "logout")),
        "/api/events/http/{topic}",
    )
)
"""What answers without credentials."""

_DAYS = (("days", "Over how many days, 1 to 1100, 90 if nothing is said."),)

_SIGN_IN = (
    Call("get", f"{_A}/{{provider}}/start", "StartSignIn", "Begin to sign in: on to the provider.",
         status=302, query=_START, errors=(400, 404)),
    *(
        Call(method, f"{_A}/{{provider}}/handler/frame", id, "Where the provider sends the browser back to.",
             "text/html", query=_RETURNED, errors=(400, 401, 403, 404, 503))
        for method, id in (("get", "FinishSignIn"), ("post", "FinishSignInByForm"))
    ),
    *(
        Call(method, f"{_A}/{{provider}}/refresh", id, "A new user token for the session at hand.",
             "SignedIn", query=(_ENV,), errors=(401, 403, 404))
        for method, id in (("get", "RefreshSignIn"), ("post", "RefreshSignInByPost"))
    ),
    Call("post", f"{_A}/{{provider}}/logout", "LogOut", "End the session.", errors=(403, 404)),
    Call("get", f"{_A}/.well-known/jwks.json", "GetKeys", "The public keys of all tokens.", "Keys"),
    Call("get", f"{_A}/.well-known/openid-configuration", "GetOpenIdConfiguration",
         "What issues the tokens.", "OpenIdConfiguration"),
    Call("get", f"{_OWN}/auth/v1/jwks.json", "GetPluginKeys", "The public keys of its tokens.", "Keys"),
    Call("get", f"{_V}/userinfo", "GetUserInfo", "Who asks, and what counts as owned.", "UserInfo"),
    Call("get", f"{_OWN}/auth/v1/cookie", "GiveCookie", "A cookie for files that a browser loads by itself.",
         "CookieGiven"),
    Call("delete", f"{_OWN}/auth/v1/cookie", "TakeCookie", "Forget that cookie.", status=204),
    Call("get", f"{_V}/tokens", "GetTokens", "One's own personal tokens, without their secrets.", "Tokens"),
    Call("post", f"{_V}/tokens", "CreateToken", "Make a personal token; its secret is shown only here.",
         "CreatedToken", status=201, body="NewToken", errors=(409,)),
    Call("delete", f"{_V}/tokens/{{id}}", "RevokeToken", "Revoke a token.", status=204, errors=(404,)),
    Call("get", f"{_V}/sessions", "GetSessions", "Where one is signed in.", "Sessions"),
    Call("delete", f"{_V}/sessions", "RevokeSessions", "Sign out everywhere.", status=204,
         query=(("keep", "`current` spares this browser."),), errors=(400,)),
    Call("delete", f"{_V}/sessions/{{id}}", "RevokeSession", "Sign out one browser.", status=204,
         errors=(404,)),
)  # fmt: skip
_PERMISSIONS = (
    _permission("post", f"{_P}/authorize", "Authorize", "Whether who asks may do some things.",
        "Decisions", body="Asked"),
    _permission("get", f"{_META}/metadata", "GetPermissions", "The permissions and rules of a plugin.",
        "PluginPermissions"),
    _permission("post", f"{_META}/apply-conditions", "ApplyConditions",
        "Whether conditions hold for some resources; for plugins.", "Decisions", body="ConditionsAsked"),
    _permission("get", f"{_P}/policy", "GetPolicy", "The roles that are in force.", "Policy",
        errors=(304,), headers=(("If-None-Match", "The `ETag` of an earlier answer."),)),
    _permission("put", f"{_P}/policy", "PutPolicy", "Put other roles in force.", "Policy",
        body="NewPolicy", also=("application/yaml",), query=_COMMENT, headers=_BASED,
        errors=(409,)),
    _permission("get", f"{_P}/policy/versions", "GetPolicyVersions", "Every version, the newest first.",
        "PolicyVersions", query=(("before", "Only versions before this one."), ("limit",
        "At most so many.")),
        errors=(400,)),
    _permission("get", f"{_P}/policy/versions/{{version}}", "GetPolicyVersion", "One version.", "Policy",
        errors=(404,)),
    _permission("post", f"{_P}/policy/versions/{{version}}/restore", "RestorePolicyVersion",
        "Make a new version that is like an old one.", "PolicyVersion", body="Restoring", status=201,
        headers=_BASED, errors=(404, 409)),
    _permission("post", f"{_P}/explain", "Explain", "What a user may do, and why.", "Explanation",
        body="ToExplain", errors=(404,)),
    _permission("get", f"{_P}/roles", "GetRoles", "The roles, in the form of the community plugin.",
        "Roles"),
    _permission("post", f"{_P}/roles", "CreateRole", "Add a role, in that form.", body="Role", status=201,
        errors=(409,)),
    _permission("get", _ROLE, "GetRole", "One role, in that form.", "Roles", errors=(404,)),
    _permission("put", _ROLE, "UpdateRole", "Change a role, in that form.", body="RoleChange", errors=(404,
        409)),
    _permission("delete", _ROLE, "DeleteRole", "Delete a role, or take members from it.", status=204,
        errors=(404, 409),
        query=(("memberReferences", "Only this member; repeat it for more."),)),
    _permission("get", f"{_P}/policies", "GetRolePolicies", "What roles allow without conditions.",
        "RolePolicies"),
    _permission("get", f"{_P}/policies/{{kind}}/{{namespace}}/{{name}}", "GetPoliciesOfRole",
        "What one role allows without conditions.", "RolePolicies", errors=(404,)),
    _permission("get", f"{_P}/plugins/policies", "GetAllPermissions", "Every permission there is.",
        "AllPermissions"),
    _permission("get", f"{_P}/plugins/condition-rules", "GetAllRules", "Every rule there is.", "AllRules"),
)  # fmt: skip
_AUDIT = (
    Call("get", "/api/audit/events", "GetAuditEvents", "Events, the newest first.", "AuditEvents", "audit",
         query=(*_FILTER, ("cursor", "From `pageInfo`."), ("limit", "1 to 1000, 50 if nothing is said.")),
         errors=(400,)),
    *(
        Call("get", f"/api/audit/events.{ending}", f"ExportAuditEventsAs{name}", "All of them as a file.",
             media, "audit", query=_FILTER, errors=(400,))
        for ending, name, media in (("csv", "Csv", "text/csv"), ("jsonl", "Lines", "application/jsonl"))
    ),
)  # fmt: skip
_PLUGINS = (
    _plugin("get", "/api/plugins", "GetPlugins", "Every plugin that is here.", "Plugins"),
    _plugin("post", "/api/plugins", "InstallPlugin", "Install what was planned.", "Plugin",
        body="PluginConfirmed", status=201, errors=(409, 503)),
    _plugin("post", "/api/plugins/plan", "PlanPlugin", "What an installation would bring.", "PluginPlan",
        body="PluginSource", errors=(404, 409, 503)),
    _plugin("post", "/api/plugins/upload", "UploadPlugin", "Send a wheel, to be planned.", "PluginUpload",
        body="application/octet-stream", status=201, headers=(("X-Filename", "Its name."),)),
    _plugin("get", "/api/plugins/tasks", "GetTasks", "The scheduled tasks of all plugins.", "PluginTasks"),
    _plugin("get", "/api/plugins/{id}", "GetPlugin", "One plugin.", "Plugin", errors=(404,)),
    _plugin("delete", "/api/plugins/{id}", "RemovePlugin", "Undo an installation wholly.", status=204,
        errors=(404, 409)),
    _plugin("post", "/api/plugins/{id}/enable", "EnablePlugin", "Let a plugin run.", "Plugin", errors=(400,
        404, 409)),
    _plugin("post", "/api/plugins/{id}/disable", "DisablePlugin", "Keep a plugin from running.", "Plugin",
        errors=(400, 404, 409)),
    _plugin("post", "/api/plugins/{id}/rollback", "RollBackPlugin", "Go back to the former version.",
            "Plugin", errors=(404,)),
    _plugin("put", "/api/plugins/{id}/config", "ConfigurePlugin", "Lay a configuration over the files'.",
        "Plugin", body="PluginConfig", errors=(404, 409)),
    _plugin("get", f"{_OWN}/scheduler/v1/tasks", "GetTasksOfPlugin", "The scheduled tasks of a plugin.",
        "ScheduledTasks"),
    _plugin("post", f"{_OWN}/scheduler/v1/tasks/{{id}}/trigger", "TriggerTask", "Run a task soon.",
        status=202, errors=(404,)),
    _plugin("get", f"{_OWN}/actions/v1/actions", "GetActions", "What a plugin offers to agents.",
        "Actions"),
    _plugin("post", f"{_OWN}/actions/v1/actions/{{id}}/invoke", "InvokeAction", "Invoke an action.",
        "ActionOutput", body="AnyObject", errors=(404, 503)),
    _plugin("post", f"{_OWN}/actions/v2/actions/{{id}}/invoke", "InvokeActionWithSecrets",
        "Invoke an action, its input beside secrets.", "ActionOutput", body="ActionInput", errors=(404,
        503)),
)  # fmt: skip
_EVENTS = (
    Call("post", "/api/events/http/{topic}", "TakeEvent",
         "Hand in an event; the topics of source hosts are believed by their signatures.", "EventTaken",
         "events", 202, body="AnyValue", errors=(401, 404)),
)  # fmt: skip

_PIPELINES = (
    Call("get", "/api/pipelines/runs", "GetPipelineRuns", "The newest runs, the newest first.",
         "PipelineRuns", "pipelines", errors=(503,)),
    Call("post", "/api/pipelines/runs", "StartPipelineRun", "Run soon, on whichever node is free.",
         tag="pipelines", status=202, errors=(503,)),
    Call("get", "/api/pipelines/runs/{id}", "GetPipelineRun", "One run with its steps.", "PipelineRun",
         "pipelines", errors=(404, 503)),
    Call("get", "/api/pipelines/datasets", "GetPipelineDatasets",
         "Every dataset with its lineage, its freshness and its checks.", "PipelineDatasets", "pipelines",
         errors=(503,)),
    Call("post", "/api/analytics/events", "TakeUsageEvents",
         "Hand in usage events: one, a list of them, or an object with `events`.", "UsageEventsTaken",
         "insights", 202, body="AnyValue"),
    Call("get", "/api/insights", "GetInsights", "The reports there are.", "InsightReports", "insights"),
    Call("get", "/api/insights/{report}", "GetInsightReport", "The rows of a report.", "InsightReport",
         "insights", query=_DAYS, errors=(400, 404)),
    Call("get", "/api/insights/{report}/rows.csv", "ExportInsightReport", "The same as a file.", "text/csv",
         "insights", query=_DAYS, errors=(400, 404)),
)  # fmt: skip

OPERATIONS: tuple[Call, ...] = (*_SIGN_IN, *_PERMISSIONS, *_AUDIT, *_PLUGINS, *_EVENTS, *_PIPELINES)
