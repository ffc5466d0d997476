"""Configuration as Backstage reads it: order, substitution, references, overrides, and its mistakes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callboard.core.config import Config, ignored_keys, load_config
from callboard.core.errors import ConfigError

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def problems(path: Path, env: Mapping[str, str] | None = None) -> list[tuple[str, str, int | None, str]]:
    with pytest.raises(ConfigError) as caught:
        load_config([path], env or {})
    return [
        (Path(problem.source or "").name, problem.field, problem.line, problem.message)
        for problem in caught.value.problems
    ]


def test_mappings_merge_and_all_else_replaces(write: Write) -> None:
    first = write("a.yaml", "app: {title: A, list: [1, 2], deep: {x: 1, y: 2}}\nonly: 1\n")
    second = write("b.yaml", "app: {list: [3], deep: {y: 3, z: {w: 4}}}\n")
    assert load_config([first, second], {}).data == {
        "app": {"title": "A", "list": [3], "deep": {"x": 1, "y": 3, "z": {"w": 4}}},
        "only": 1,
    }


def test_null_in_a_later_file_unsets(write: Write) -> None:
    first, second = write("a.yaml", "a: {b: 1, c: 2}\n"), write("b.yaml", "a: {b: null}\n")
    config = load_config([first, second], {})
    assert config.data == {"a": {"c": 2}}
    assert config.get("a.b", "default") == "default"


def test_the_local_file_comes_last_beside_an_app_config(write: Write) -> None:
    main, other = write("app-config.yaml", "a: 1\nb: 1\nc: 1\n"), write("x/production.yaml", "b: 2\nc: 2\n")
    write("app-config.local.yaml", "c: 3\n")
    write("x/app-config.local.yaml", "b: 9\n")
    assert load_config([main, other], {}).data == {"a": 1, "b": 2, "c": 3}
    assert load_config([main, other], {}, include_local=False).data == {"a": 1, "b": 2, "c": 2}
    assert load_config([other], {}).data == {"b": 2, "c": 2}


def test_a_local_file_that_is_given_is_not_read_twice(write: Write) -> None:
    main, local = write("app-config.yaml", "a: 1\n"), write("app-config.local.yaml", "a: 2\n")
    assert load_config([local, main], {}).data == {"a": 1}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("${HOST}", "example.org"),
        ("http://${HOST}:${PORT}/", "http://example.org:80/"),
        ("${ HOST }", "example.org"),
        ("${NONE:-fallback}", "fallback"),
        ("${NONE:-}", ""),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY}", ""),
        ("${HOST:-x}", "example.org"),
        ("$${HOST}", "${HOST}"),
        ("a $${X} ${PORT}", "a ${X} 80"),
        ("${URL:-http://x:1/a-b}", "http://x:1/a-b"),
        ("${NESTED}", "${HOST}"),
        ("$HOST {HOST} $", "$HOST {HOST} $"),
        ("x ${NONE} y", None),
    ],
)
def test_variables_are_substituted_in_text(write: Write, written: str, read: str | None) -> None:
    env = {"HOST": " example.org\n", "PORT": "80", "EMPTY": "", "NESTED": "${HOST}"}
    config = load_config([write("a.yaml", f"a: '{written}'\nlist: ['{written}', 1]\n")], env)
    assert config.data == ({"list": [1]} if read is None else {"a": read, "list": [read, 1]})


def test_an_unset_variable_leaves_the_value_of_an_earlier_file(write: Write) -> None:
    first, second = write("a.yaml", "a: 1\n"), write("b.yaml", "a: ${NONE}\n")
    assert load_config([first, second], {}).data == {"a": 1}


def test_references_are_filled_in_relative_to_their_file(write: Write) -> None:
    path = write(
        "conf/app.yaml",
        "env: {$env: TOKEN}\nnone: {$env: NONE}\nfile: {$file: ./secret.txt}\nhere: {$file: '${NAME}.txt'}\n"
        "part: {$include: ../more/x.yaml#a.b}\nwhole: {$include: ../more/y.json}\n"
        "scalar: {$include: ../more/x.yaml#word}\nabsent: {$include: ../more/x.yaml#nothing}\n",
    )
    write("conf/secret.txt", "s3cret \r\n\n")
    write("more/x.yaml", "a: {b: {token: '${TOKEN}', f: {$file: in-more.txt}}}\nword: w-${TOKEN}\n")
    write("more/in-more.txt", "more\u2028text\n")
    write("more/y.json", '{"n": 1.0,\t"deep": [{"t": "${TOKEN}"}]}')
    config = load_config([path], {"TOKEN": "t", "NAME": "secret"})
    assert config.data == {
        "env": "t",
        "file": "s3cret",
        "here": "s3cret",
        "part": {"token": "t", "f": "more\u2028text"},
        "whole": {"n": 1, "deep": [{"t": "t"}]},
        "scalar": "w-t",
    }
    assert config.where("part.token") == (str(path.parent / ".." / "more" / "x.yaml"), 1)


def test_overrides_of_the_environment_win(write: Write) -> None:
    path = write("a.yaml", "backend: {baseUrl: x, listen: {port: 1}}\n")
    env = {
        "APP_CONFIG_backend_baseUrl": "http://y",
        "APP_CONFIG_backend_listen_port": "7",
        "APP_CONFIG_on": "true",
        "APP_CONFIG_quoted": '"7"',
        "APP_CONFIG_list": '[1.0, {"a": "${X}"}]',
        "APP_CONFIG_nan": "NaN",
        "APP_CONFIG_empty": "",
        "APP_CONFIG_with-dash": "1",
        "APP_CONFIGURATION": "1",
    }
    config = load_config([path], env)
    assert config.data == {
        "backend": {"baseUrl": "http://y", "listen": {"port": 7}},
        "on": True,
        "quoted": "7",
        "list": [1, {"a": "${X}"}],
        "nan": "NaN",
        "with-dash": 1,
    }
    assert config.where("backend.baseUrl") == ("APP_CONFIG_backend_baseUrl", None)
    assert config.folder_of("backend.baseUrl") == path.parent
    assert load_config([], {"APP_CONFIG_a": "1"}).data == {"a": 1}


@pytest.mark.parametrize(
    "env",
    [
        {"APP_CONFIG_a": "1", "APP_CONFIG_a_b": "2"},
        {"APP_CONFIG_a": '{"b": 1}', "APP_CONFIG_a_b": "2"},
        {"APP_CONFIG_": "1"},
        {"APP_CONFIG_a__b": "1"},
        {"APP_CONFIG_1": "1"},
        {"APP_CONFIG_a": "null"},
        {"APP_CONFIG_a": '{"__proto__": {"x": 1}}'},
    ],
)
def test_overrides_that_cannot_be_used_are_named(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="APP_CONFIG_"):
        load_config([], env)


def test_all_mistakes_of_all_files_are_listed_together(write: Write) -> None:
    path = write(
        "app-config.yaml",
        "a:\n  b: {$file: nowhere.txt}\n  c: {$unknown: x}\nd: {$env: X, e: 1}\nf: {$env: [1]}\n"
        "g: {$include: x.txt}\nh: {$include: self.yaml#h}\ni: {$include: ok.yaml#a.b}\n__proto__: {x: 1}\n"
        "j: {$include: broken.yaml}\n",
    )
    write("self.yaml", "h: {again: {$include: self.yaml#h}}\n")
    write("ok.yaml", "a: 1\n")
    write("broken.yaml", "x: 1\ny: [\n")
    write("app-config.local.yaml", "- 1\n")
    assert problems(path) == [
        ("app-config.yaml", "__proto__", 9, "this key is not allowed"),
        ("app-config.yaml", "a.b", 2, '"nowhere.txt" cannot be read: No such file or directory'),
        ("app-config.yaml", "a.c", 3, "unknown reference $unknown; known are $env, $file, $include"),
        ("app-config.yaml", "d", 4, "$env must stand alone in its mapping"),
        ("app-config.yaml", "f", 5, "$env must be text"),
        ("app-config.yaml", "g", 6, "$include reads only .yaml, .yml and .json files; use $file"),
        ("self.yaml", "h.again", 1, "$include leads back to itself"),
        ("app-config.yaml", "i", 8, '$include "ok.yaml#a.b" leads into what is no mapping'),
        ("broken.yaml", "", 2, 'what began with "…" is not closed'),
        ("app-config.local.yaml", "", 1, "the file must hold a mapping"),
    ]


def test_a_file_that_includes_itself_is_refused(write: Write) -> None:
    path = write("a.yaml", "a: {$include: b.yaml}\n")
    write("b.yaml", "b: {$include: ./x/../a.yaml}\n")
    write("x/unused", "")
    assert problems(path)[0][3] == "$include leads back to itself"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "cannot be read"),
        ("syntax", "a: [1\n", "not closed"),
        ("two documents", "a: 1\n---\nb: 2\n", "only one document"),
        ("text", "hello\n", "must hold a mapping"),
        ("binary", b"\xff\xfe\x00", "UTF-16"),
        ("duplicate", "a: 1\na: 2\n", "occurs twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    write: Write, tmp_path: Path, name: str, content: str | bytes | None, message: str
) -> None:
    path = tmp_path / "a.yaml" if content is None else write("a.yaml", content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config([path], {})
    assert caught.value.problems[0].source == str(path)


@pytest.mark.parametrize("content", ["", "# nothing\n", "{}\n"])
def test_an_empty_file_is_an_empty_configuration(write: Write, content: str) -> None:
    assert load_config([write("a.yaml", content)], {}).data == {}


SECRET = "918273645546372819918273645546372819"


@pytest.mark.parametrize(
    "content",
    [
        f"token: {SECRET}\n",
        f"token: !x{SECRET} y\n",
        f"token: *x{SECRET}\n",
        f"token: {{ {SECRET}: 1, {SECRET}: 2 }}\n",
        f"token: '{SECRET}\n",
        f"token: a: {SECRET}\n",
    ],
)
def test_a_syntax_error_shows_no_secret(write: Write, content: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config([write("a.yaml", content)], {})
    assert SECRET not in str(caught.value)


def test_getters_and_repr_show_no_secret(write: Write) -> None:
    path = write("a.yaml", "a: {token: '${T}', deep: {$file: secret.txt}}\n")
    write("secret.txt", SECRET)
    config = load_config([path], {"T": SECRET, "APP_CONFIG_b": SECRET + "x"})
    assert SECRET not in repr(config)
    for getter in (config.boolean, config.integer, config.mapping, config.sequence, config.duration):
        with pytest.raises(ConfigError) as caught:
            getter("a.token" if getter != config.integer else "b")
        assert SECRET not in str(caught.value)


@pytest.fixture
def config(write: Write) -> Config:
    path = write(
        "app-config.yaml",
        "backend:\n  port: 7007\n  on: 'True'\n  off: false\n  wait: 1h 30m\n  text: '8'\n"
        "catalog:\n  rules:\n    - allow: [A, B]\n  empty:\nproxy:\n  /a.b: {target: x}\n",
    )
    write("other/more.yaml", "catalog: {locations: [{target: ./x.yaml}]}\n")
    return load_config([path, path.parent / "other" / "more.yaml"], {})


def test_values_are_got_by_dotted_key(config: Config) -> None:
    assert config.get("catalog.rules[0].allow[1]") == "B"
    assert config.get("catalog.rules[1]", "none") == "none"
    assert config.get("catalog.rules.allow") is None
    assert config.get(("proxy", "/a.b", "target")) == "x"
    assert config.string("catalog.rules[0].allow[0]") == "A"
    assert config.integer("backend.port") == 7007
    assert config.integer("backend.text") == 8
    assert config.boolean("backend.on") is True
    assert config.boolean("backend.off") is False
    assert config.duration("backend.wait").total_seconds() == 5400
    assert config.mapping("backend")["port"] == 7007
    assert config.sequence("catalog.locations") == [{"target": "./x.yaml"}]
    assert config.string("absent", None) is None
    assert config.sequence("catalog.empty", []) == []


def test_a_wrong_type_is_named_with_its_place(config: Config, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.boolean("backend.port")
    problem = caught.value.problems[0]
    assert (problem.source, problem.line, problem.column) == (str(tmp_path / "app-config.yaml"), 2, 3)
    assert (problem.field, problem.message) == ("backend.port", "must be true or false, not a number")
    with pytest.raises(ConfigError, match=r":1:1: backend\.x: text is required here"):
        config.string("backend.x")
    with pytest.raises(ConfigError, match="must be a whole number, not true or false"):
        config.integer("backend.off")


def test_every_value_knows_its_file_line_and_folder(config: Config, tmp_path: Path) -> None:
    assert config.where("catalog.rules[0]") == (str(tmp_path / "app-config.yaml"), 9)
    assert config.where("catalog.rules[5]") == (str(tmp_path / "app-config.yaml"), 8)
    assert config.where("catalog.locations[0].target") == (str(tmp_path / "other" / "more.yaml"), 1)
    assert config.folder_of("catalog.locations[0].target") == tmp_path / "other"
    assert config.folder_of("catalog.rules") == tmp_path
    assert load_config([], {}).where("a") is None


def test_what_readers_change_does_not_change_the_configuration(config: Config) -> None:
    config.data["backend"]["port"] = 1
    config.get("catalog.rules").append(1)
    assert config.integer("backend.port") == 7007
    assert len(config.sequence("catalog.rules")) == 1


def test_keys_that_nobody_claims_are_listed_once_and_shallow() -> None:
    data = {
        "app": {"title": "x", "y": {"z": 1}},
        "catalog": {"rules": [], "other": {"a": 1}},
        "techdocs": {"b": 1},
    }
    assert ignored_keys(data, {"catalog.rules", "app.y.z"}) == ["app.title", "catalog.other", "techdocs"]
    assert ignored_keys(data, {"app", "catalog", "techdocs"}) == []
    assert ignored_keys({"catalog": "text"}, {"catalog.rules"}) == []
    assert ignored_keys({"catalogue": {}}, {"catalog.rules"}) == ["catalogue"]
