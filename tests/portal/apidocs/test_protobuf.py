"""Protobuf: services, messages and enums of proto2, proto3 and editions, with comments as descriptions."""

from __future__ import annotations

from callboard.portal.apidocs.protobuf import read_protobuf
from tests.portal.apidocs.rendering import EXAMPLE

PROTO = """\
// All rights of the harbour.

syntax = "proto3";
package harbour.v1;
import public "google/protobuf/empty.proto";
import "other.proto";
option go_package = "example.com/harbour;harbour";

/*
 * Talks to pilots.
 * In any weather.
 */
service Pilots {
  option deprecated = true;
  // Asks for one.
  rpc Call(stream CallRequest) returns (stream .harbour.v1.CallReply) {
    option (google.api.http) = {
      post: "/v1/{name=ships/*}:call"
      additional_bindings { get: "/v1/call" }
    };
  }
  rpc Leave(google.protobuf.Empty) returns (CallReply) { option deprecated = true; }
  rpc Odd(stream) returns (CallReply);
}

message CallRequest { // What a ship says
  // Which ship.
  string ship = 1 [deprecated = true, (validate.rules).string = {min_len: 1, pattern: "a;b]"}];
  repeated int32 depths = 2; // in metres
  map<string, Place> places = 3;
  oneof way {
    Place berth = 4;
    string buoy = 5;
  }
  message Place { Kind kind = 1; Inner inner = 2; message Inner { bool x = 1; } }
  enum Kind {
    KIND_UNSPECIFIED = 0; /* Stone */ QUAY = 0x1; NEGATIVE = -1 [deprecated = true]; reserved 5 to 9;
  }
  reserved 8, 10 to 12;
  reserved "old";
}
message CallReply {}
"""


def test_the_file_says_what_it_is() -> None:
    file = read_protobuf(PROTO)
    assert (file.syntax, file.package) == ("proto3", "harbour.v1")
    assert file.imports == ("google/protobuf/empty.proto", "other.proto")
    assert file.options == ('go_package = "example.com/harbour;harbour"',)
    assert file.problems == ()


def test_methods_say_what_streams_and_link_to_messages() -> None:
    (service,) = read_protobuf(PROTO).services
    assert service.description == "Talks to pilots.\nIn any weather."
    assert service.deprecated
    call, leave, odd = service.methods
    assert (call.request_stream, call.response_stream, call.description) == (True, True, "Asks for one.")
    assert (call.request_target, call.response_target) == ("type-CallRequest", "type-CallReply")
    assert 'get : "/v1/call"' in call.options[0]
    assert (leave.request_target, leave.deprecated) == ("", True)
    assert (odd.request, odd.request_stream) == ("stream", False)


def test_fields_have_labels_maps_oneofs_comments_and_options() -> None:
    request = read_protobuf(PROTO).messages[0]
    assert request.description == "What a ship says"
    fields = {field.name: field for field in request.fields}
    assert list(fields) == ["ship", "depths", "places", "berth", "buoy"]
    assert (fields["ship"].description, fields["ship"].deprecated) == ("Which ship.", True)
    assert fields["ship"].options == ('(validate.rules).string = { min_len : 1 , pattern : "a;b]" }',)
    assert (fields["depths"].label, fields["depths"].description) == ("repeated", "in metres")
    assert (fields["places"].type, fields["places"].target) == (
        "map<string, Place>",
        "type-CallRequest.Place",
    )
    assert (fields["berth"].oneof, fields["buoy"].oneof) == ("way", "way")
    assert request.reserved == ("reserved 8 , 10 to 12", 'reserved "old"')


def test_names_are_looked_up_from_the_innermost_scope() -> None:
    file = read_protobuf(PROTO)
    assert [one.name for one in file.messages] == [
        "CallRequest",
        "CallRequest.Place",
        "CallRequest.Place.Inner",
        "CallReply",
    ]
    place = file.messages[1]
    assert [field.target for field in place.fields] == [
        "type-CallRequest.Kind",
        "type-CallRequest.Place.Inner",
    ]


def test_enums_have_numbers_of_every_notation() -> None:
    (kind,) = read_protobuf(PROTO).enums
    assert [(value.name, value.number, value.description, value.deprecated) for value in kind.values] == [
        ("KIND_UNSPECIFIED", "0", "", False),
        ("QUAY", "0x1", "Stone", False),
        ("NEGATIVE", "-1", "", True),
    ]


def test_proto2_has_groups_extensions_and_defaults() -> None:
    file = read_protobuf(
        'syntax = "proto2";\nmessage A { required int32 a = 1 [default = -4]; repeated group Part = 2 '
        "{ optional string s = 3; } extensions 100 to max; }\nextend A { optional B b = 101; } "
        "message B {}"
    )
    assert file.problems == ()
    names = [(one.name, one.extends) for one in file.messages]
    assert names == [("A", False), ("A.Part", False), ("A", True), ("B", False)]
    a, _, extension, _ = file.messages
    assert a.fields[0].options == ("default = - 4",)
    assert a.fields[1].target == "type-A.Part"
    assert extension.fields[0].target == "type-B"
    assert len({one.anchor for one in file.messages}) == 4


def test_editions_are_read() -> None:
    file = read_protobuf(
        'edition = "2023";\noption features.field_presence = IMPLICIT;\n'
        "message A { reserved foo, bar; string s = 1 [features = { utf8_validation: NONE }]; }\n"
    )
    assert (file.syntax, file.problems) == ("edition 2023", ())
    assert file.messages[0].reserved == ("reserved foo , bar",)


def test_one_bad_line_hides_no_sibling() -> None:
    file = read_protobuf("message A {\n  string a = ;\n  int32 b = 2;\n}\nnonsense here;\nmessage B {}\n")
    assert [(problem.line, problem.column) for problem in file.problems] == [(2, 14), (5, 1)]
    assert [one.name for one in file.messages] == ["A", "B"]
    assert [field.name for field in file.messages[0].fields] == ["b"]


def test_a_file_that_ends_too_early_is_shown_as_far_as_it_goes() -> None:
    file = read_protobuf("message A {\n  string a = 1;\n")
    assert file.problems[0].message == 'this "{" is not closed'
    assert [field.name for field in file.messages[0].fields] == ["a"]


def test_what_cannot_be_protobuf_is_named() -> None:
    assert "cannot stand here" in read_protobuf("message A { $ }").problems[0].message
    assert "not closed" in read_protobuf('syntax = "proto3').problems[0].message
    assert read_protobuf("// nothing").problems[0].message.startswith("there is no service")


def test_the_example_is_read_whole() -> None:
    file = read_protobuf((EXAMPLE / "ticketing" / "fares.proto").read_text())
    assert [method.name for method in file.services[0].methods] == ["Quote", "Compare", "ListRules"]
    assert file.services[0].methods[1].response_stream
    assert file.problems == ()
