"""API type mcp-server: its remotes, with what a client needs to be told."""

from __future__ import annotations

import json

from callboard.portal.apidocs.mcp import read_mcp


def test_a_remote_comes_with_configurations_to_copy() -> None:
    server = read_mcp({"remotes": [{"type": "streamable-http", "url": "https://a.example/mcp"}]}, "quay")
    (remote,) = server.remotes
    assert remote.transport == "Streamable HTTP"
    expected = {"quay": {"type": "http", "url": "https://a.example/mcp"}}
    assert json.loads(remote.configuration) == {"mcpServers": expected}
    assert json.loads(remote.editor) == {"servers": expected}


def test_a_url_that_no_client_can_call_gets_no_configuration() -> None:
    remotes = [{"type": "sse", "url": "javascript:alert(1)"}, {"url": "http://[bad"}, 7]
    server = read_mcp({"remotes": remotes}, "quay")
    assert [remote.configuration for remote in server.remotes] == ["", "", ""]
    assert [problem.field for problem in server.problems] == [f"spec.remotes[{n}].url" for n in range(3)]


def test_a_server_without_remotes_says_so() -> None:
    assert read_mcp({}, "quay").problems[0].field == "spec.remotes"
