"""AsyncAPI 2 and 3: channels, operations from the application's side, messages."""

from __future__ import annotations

import json

from callboard.portal.apidocs.asyncapi import AsyncApi, read_asyncapi
from tests.portal.apidocs.rendering import EXAMPLE

VERSION_2 = """\
asyncapi: 2.6.0
info: {title: Signals, version: 1.0.0, license: {name: Apache-2.0}}
defaultContentType: application/json
servers:
  shore: {url: 'mqtt://{site}.example.com', protocol: mqtt, variables: {site: {default: quay}}}
channels:
  signals/{ship}:
    description: Light signals
    parameters:
      ship: {description: Which ship, schema: {type: string, enum: [a, b]}}
    publish:
      operationId: hearSignal
      message: {oneOf: [{$ref: '#/components/messages/Signal'}, {name: Silence, payload: {type: 'null'}}]}
    subscribe:
      summary: Repeats what was heard
      message: {$ref: '#/components/messages/Signal'}
components:
  messages:
    Signal:
      traits: [{$ref: '#/components/messageTraits/Traced'}]
      payload: {$ref: '#/components/schemas/Signal'}
  messageTraits:
    Traced: {headers: {type: object, properties: {trace: {type: string}}}}
  schemas:
    Signal: {type: object, properties: {text: {type: string}, answers: {$ref: '#/components/schemas/Signal'}}}
"""


def read(source: str) -> AsyncApi:
    found = read_asyncapi(source)
    assert isinstance(found, AsyncApi)
    return found


def test_version_2_is_turned_to_the_side_of_the_application() -> None:
    (channel,) = read(VERSION_2).channels
    assert [(one.action, one.id) for one in channel.operations] == [("receive", "hearSignal"), ("send", "")]
    assert [one.name for one in channel.operations[0].messages] == ["Signal", "Silence"]
    assert channel.parameters[0].values == ("a", "b")


def test_messages_take_what_their_traits_say() -> None:
    message = read(VERSION_2).channels[0].operations[1].messages[0]
    assert message.headers is not None
    assert [field.name for field in message.headers.fields] == ["trace"]
    assert message.payload is not None
    assert message.payload.target == "schema-Signal"
    assert message.content_type == "application/json"
    assert json.loads(message.examples[0][1])["text"] == "text"


def test_servers_have_their_variables_filled_in() -> None:
    assert [server.url for server in read(VERSION_2).servers] == ["mqtt://quay.example.com"]


def test_version_3_joins_operations_and_channels() -> None:
    api = read((EXAMPLE / "boarding" / "asyncapi.yaml").read_text())
    boarding, departures = api.channels
    assert api.specification == "AsyncAPI 3.0.0"
    assert (boarding.address, boarding.operations[0].action) == ("boarding.{sailing}", "send")
    assert [one.name for one in boarding.operations[0].messages] == ["PartyBoarded", "PartyTurnedBack"]
    assert boarding.messages == ()
    assert departures.operations[0].id == "announceDeparture"
    assert api.servers[0].url == "kafka://bus.lanternline.example.com:9092"
    assert api.problems == ()


def test_an_operation_on_a_channel_that_is_not_there_is_a_problem_with_a_place() -> None:
    api = read(
        "asyncapi: 3.0.0\nchannels:\n  a: {address: a}\noperations:\n"
        "  lost: {action: send, channel: {$ref: '#/channels/b'}}\n"
    )
    assert [(str(problem.message), problem.line) for problem in api.problems] == [
        ("there is no channel b", 5)
    ]


def test_a_payload_in_another_language_is_shown_as_it_is() -> None:
    api = read(
        "asyncapi: 3.0.0\nchannels: {a: {address: a, messages: {m: {payload: {schemaFormat: "
        "'application/vnd.apache.avro;version=1.9.0', schema: {type: record, name: R}}}}}}\n"
    )
    (message,) = api.channels[0].messages
    assert message.payload is None
    assert "avro" in message.language
    assert json.loads(message.payload_text)["type"] == "record"
